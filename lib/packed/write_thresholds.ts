/**
 * Packs lists of thresholds for a `.pnet` file (FORMAT.md, sections 2 and 4): small numbers of one width that share a power of two.
 *
 * @module
 */

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
