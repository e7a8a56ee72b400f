/**
 * Numbers in the 16 bits of bfloat16: the upper half of a float32.
 *
 * @module
 */

/**
 * Rounds each value to the nearest bfloat16, ties to even, in place. NaN stays NaN, what lies beyond the largest bfloat16 becomes infinite.
 *
 * @param values what to round
 * @returns the same array
 */
export function roundToBfloat16(values: Float32Array): Float32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (values[i] === values[i]) words[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
  return values;
}
