/**
 * Exact product of an integer matrix with a vector of small non-negative integers, fast in plain TypeScript.
 *
 * Three ideas. (1) The matrix is laid out by columns and the columns of zero features are skipped: most pixels are black, half the bits of a code
 * are clear. (2) A float64 holds 52 bits exactly, so one multiplication and one addition serve several rows at once: entries, shifted by a constant
 * to make them non-negative, are packed side by side in lanes of 13 or 26 bits, and the lanes are emptied into integers before any of them can overflow.
 * (3) Four columns are taken at a time, so that sums are loaded and stored once for four products.
 *
 * And the product with a sparse matrix of -1 and +1, whose entries are laid out by feature, so that a zero feature costs one test and no more.
 *
 * @module
 */

/** The matrix of a {@linkcode ColumnProduct}: each entry is `scale * e - offset` with a stored integer e in 0...largest. */
export interface ColumnMatrix {
  /** Number of rows: the length of the product. */
  rows: number;
  /** Number of columns: the features. */
  columns: number;
  /** Factor of the stored entries. */
  scale: number;
  /** What is subtracted from the scaled entries. */
  offset: number;
  /** The largest stored entry, at most 255. */
  largest: number;
  /** Writes the true entries of one row to `out`, whose length is the number of columns. */
  row(row: number, out: Int8Array): void;
}

/** Adds up `values[i] x column indices[i]` for i below `count` and writes one exact integer a row to `out`. */
export type ColumnProduct = (terms: ColumnTerms, out: Int32Array) => void;

/** The non-zero part of a vector. Its arrays have room for three more terms than the vector has entries. */
export interface ColumnTerms {
  /** Columns, in any order. */
  indices: Int32Array;
  /** Their values, 0...255. */
  values: Int32Array;
  /** How many terms are in use. */
  count: number;
}

/**
 * Makes room for the terms of vectors of a given length.
 *
 * @param columns length of the vector
 * @returns empty terms
 */
export function columnTerms(columns: number): ColumnTerms {
  return { indices: new Int32Array(columns + 3), values: new Int32Array(columns + 3), count: 0 };
}

/**
 * Lays out a matrix for fast exact products; memory is 8 bytes for 4 entries (largest <= 2) or for 2 entries.
 *
 * @param matrix shape, range and rows
 * @returns the product with that matrix; it reuses its buffers and is not reentrant
 */
export function prepareColumnProduct(matrix: ColumnMatrix): ColumnProduct {
  const { rows, scale, offset, largest } = matrix;
  const lanes = largest <= 2 ? 4 : 2;
  const limit = Math.floor((2 ** (52 / lanes) - 1) / largest);
  const words = Math.ceil(rows / lanes);
  const data = packColumns(matrix, lanes, words);
  const sums = new Float64Array(words);
  const totals = new Int32Array(words * lanes);

  return ({ indices, values, count }, out) => {
    for (let i = count; i & 3; i++) indices[i] = values[i] = 0;
    totals.fill(0);
    let weight = 0, pending = 0;
    for (let i = 0; i < count; i += 4) {
      const v0 = values[i], v1 = values[i + 1], v2 = values[i + 2], v3 = values[i + 3];
      const step = v0 + v1 + v2 + v3;
      if (pending + step > limit) {
        emptyLanes(sums, totals, lanes);
        pending = 0;
      }
      pending += step;
      weight += step;
      addColumns(
        sums,
        data,
        indices[i] * words,
        indices[i + 1] * words,
        indices[i + 2] * words,
        indices[i + 3] * words,
        v0,
        v1,
        v2,
        v3,
      );
    }
    emptyLanes(sums, totals, lanes);
    const shift = Math.imul(offset, weight);
    for (let k = 0; k < rows; k++) out[k] = Math.imul(scale, totals[k]) - shift;
  };
}

/** The stored entries, column after column, `lanes` rows to a float64. */
function packColumns(matrix: ColumnMatrix, lanes: number, words: number): Float64Array {
  const { rows, columns, scale, offset } = matrix;
  const data = new Float64Array(columns * words);
  const entries = new Int8Array(columns);
  for (let k = 0; k < rows; k++) {
    matrix.row(k, entries);
    const unit = 2 ** (52 / lanes * (k % lanes)) / scale;
    for (let i = 0, at = Math.floor(k / lanes); i < columns; i++, at += words) data[at] += (entries[i] + offset) * unit;
  }
  return data;
}

/** The inner loop: adds four columns, each times its value, to the packed sums. */
function addColumns(
  sums: Float64Array,
  data: Float64Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  v0: number,
  v1: number,
  v2: number,
  v3: number,
): void {
  for (let w = 0; w < sums.length; w++) {
    sums[w] += data[c0 + w] * v0 + data[c1 + w] * v1 + data[c2 + w] * v2 + data[c3 + w] * v3;
  }
}

/** Adds what the lanes hold to the totals, one integer a row, and clears them. */
function emptyLanes(sums: Float64Array, totals: Int32Array, lanes: number): void {
  for (let w = 0, k = 0; w < sums.length; w++) {
    const high = (sums[w] / 0x4000000) | 0;
    const low = (sums[w] - high * 0x4000000) | 0;
    if (lanes === 4) {
      totals[k++] += low & 0x1fff;
      totals[k++] += low >>> 13;
      totals[k++] += high & 0x1fff;
      totals[k++] += high >>> 13;
    } else {
      totals[k++] += low;
      totals[k++] += high;
    }
  }
  sums.fill(0);
}

/** A sparse matrix whose entries add or subtract a feature each. */
export interface SparseMatrix {
  /** Number of rows. */
  rows: number;
  /** Length of the vector. */
  features: number;
  /**
   * Gives the entries of one row: `feature` for one that is added, `~feature` for one that is subtracted. The array may be reused by the next call, which
   * gives the same entries for the same row.
   */
  row(row: number): Int32Array;
}

/**
 * Lays out a matrix by feature (compressed sparse columns); memory is 4 bytes an entry and a feature.
 *
 * @param matrix the matrix
 * @returns the product: writes the sum of each row over the features of `x` to `out`
 */
export function prepareSparseProduct(matrix: SparseMatrix): (x: ArrayLike<number>, out: Int32Array) => void {
  const { rows: bits, features } = matrix;
  const end = new Int32Array(features + 1);
  for (let row = 0; row < bits; row++) {
    for (const entry of matrix.row(row)) end[entry ^ (entry >> 31)]++;
  }
  for (let i = 0, sum = 0; i <= features; i++) end[i] = sum += end[i];
  // Filled from the back: afterwards end[i] is where feature i starts, and end[i + 1] where it ends.
  const rows = new Int32Array(end[features]);
  for (let row = bits - 1; row >= 0; row--) {
    for (const entry of matrix.row(row)) rows[--end[entry ^ (entry >> 31)]] = row ^ (entry >> 31);
  }
  return (x, out) => {
    out.fill(0, 0, bits);
    for (let i = 0; i < features; i++) {
      const value = x[i];
      if (value === 0) continue;
      for (let at = end[i], last = end[i + 1]; at < last; at++) {
        const sign = rows[at] >> 31;
        out[rows[at] ^ sign] += (value ^ sign) - sign;
      }
    }
  };
}
