/**
 * Reads lists of thresholds of a `.pnet` file (FORMAT.md, sections 2 and 4).
 *
 * @module
 */

import type { Reader } from "./reader.ts";

/**
 * Reads thresholds.
 *
 * @param reader stands at the shift
 * @param options bits of a number, and how many there are
 * @returns the thresholds
 */
export function readThresholds(reader: Reader, { width, count }: { width: number; count: number }): Int32Array {
  const shift = reader.byte("shift", 31);
  const start = reader.skip(Math.ceil(count * width / 8), "thresholds");
  const bit = (index: number): number => (reader.bytes[start + (index >>> 3)] >>> (index & 7)) & 1;
  const thresholds = new Int32Array(count);
  let odd = 0, wide = width === 1;
  for (let k = 0; k < count; k++) {
    let q = 0;
    for (let i = 0; i < width; i++) q |= bit(k * width + i) << i;
    q = q << (32 - width) >> (32 - width);
    odd |= q & 1;
    wide ||= (q ^ (q >> 31)) >>> (width - 2) !== 0;
    thresholds[k] = q << shift;
    if (thresholds[k] >> shift !== q) reader.fail(`threshold ${k} leaves 32 bits`, start);
  }
  if (!odd || !wide) reader.fail("thresholds not in the smallest form", start);
  for (let i = count * width; i & 7; i++) if (bit(i)) reader.fail("padding not zero");
  return thresholds;
}
