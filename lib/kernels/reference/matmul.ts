/**
 * Matrix product in plain TypeScript: both operands are packed into panels of doubles, and a tile of 3x2 sums is kept in registers. Sums run in
 * ascending order of the inner index in double precision and are rounded once, which makes this the most exact implementation.
 *
 * @module
 */
import type { MatmulOptions } from "../interface.ts";

const tileRows = 3;
const tileColumns = 2;

let packedA = new Float64Array(0);
let packedB = new Float64Array(0);

/** See {@linkcode Kernels.matmul}. */
export function matmul(a: Float32Array, b: Float32Array, out: Float32Array, options: MatmulOptions): void {
  const { rows, columns, inner, transposeA = false, transposeB = false } = options;
  const panels = Math.ceil(columns / tileColumns);
  if (packedA.length < inner * tileRows) packedA = new Float64Array(inner * tileRows);
  if (packedB.length < inner * panels * tileColumns) packedB = new Float64Array(inner * panels * tileColumns);
  for (let panel = 0; panel < panels; panel++) {
    pack(b, packedB, panel * tileColumns, {
      width: tileColumns,
      limit: columns,
      inner,
      start: panel * tileColumns * inner,
      innerStride: transposeB ? 1 : columns,
      stride: transposeB ? inner : 1,
    });
  }
  for (let row = 0; row < rows; row += tileRows) {
    pack(a, packedA, row, {
      width: tileRows,
      limit: rows,
      inner,
      start: 0,
      innerStride: transposeA ? rows : 1,
      stride: transposeA ? 1 : inner,
    });
    multiplyRows(out, row, options);
  }
}

interface PackOptions {
  readonly width: number;
  readonly limit: number;
  readonly inner: number;
  readonly start: number;
  readonly innerStride: number;
  readonly stride: number;
}

/** Copies `width` rows (or columns) from `first` on into a panel of inner x width; those at or beyond `limit` become zeros. */
function pack(source: Float32Array, target: Float64Array, first: number, options: PackOptions): void {
  const { width, limit, inner, start, innerStride, stride } = options;
  for (let lane = 0; lane < width; lane++) {
    let to = start + lane;
    if (first + lane >= limit) {
      for (let index = 0; index < inner; index++, to += width) target[to] = 0;
      continue;
    }
    let from = (first + lane) * stride;
    for (let index = 0; index < inner; index++, to += width, from += innerStride) target[to] = source[from];
  }
}

function multiplyRows(out: Float32Array, row: number, options: MatmulOptions): void {
  const { rows, columns, inner } = options;
  const a = packedA, b = packedB;
  const lanes = Math.min(tileRows, rows - row);
  for (let column = 0; column < columns; column += tileColumns) {
    let c00 = 0, c01 = 0, c10 = 0, c11 = 0, c20 = 0, c21 = 0;
    const end = inner * tileRows;
    for (let i = 0, j = column * inner; i < end; i += tileRows, j += tileColumns) {
      const a0 = a[i], a1 = a[i + 1], a2 = a[i + 2], b0 = b[j], b1 = b[j + 1];
      c00 += a0 * b0;
      c01 += a0 * b1;
      c10 += a1 * b0;
      c11 += a1 * b1;
      c20 += a2 * b0;
      c21 += a2 * b1;
    }
    const at = row * columns + column;
    const second = column + 1 < columns;
    store(out, at, c00, column, options);
    if (second) store(out, at + 1, c01, column + 1, options);
    if (lanes > 1) {
      store(out, at + columns, c10, column, options);
      if (second) store(out, at + columns + 1, c11, column + 1, options);
    }
    if (lanes > 2) {
      store(out, at + 2 * columns, c20, column, options);
      if (second) store(out, at + 2 * columns + 1, c21, column + 1, options);
    }
  }
}

function store(out: Float32Array, at: number, sum: number, column: number, options: MatmulOptions): void {
  if (options.accumulate) out[at] += sum;
  else {
    const value = options.bias === undefined ? sum : sum + options.bias[column];
    out[at] = options.relu && value < 0 ? 0 : value;
  }
}
