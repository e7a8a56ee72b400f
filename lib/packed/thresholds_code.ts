/**
 * Lists of thresholds in a `.pnet` file (FORMAT.md, sections 2 and 4): small numbers of one width that share a power of two.
 *
 * @module
 */

import type { Reader } from "./reader.ts";

/** How a list of thresholds is stored. */
export interface PackedThresholds {
  /** Bits of a number, 1…32. */
  width: number;
  /** The numbers are multiplied by 2^shift. */
  shift: number;
  /** The numbers in two's complement, lowest bit first. */
  packed: Uint8Array;
}

/**
 * Packs thresholds in as few bits as hold them.
 *
 * @param thresholds not all zero
 * @returns width, shift and bytes
 */
export function packThresholds(thresholds: Int32Array): PackedThresholds {
  let union = 0, magnitude = 0;
  for (const value of thresholds) {
    union |= value;
    magnitude |= value ^ (value >> 31);
  }
  const shift = 31 - Math.clz32(union & -union);
  const width = 33 - Math.clz32(magnitude >>> shift);
  const packed = new Uint8Array(Math.ceil(thresholds.length * width / 8));
  for (let k = 0, at = 0; k < thresholds.length; k++) {
    for (let i = shift; i < shift + width; i++, at++) {
      packed[at >>> 3] |= ((thresholds[k] >> Math.min(i, 31)) & 1) << (at & 7);
    }
  }
  return { width, shift, packed };
}

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
