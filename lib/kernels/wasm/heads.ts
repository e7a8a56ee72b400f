/**
 * Sums of a binary head, by counting bits, and of a table head, by adding up table rows. A unit of work is a row of the output.
 *
 * @module
 */
import { type Code, I32, i32, type I32x4, i32x4, I8x16 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";
import { forVectors, storeLeft } from "./vectors.ts";

/** A vector holds so many counts of a byte's bits without overflow. */
const vectorsPerCount = 31;

/** About how long sixteen bytes of one code and one row of signs take, and four sums of a table's row. */
const nanosecondsPerCount = 2, nanosecondsPerLookup = 0.5;

/** Vectors of sums that are kept at a time while the tables are gone through. */
const widestStrip = 4;

const byteNumbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** Adds popcount_matmul. */
export function definePopcountMatmul(target: KernelModule): void {
  const parameters = { bytes: I32, outputs: I32, codes: I32, signs: I32, out: I32 };
  defineKernel(target, "popcount_matmul", parameters, (code, p, { start, end }) => {
    const width = code.let(p.outputs.shiftLeft(2));
    code.for(start, end, 1, (index) => {
      const row = code.let(p.codes.add(index.multiply(p.bytes)));
      const out = code.let(p.out.add(index.multiply(width)));
      const [count] = countBits(code, row, p.bytes, [undefined]);
      const all = acrossFour(code, [count, count, count, count]);
      forVectors(code, 0, width, (at, left) => {
        const output = code.let(at.shiftRight(2)), last = code.let(p.outputs.subtract(1));
        // Beyond the last output the last row of signs is counted again, for lanes that are not stored.
        const signs = [0, 1, 2, 3].map((lane) =>
          code.let(p.signs.add(output.add(lane).minimum(last).multiply(p.bytes)))
        );
        const positive = acrossFour(code, countBits(code, row, p.bytes, signs));
        storeLeft(code, out.add(at), positive.shiftLeft(1).subtract(all).asFloats(), left);
      });
    });
  });
}

/** For each row of signs the number of bits that it and the code have both set, in parts; of the code alone where there is no row. */
function countBits(code: Code, row: I32, bytes: I32, signs: readonly (I32 | undefined)[]): I32x4[] {
  const counts = signs.map(() => code.let(i32x4(0, 0, 0, 0)));
  code.for(0, bytes, 16 * vectorsPerCount, (first) => {
    const last = code.let(first.add(16 * vectorsPerCount).minimum(bytes));
    const sums = signs.map(() => code.let(I8x16.constant(new Uint8Array(16))));
    code.for(first, last, 16, (at) => {
      const isByte = I8x16.splat(last.subtract(at).minimum(16)).greater(I8x16.constant(byteNumbers));
      const bits = code.let(I8x16.load(row.add(at)).and(isByte));
      sums.forEach((sum, index) => {
        const sign = signs[index];
        const both = sign === undefined ? bits : bits.and(I8x16.load(sign.add(at)));
        code.set(sum, sum.add(both.popcount()));
      });
    });
    counts.forEach((count, index) => code.set(count, count.add(sums[index].pairSumsUnsigned().pairSums())));
  });
  return counts;
}

/** The sums over the lanes of four vectors. */
function acrossFour(code: Code, [a, b, c, d]: readonly I32x4[]): I32x4 {
  const combine = (x: I32x4, y: I32x4, first: readonly number[], second: readonly number[]): I32x4 => {
    const left = x.asFloats(), right = y.asFloats();
    return code.let(left.shuffle(right, first).bits().add(left.shuffle(right, second).bits()));
  };
  const ab = combine(a, b, [0, 4, 1, 5], [2, 6, 3, 7]), cd = combine(c, d, [0, 4, 1, 5], [2, 6, 3, 7]);
  return combine(ab, cd, [0, 1, 4, 5], [2, 3, 6, 7]);
}

/** Adds lookup_sums_float and lookup_sums_integer. */
export function defineLookupSums(target: KernelModule): void {
  const parameters = { functions: I32, bits: I32, outputs: I32, indices: I32, tables: I32, out: I32 };
  for (const type of ["float", "integer"]) {
    defineKernel(target, `lookup_sums_${type}`, parameters, (code, p, { start, end }) => {
      const width = code.let(p.outputs.shiftLeft(2)), indexBytes = code.let(p.functions.shiftLeft(2));
      const mask = code.let(i32(1).shiftLeft(p.bits).subtract(1)), tableBytes = code.let(width.shiftLeft(p.bits));
      code.for(start, end, 1, (row) => {
        const indices = code.let(p.indices.add(row.multiply(indexBytes)));
        const out = code.let(p.out.add(row.multiply(width)));
        const at = code.let(i32(0));

        /** Sums so many vectors of outputs from `at` on. */
        const strip = (vectors: number): void => {
          const sums = Array.from({ length: vectors }, () => code.let(i32x4(0, 0, 0, 0)));
          const table = code.let(p.tables.add(at));
          code.for(indices, code.let(indices.add(indexBytes)), 4, (index) => {
            const entry = code.let(table.add(index.loadI32().and(mask).multiply(width)));
            sums.forEach((sum, vector) => {
              const values = entry.loadF32x4(16 * vector);
              code.set(sum, type === "float" ? sum.asFloats().add(values).bits() : sum.add(values.bits()));
            });
            code.increase(table, tableBytes);
          });
          sums.forEach((sum, vector) => {
            const to = out.add(at).add(16 * vector);
            if (vector < vectors - 1) code.store(to, sum);
            else storeLeft(code, to, sum.asFloats(), code.let(width.subtract(at).subtract(16 * vector)));
          });
          code.increase(at, 16 * vectors);
        };
        code.while(width.above(at.add(16 * widestStrip)), () => strip(widestStrip));
        for (let vectors = widestStrip; vectors > 0; vectors--) {
          code.if(at.add(16 * (vectors - 1)).below(width), () => strip(vectors));
        }
      });
    });
  }
}

/** See {@linkcode Kernels.popcountMatmul}. */
export function popcountMatmul(
  engine: Engine,
  { codes, signs, out }: { codes: Uint8Array; signs: Uint8Array; out: Int32Array },
  { rows, bytes, outputs }: { rows: number; bytes: number; outputs: number },
): void {
  const { operands } = engine;
  const addresses = [operands.input(codes, rows * bytes), operands.input(signs, outputs * bytes)];
  addresses.push(operands.output(out, rows * outputs));
  const nanoseconds = nanosecondsPerCount * rows * outputs * Math.ceil(bytes / 16);
  engine.run("popcount_matmul", { units: rows, nanoseconds }, [bytes, outputs, ...addresses]);
}

/** See {@linkcode Kernels.lookupSums}. */
export function lookupSums(
  engine: Engine,
  { indices, tables, out }: {
    indices: Int32Array;
    tables: Float32Array | Int32Array;
    out: Float32Array | Int32Array;
  },
  { rows, functions, bits, outputs }: { rows: number; functions: number; bits: number; outputs: number },
): void {
  const { operands } = engine;
  const addresses = [
    operands.input(indices, rows * functions),
    operands.input(tables, functions * 2 ** bits * outputs),
  ];
  addresses.push(operands.output(out, rows * outputs));
  const kernel = `lookup_sums_${tables instanceof Float32Array ? "float" : "integer"}`;
  const nanoseconds = nanosecondsPerLookup * rows * functions * Math.ceil(outputs / 4);
  engine.run(kernel, { units: rows, nanoseconds }, [functions, bits, outputs, ...addresses]);
}
