/**
 * Exact product of a sparse matrix of -1 and +1 with an integer vector: the entries are laid out by feature, so that a zero feature costs one test and no more.
 *
 * @module
 */

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
