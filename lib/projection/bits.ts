/**
 * Bits of a code and their packing. Bit k is 1 when the projected value lies strictly above its threshold (arXiv 1708.00630, section 3, with thresholds
 * other than zero allowed). Packed codes hold bit k in byte ⌊k/8⌋, lowest bit first; bits beyond the last are zero.
 *
 * @module
 */

/**
 * Turns projected values into packed bits.
 *
 * @param values [bits] projected values; their number is the number of bits
 * @param thresholds [bits] one threshold a bit
 * @param out [⌈bits / 8⌉] receives the packed bits
 * @throws {RangeError} when the lengths disagree
 */
export function packBits(values: Int32Array, thresholds: Int32Array, out: Uint8Array): void {
  const bits = values.length;
  if (thresholds.length !== bits || out.length !== (bits + 7) >>> 3) {
    throw new RangeError(
      `packBits: ${bits} values, ${thresholds.length} thresholds, ${out.length} bytes; wanted as many thresholds and ⌈bits / 8⌉ bytes`,
    );
  }
  for (let k = 0, byte = 0; k < bits; k++) {
    byte |= Number(values[k] > thresholds[k]) << (k & 7);
    out[k >>> 3] = byte;
    if ((k & 7) === 7) byte = 0;
  }
}

/**
 * Turns packed bits back into one byte a bit.
 *
 * @param packed [⌈bits / 8⌉] packed bits
 * @param out [bits] receives 0 or 1 for each bit; its length says how many
 * @throws {RangeError} when the lengths disagree
 */
export function unpackBits(packed: Uint8Array, out: Uint8Array): void {
  if (packed.length !== (out.length + 7) >>> 3) {
    throw new RangeError(`unpackBits: ${packed.length} bytes for ${out.length} bits, wanted ⌈bits / 8⌉ bytes`);
  }
  for (let k = 0; k < out.length; k++) out[k] = (packed[k >>> 3] >>> (k & 7)) & 1;
}
