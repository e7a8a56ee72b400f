/**
 * The matrix product: blocks that fit the caches, cut into tiles that fit the registers.
 *
 * The order of loops is that of Goto & van de Geijn (Anatomy of high-performance matrix multiplication, 2008): a block of B is packed into panels
 * and stays in the second-level cache, one panel of it in the first-level cache while the rows of A stream past. A is read where it stands, unless that
 * would fall on too few lines of the cache. Each sum runs over the inner index in ascending order whatever the blocks are, so that how the
 * work is split does not change a bit of the result.
 *
 * @module
 */
import { F32, f32, type FunctionReference, I32, i32 } from "./assembler/mod.ts";
import { definePackColumns, definePackRows, definePanel, panelGap, panelStride } from "./gemm_panel.ts";
import { tileColumns, tileRows } from "./gemm_tile.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";

/** Size of the blocks: columns and inner indices of B, tiles of A. */
const blockColumns = 256, blockInner = 512, blockTiles = 32;

/** Bytes for one tile at the start of a thread's scratch memory. */
const tileBytes = 256;

const packedBytesOfB = (4 * blockInner * tileColumns + panelGap) * blockColumns / tileColumns;
const packedBytesOfA = (4 * blockInner * tileColumns + panelGap) * blockTiles;

/** Memory that each thread needs for itself: a tile and the packed blocks. */
export const matmulScratchBytes: number = tileBytes + packedBytesOfB + packedBytesOfA;

/** How B is stored and read: inner x columns where it stands; inner x columns, packed; columns x inner, packed. */
export const layoutOfB = { direct: 0, packRows: 1, packColumns: 2 } as const;

/** From so many rows on it pays to pack an operand that could be read where it stands. */
const packingRows = 384;

/** From so many rows on it pays when the operand's columns fall on few lines of the second-level cache. */
const packingRowsInConflict = 12;

/** Matrices whose stored rows are a multiple of so many bytes long fall on few cache lines when they are read column by column: of A, of B. */
export const conflictingStrideOfA = 256;
const conflictingStrideOfB = 4096;

/** How a B stored inner x columns is best read for so many rows of A, from its stored rows' bytes. */
export function layoutFor(rows: number, stride: number): number {
  const isConflicting = stride % conflictingStrideOfB === 0;
  return rows >= (isConflicting ? packingRowsInConflict : packingRows) ? layoutOfB.packRows : layoutOfB.direct;
}

/** About how fast one thread is. */
export const flopsPerNanosecond = 50;

/** The arguments of the kernel. Strides are in bytes. */
export const matmulParameters = {
  rows: I32,
  columns: I32,
  inner: I32,
  /** The output is cut into so many parts by rows and by columns; one part is a unit of work. */
  rowParts: I32,
  columnParts: I32,
  a: I32,
  /** From a row of A to the next; where A is stored inner x rows, from one inner index to the next. */
  aStride: I32,
  /** 1 where A is stored inner x rows. */
  interleaved: I32,
  /** 1 where A is stored inner x rows and has to be packed. */
  packA: I32,
  b: I32,
  /** From an inner index of B to the next; where B is stored columns x inner, from a column to the next. */
  bStride: I32,
  layout: I32,
  /** The values that the sums start from: zeros, a bias or the output itself. */
  initial: I32,
  initialRow: I32,
  initialColumn: I32,
  out: I32,
  outRow: I32,
  outColumn: I32,
  /** Results below this are replaced by it. */
  floor: F32,
};

