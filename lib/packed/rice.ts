/**
 * The Rice code of selected rows (FORMAT.md, section 2): gaps between ascending numbers, which come close to the entropy of a random subset and need less than
 * the ⌈log2 pool⌉ bits that a number would.
 *
 * @module
 */

/** The greatest Rice parameter; gaps are below 2^24. */
export const MAX_PARAMETER = 24;

/**
 * The parameter with the shortest code, the lowest on a tie, and the code's length in bits.
 *
 * @param indices strictly ascending
 * @returns parameter and length
 */
export function shortestRice(indices: Uint32Array): { parameter: number; bits: number } {
  let best = { parameter: 0, bits: Infinity };
  for (let parameter = 0; parameter <= MAX_PARAMETER; parameter++) {
    let bits = indices.length * (1 + parameter);
    for (let k = 0, next = 0; k < indices.length; next = indices[k++] + 1) bits += (indices[k] - next) >>> parameter;
    if (bits < best.bits) best = { parameter, bits };
  }
  return best;
}
