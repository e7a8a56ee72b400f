/**
 * Kernels over binary codes and bytes: the sums of a binary head, by counting bits, and of a table head, by adding up table rows; packing; the gathering of rows
 * as floats.
 *
 * @module
 */
import { type Code, F32, I16x8, I32, i32, type I32x4, i32x4, I8x16 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, forVectors, type KernelModule, multiplyAdd, storeLeft } from "./kernel.ts";

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

/** About how long a bit takes. */
const nanosecondsPerBit = 0.2;

/** Adds pack_bits; a unit of work is a row. */
export function definePackBits(target: KernelModule): void {
  const parameters = { bits: I32, values: I32, thresholds: I32, out: I32 };
  defineKernel(target, "pack_bits", parameters, (code, p, { start, end }) => {
    const stride = code.let(p.bits.add(7).shiftRight(3));
    code.for(start, end, 1, (index) => {
      const values = code.let(p.values.add(index.multiply(p.bits).shiftLeft(2)));
      const out = code.let(p.out.add(index.multiply(stride)));
      const at = code.let(i32(0));
      /** All ones where one of eight values from `at` on is above its threshold. */
      const eight = (offset: number): I16x8 => {
        const value = values.add(at.shiftLeft(2)), threshold = p.thresholds.add(at.shiftLeft(2));
        const four = (from: number): I32x4 => value.loadF32x4(from).greater(threshold.loadF32x4(from));
        return I16x8.narrow(four(offset), four(offset + 16));
      };
      code.while(at.add(15).below(p.bits), () => {
        code.storeI16(out.add(at.shiftRight(3)), I8x16.narrow(eight(0), eight(32)).signBits());
        code.increase(at, 16);
      });
      code.while(at.below(p.bits), () => {
        const inside = i32(1).shiftLeft(p.bits.subtract(at).minimum(8)).subtract(1);
        code.storeI8(out.add(at.shiftRight(3)), I8x16.narrow(eight(0), I16x8.zero()).signBits().and(inside));
        code.increase(at, 8);
      });
    });
  });
}

/** See {@linkcode Kernels.packBits}. */
export function packBits(
  engine: Engine,
  { values, thresholds, out }: { values: Float32Array; thresholds: Float32Array | Int32Array; out: Uint8Array },
  { rows, bits }: { rows: number; bits: number },
): void {
  const { operands } = engine;
  const floats = thresholds instanceof Float32Array ? thresholds : roundedDown(thresholds);
  const addresses = [operands.input(values, rows * bits), operands.input(floats, bits)];
  addresses.push(operands.output(out, rows * ((bits + 7) >> 3)));
  engine.run("pack_bits", { units: rows, nanoseconds: nanosecondsPerBit * rows * bits }, [bits, ...addresses]);
}

/** For each integer the largest float32 that is not above it: a float32 is above the one when it is above the other. */
function roundedDown(integers: Int32Array): Float32Array {
  const floats = new Float32Array(integers.length), patterns = new Int32Array(floats.buffer);
  for (let index = 0; index < integers.length; index++) {
    const integer = integers[index];
    floats[index] = integer;
    if (floats[index] > integer) patterns[index] += integer > 0 ? -1 : 1;
  }
  return floats;
}

/** Adds gather_bytes and gather_signs. */
export function defineGather(target: KernelModule): void {
  const bytes = { columns: I32, source: I32, rows: I32, out: I32, factor: F32, offset: F32 };
  defineKernel(target, "gather_bytes", bytes, (code, p, { start, end }) => {
    const factor = code.let(p.factor.splat()), offset = code.let(p.offset.splat());
    forGathered(code, { start, end, rows: p.rows, width: p.columns }, (row, out) => {
      const from = code.let(p.source.add(row.multiply(p.columns)));
      forVectors(code, 0, code.let(p.columns.shiftLeft(2)), (at, left) => {
        const values = from.add(at.shiftRight(2)).loadU8x4().toFloats();
        storeLeft(code, p.out.add(out).add(at), multiplyAdd(target.features, values, factor, offset), left);
      });
    });
  });

  const signs = { bits: I32, codes: I32, rows: I32, out: I32 };
  defineKernel(target, "gather_signs", signs, (code, p, { start, end }) => {
    const stride = code.let(p.bits.add(7).shiftRight(3));
    const masks = i32x4(1, 2, 4, 8);
    forGathered(code, { start, end, rows: p.rows, width: p.bits }, (row, out) => {
      const from = code.let(p.codes.add(row.multiply(stride)));
      forVectors(code, 0, code.let(p.bits.shiftLeft(2)), (at, left) => {
        // Four bits become four floats: offset 32 of the output is the next byte, offset 16 its upper half.
        const half = from.add(at.shiftRight(5)).loadU8().shiftRight(at.shiftRight(2).and(4));
        const isSet = half.splat().and(masks).equals(masks);
        storeLeft(code, p.out.add(out).add(at), isSet.select(1, -1), left);
      });
    });
  });
}

/** Visits the rows: the number of each wanted row and where it goes in the output, in bytes. */
function forGathered(
  code: Code,
  { start, end, rows, width }: { start: I32; end: I32; rows: I32; width: I32 },
  body: (row: I32, out: I32) => void,
): void {
  code.for(start, end, 1, (index) => {
    const row = code.let(rows.add(index.shiftLeft(2)).loadI32());
    body(row, code.let(index.multiply(width).shiftLeft(2)));
  });
}
