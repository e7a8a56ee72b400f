/**
 * Exact product of a taps matrix with an integer vector: the taps are laid out by feature, so that a zero feature costs one test and no more.
 *
 * @module
 */

import type { TapsSpec } from "./spec.ts";
import { tapsRow } from "./taps.ts";

/**
 * Lays out the taps of a projection by feature (compressed sparse columns); memory is 4 bytes a tap and a feature.
 *
 * @param spec the projection
 * @returns the product: writes the sum of each row over the features of `x` to `out`
 */
export function prepareTapProduct(spec: TapsSpec): (x: ArrayLike<number>, out: Int32Array) => void {
  const { features, seed } = spec;
  const bits = spec.functions * spec.bitsPerFunction;
  const taps = new Int32Array(spec.taps);
  const end = new Int32Array(features + 1);
  for (let row = 0; row < bits; row++) {
    tapsRow({ seed, row }, taps, spec);
    for (const tap of taps) end[tap ^ (tap >> 31)]++;
  }
  for (let i = 0, sum = 0; i <= features; i++) end[i] = sum += end[i];
  // Filled from the back: afterwards end[i] is where feature i starts, and end[i + 1] where it ends.
  const rows = new Int32Array(bits * spec.taps);
  for (let row = bits - 1; row >= 0; row--) {
    tapsRow({ seed, row }, taps, spec);
    for (const tap of taps) rows[--end[tap ^ (tap >> 31)]] = row ^ (tap >> 31);
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
