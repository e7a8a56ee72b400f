/**
 * Batches gathered from compact storage. A unit of work is a row; `rows` holds the numbers of the wanted rows.
 *
 * @module
 */
import { type Code, F32, I32, i32x4 } from "./assembler/mod.ts";
import { multiplyAdd } from "./gemm_tile.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";
import { forVectors, storeLeft } from "./vectors.ts";

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
