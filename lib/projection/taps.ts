/**
 * The taps family: each row adds or subtracts a few features drawn at random, so that a projection costs taps·bits additions whatever the length of
 * the input (very sparse random projections; Li, Hastie and Church 2006).
 *
 * @module
 */

import type { RowAddress } from "./gaussian.ts";
import { hashColumn, rowKey } from "./hash.ts";

/** How long the input is. */
export interface TapsOptions {
  /** n: number of input features, at most 2^22. */
  features: number;
}

/**
 * Fills `out` with the taps of one row. Tap t reads feature ⌊h·n / 2^32⌋ with h = `hash32(seed, row, 2t)` and is subtracted when the lowest bit of
 * `hash32(seed, row, 2t + 1)` is set. A feature may be drawn more than once; its taps are summed.
 *
 * @param address seed and row
 * @param out one signed code a tap: `feature` when it is added, `~feature` (that is, −feature − 1) when it is subtracted
 * @param options length of the input
 */
export function tapsRow(address: RowAddress, out: Int32Array, options: TapsOptions): void {
  const { features } = options;
  const key = rowKey(address.seed, address.row);
  for (let t = 0; t < out.length; t++) {
    const h = hashColumn(key, 2 * t);
    // h·n exceeds 2^53: multiply the halves, which gives the same floor exactly.
    const low = Math.floor((h & 0xffff) * features / 0x10000);
    const feature = Math.floor(((h >>> 16) * features + low) / 0x10000);
    out[t] = feature ^ -(hashColumn(key, 2 * t + 1) & 1);
  }
}
