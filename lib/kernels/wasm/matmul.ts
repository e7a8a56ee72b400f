/**
 * How a matrix product is put to the WebAssembly kernel: which operand is read in rows, which in panels, and whether panels are packed.
 *
 * @module
 */
import type { MatmulOptions } from "../interface.ts";
import { matmul as referenceMatmul } from "../reference/matmul.ts";
import type { Engine } from "./engine.ts";
import { layoutOfB } from "./gemm.ts";
import { tileColumns } from "./gemm_tile.ts";

/** From so many rows on it pays to pack an operand that could be read where it stands. */
const packingRows = 384;

/** From so many rows on it pays when the operand's columns fall on few lines of the second-level cache. */
const packingRowsInConflict = 12;

/** A shorter inner index does not make up for writing the output transposed. */
const transposingInner = 64;

/** Matrices whose stored rows are a multiple of so many bytes long fall on few cache lines when they are read column by column: of A, of B. */
const conflictingStrideOfA = 256, conflictingStrideOfB = 4096;

/** A part of the output that is shared with other threads by rows has at least so many. */
const fewestRows = 48;

/** About how fast one thread is. */
const flopsPerNanosecond = 50;

interface Operand {
  readonly address: number;
  /** From a row of the matrix as it is stored to the next, in bytes. */
  readonly stride: number;
  /** Whether the inner index counts the stored rows. */
  readonly innerFirst: boolean;
}

/** A matrix in the kernel's terms: strides in bytes, by row and by column. */
interface Strided {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** See {@linkcode Kernels.matmul}. */
export function matmul(
  engine: Engine,
  { a, b, out }: { a: Float32Array; b: Float32Array; out: Float32Array },
  options: MatmulOptions,
): void {
  const { rows, columns, inner, transposeA = false, transposeB = false, accumulate = false, bias, relu } = options;
  if (rows * columns * inner === 0) return referenceMatmul(a, b, out, options);
  const { operands } = engine;
  const first: Operand = {
    address: operands.input(a, rows * inner),
    stride: 4 * (transposeA ? rows : inner),
    innerFirst: transposeA,
  };
  const second: Operand = {
    address: operands.input(b, inner * columns),
    stride: 4 * (transposeB ? inner : columns),
    innerFirst: !transposeB,
  };
  const result: Strided = { address: operands.output(out, rows * columns), row: 4 * columns, column: 4 };
  const initial: Strided = accumulate
    ? result
    : bias === undefined
    ? { address: engine.zeros, row: 0, column: 0 }
    : { address: operands.input(bias, columns), row: 0, column: 4 };
  const floor = relu ? 0 : -Infinity;

  // The columns of a transposed b must be packed one by one. When b is the larger operand, the transposed product outᵀ = bᵀ·aᵀ reads it in rows.
  if (transposeB && rows < columns && inner >= transposingInner) {
    multiply(engine, { rows: columns, columns: rows, inner, floor }, {
      a: second,
      b: first,
      initial: transposed(initial),
      out: transposed(result),
    });
  } else {
    multiply(engine, { rows, columns, inner, floor }, { a: first, b: second, initial, out: result });
  }
}

function transposed({ address, row, column }: Strided): Strided {
  return { address, row: column, column: row };
}

function multiply(
  engine: Engine,
  { rows, columns, inner, floor }: { rows: number; columns: number; inner: number; floor: number },
  { a, b, initial, out }: { a: Operand; b: Operand; initial: Strided; out: Strided },
): void {
  const isConflicting = b.stride % conflictingStrideOfB === 0;
  const pays = rows >= (isConflicting ? packingRowsInConflict : packingRows);
  const layout = !b.innerFirst ? layoutOfB.packColumns : pays ? layoutOfB.packRows : layoutOfB.direct;
  const packA = a.innerFirst && a.stride % conflictingStrideOfA === 0;
  const nanoseconds = 2 * rows * columns * inner / flopsPerNanosecond;
  const parts = engine.partsFor(nanoseconds);
  // Parts side by side share nothing that has to be packed, parts below each other pack the same panels; these only where the others are too few.
  const columnParts = Math.min(parts, Math.ceil(columns / tileColumns));
  const rowParts = Math.min(Math.floor(parts / columnParts), Math.ceil(rows / fewestRows));
  engine.run("matmul", { units: rowParts * columnParts, nanoseconds }, [
    ...[rows, columns, inner, rowParts, columnParts],
    ...[a.address, a.stride, a.innerFirst ? 1 : 0, packA ? 1 : 0],
    ...[b.address, b.stride, layout],
    ...[initial.address, initial.row, initial.column],
    ...[out.address, out.row, out.column],
    floor,
  ]);
}
