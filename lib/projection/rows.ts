/**
 * Rows of random matrices, each from its address alone.
 *
 * - gaussian: entries from a nearly normal distribution, which makes the directions of the hyperplanes close to spherically symmetric as the paper asks
 *   (arXiv 1708.00630, section 3), in integers, so that every dot product is exact. The sum of four uniform variables (Irwin-Hall) is already close to normal;
 *   two are taken with a minus sign, which makes the distribution symmetric without a constant to subtract.
 * - sign: dense rows of -1 and +1, one random bit an entry ("Rademacher" projections; Achlioptas 2003, "Database-friendly random projections").
 * - taps: each row adds or subtracts a few features drawn at random, so that a projection costs taps*bits additions whatever the length of the input (very
 *   sparse random projections; Li, Hastie and Church 2006).
 * - patch: each row is a rectangle of -1 and +1 of random size at a random place of the image. Neighbouring pixels belong together, so that a bit of a small
 *   region says more of an image than one of pixels drawn from everywhere.
 *
 * @module
 */

import { hashColumn, rowKey } from "./hash.ts";
import type { PatchSpec } from "./spec.ts";

/** Which row of which random matrix to generate. */
export interface RowAddress {
  /** Unsigned 32-bit seed. */
  seed: number;
  /** Row number: bit i of function j of a projection with d bits a function is row j*d + i. */
  row: number;
}

/**
 * Fills `out` with one row of the Gaussian matrix: entry i is trunc((b0 + b1 - b2 - b3) / 4), where b0...b3 are the bytes, lowest first, of
 * `hash32(seed, row, i)`. Integers in -127...127, mean 0, standard deviation about 37.
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

/**
 * Fills `out` with one row of the sign matrix: entry i is +1 when bit i mod 32 (lowest first) of `hash32(seed, row, floor(i / 32))` is set, else -1.
 *
 * @param address seed and row
 * @param out receives as many entries as it is long
 */
export function signRow(address: RowAddress, out: Int8Array): void {
  const key = rowKey(address.seed, address.row);
  for (let i = 0, h = 0; i < out.length; i++, h >>>= 1) {
    if ((i & 31) === 0) h = hashColumn(key, i >>> 5);
    out[i] = ((h & 1) << 1) - 1;
  }
}

/** floor(h*range / 2^32), exactly: the product may exceed 2^53, those of the halves do not. The range is below 2^23. */
function scaleHash(h: number, range: number): number {
  return Math.floor(((h >>> 16) * range + Math.floor((h & 0xffff) * range / 0x10000)) / 0x10000);
}

/** How long the input is. */
export interface TapsOptions {
  /** n: number of input features, at most 2^22. */
  features: number;
}

/**
 * Fills `out` with the taps of one row. Tap t reads feature floor(h*n / 2^32) with h = `hash32(seed, row, 2t)` and is subtracted when the lowest bit of
 * `hash32(seed, row, 2t + 1)` is set. A feature may be drawn more than once; its taps are summed.
 *
 * @param address seed and row
 * @param out one signed code a tap: `feature` when it is added, `~feature` (that is, -feature - 1) when it is subtracted
 * @param options length of the input
 */
export function tapsRow(address: RowAddress, out: Int32Array, options: TapsOptions): void {
  const { features } = options;
  const key = rowKey(address.seed, address.row);
  for (let t = 0; t < out.length; t++) {
    out[t] = scaleHash(hashColumn(key, 2 * t), features) ^ -(hashColumn(key, 2 * t + 1) & 1);
  }
}

/**
 * Writes the entries of one row, pixel by pixel. With h_c = `hash32(seed, row, c)` and scale(h, m) = floor(h*m / 2^32), the patch is
 * smallest + scale(h_0, min(largest, width) - smallest + 1) pixels wide, as high with h_1 and the height, begins at the column scale(h_2, width - its width + 1) and at
 * the row scale(h_3, height - its height + 1). Entry i, counted row by row with the channels of a pixel together, is +1 when bit i mod 32 (lowest first) of
 * h_(4 + floor(i / 32)) is set, else -1.
 *
 * @param address seed and row
 * @param out room for the largest patch: `feature` for an entry +1, `~feature` for -1
 * @param options image, smallest and largest side
 * @returns number of entries written
 */
export function patchRow(
  address: RowAddress,
  out: Int32Array,
  options: Pick<PatchSpec, "image" | "smallest" | "largest">,
): number {
  const { image: { width, height, channels }, smallest, largest } = options;
  const key = rowKey(address.seed, address.row);
  const across = smallest + scaleHash(hashColumn(key, 0), Math.min(largest, width) - smallest + 1);
  const down = smallest + scaleHash(hashColumn(key, 1), Math.min(largest, height) - smallest + 1);
  const left = scaleHash(hashColumn(key, 2), width - across + 1);
  const top = scaleHash(hashColumn(key, 3), height - down + 1);
  let count = 0, h = 0;
  for (let y = top; y < top + down; y++) {
    const from = (y * width + left) * channels;
    for (let feature = from; feature < from + across * channels; feature++, h >>>= 1) {
      if ((count & 31) === 0) h = hashColumn(key, 4 + (count >>> 5));
      out[count++] = feature ^ ((h & 1) - 1);
    }
  }
  return count;
}