/** Adds the kernel `matmul`, whose units are the parts of the output. */
export function defineMatmul(target: KernelModule): FunctionReference {
  const height = tileRows(target.features);
  const packRowsOfA = definePackRows(target, height);
  const packRows = definePackRows(target, tileColumns), packColumns = definePackColumns(target);
  const multiplyPanel = definePanel(target);
  const packedB = target.module.global("scratch").add(tileBytes), packedA = packedB.add(packedBytesOfB);

  return defineKernel(target, "matmul", matmulParameters, (code, p, { start, end }) => {
    /** Where part `part` of `parts` begins; always on the border of a tile. */
    const border = (size: I32, tile: number, part: I32, parts: I32): I32 =>
      code.let(size.add(tile - 1).divide(tile).multiply(part).divide(parts).multiply(tile).minimum(size));

    const pack = (j0: I32, jEnd: I32, k0: I32, depth: I32, panelBytes: I32): void => {
      const columns = jEnd.subtract(j0);
      code.if(p.layout.equals(layoutOfB.packRows), () => {
        const from = p.b.add(k0.multiply(p.bStride)).add(j0.shiftLeft(2));
        code.call(packRows, from, p.bStride, packedB, panelBytes, depth, columns);
      }, () => {
        const from = p.b.add(j0.multiply(p.bStride)).add(k0.shiftLeft(2));
        code.call(packColumns, from, p.bStride, packedB, panelBytes, depth, columns);
      });
    };

    code.for(start, end, 1, (part) => {
      const rowPart = code.let(part.divide(p.columnParts)), columnPart = code.let(part.remainder(p.columnParts));
      const rowStart = border(p.rows, height, rowPart, p.rowParts);
      const rowEnd = border(p.rows, height, rowPart.add(1), p.rowParts);
      const columnStart = border(p.columns, tileColumns, columnPart, p.columnParts);
      const columnEnd = border(p.columns, tileColumns, columnPart.add(1), p.columnParts);
      const isPacked = code.let(p.layout.differs(layoutOfB.direct));

      code.for(columnStart, columnEnd, blockColumns, (j0) => {
        const jEnd = code.let(j0.add(blockColumns).minimum(columnEnd));
        code.for(0, p.inner, blockInner, (k0) => {
          const depth = code.let(p.inner.subtract(k0).minimum(blockInner));
          const first = code.let(k0.equals(0)), last = code.let(k0.add(depth).equals(p.inner));
          // After the first block of the inner index, the sums go on from what the output holds.
          const initial = code.let(p.initial.when(first, p.out));
          const initialRow = code.let(p.initialRow.when(first, p.outRow));
          const initialColumn = code.let(p.initialColumn.when(first, p.outColumn));
          const floor = code.let(p.floor.when(last, f32(-Infinity)));
          const panelBytes = code.let(depth.multiply(panelStride).add(panelGap));
          code.if(isPacked, () => pack(j0, jEnd, k0, depth, panelBytes));

          code.for(rowStart, rowEnd, blockTiles * height, (i0) => {
            const rows = code.let(rowEnd.subtract(i0).minimum(blockTiles * height));
            const byRow = i0.multiply(p.aStride).add(k0.shiftLeft(2));
            const byInner = k0.multiply(p.aStride).add(i0.shiftLeft(2));
            const a = code.let(p.a.add(byInner.when(p.interleaved, byRow)));
            const aStride = code.let(p.aStride.add(0)), aTile = code.let(i32(0));
            code.if(p.packA, () => {
              code.set(aTile, depth.multiply(4 * height).add(panelGap));
              code.call(packRowsOfA, a, aStride, packedA, aTile, depth, rows);
              code.set(a, packedA);
              code.set(aStride, i32(4 * height));
            });
            code.for(j0, jEnd, tileColumns, (j) => {
              const packedPanel = packedB.add(j.subtract(j0).divide(tileColumns).multiply(panelBytes));
              const direct = p.b.add(k0.multiply(p.bStride)).add(j.shiftLeft(2));
              code.call(
                multiplyPanel,
                ...[rows, jEnd.subtract(j), depth, a, aStride, p.interleaved, aTile],
                ...[packedPanel.when(isPacked, direct), i32(panelStride).when(isPacked, p.bStride)],
                ...[initial.add(i0.multiply(initialRow)).add(j.multiply(initialColumn)), initialRow, initialColumn],
                ...[p.out.add(i0.multiply(p.outRow)).add(j.multiply(p.outColumn)), p.outRow, p.outColumn, floor],
              );
            });
          });
        });
      });
    });
  });
}
