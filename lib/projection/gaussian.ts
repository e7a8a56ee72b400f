/**
 * The Gaussian family: entries from a nearly normal distribution, which makes the directions of the hyperplanes close to spherically symmetric as the
 * paper asks (arXiv 1708.00630, section 3), in integers, so that every dot product is exact.
 *
 * The sum of four uniform variables (Irwin–Hall) is already close to normal. Two are taken with a minus sign, which makes the distribution
 * symmetric without a constant to subtract.
 *
 * @module
 */

import { hashColumn, rowKey } from "./hash.ts";

/** Which row of which random matrix to generate. */
export interface RowAddress {
  /** Unsigned 32-bit seed. */
  seed: number;
  /** Row number: bit i of function j of a projection with d bits a function is row j·d + i. */
  row: number;
}

/**
 * Fills `out` with one row of the Gaussian matrix: entry i is trunc((b0 + b1 − b2 − b3) / 4), where b0…b3 are the bytes, lowest first, of
 * `hash32(seed, row, i)`. Integers in −127…127, mean 0, standard deviation about 37.
 *
 * @param address seed and row
 * @param out receives as many entries as it is long
 */
export function gaussianRow(address: RowAddress, out: Int8Array): void {
  const key = rowKey(address.seed, address.row);
  for (let i = 0; i < out.length; i++) {
    const h = hashColumn(key, i);
    out[i] = (((h & 255) + ((h >>> 8) & 255) - ((h >>> 16) & 255) - (h >>> 24)) / 4) | 0;
  }
}
