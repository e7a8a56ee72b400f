/**
 * The sign family: dense rows of −1 and +1, one random bit an entry ("Rademacher" projections; Achlioptas 2003, "Database-friendly random projections").
 *
 * @module
 */

import type { RowAddress } from "./gaussian.ts";
import { hashColumn, rowKey } from "./hash.ts";

/**
 * Fills `out` with one row of the sign matrix: entry i is +1 when bit i mod 32 (lowest first) of `hash32(seed, row, ⌊i / 32⌋)` is set, else −1.
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
