/**
 * Counter-based hashing: randomness as a function of (seed, row, column), not a stream.
 *
 * A random projection is never stored. Each entry is computed when it is needed from its coordinates, so that training, packing and every
 * runtime see the same matrix whatever the order in which they ask for it (Ravi 2017, arXiv 1708.00630, section 3).
 *
 * The finaliser is "lowbias32" by Chris Wellons (hash-prospector, public domain): xor-shifts by 16, 15, 16 around multiplications by 0x7feb352d and
 * 0x846ca68b; among all 32-bit permutations of this shape it has one of the lowest known avalanche biases. 0x9e3779b9 is 2^32 divided by the golden
 * ratio, made odd. 0x243f6a88 is the first 32 bits of the fraction of pi and only keeps the seed 0 away from the finaliser's fixed point 0.
 *
 * @module
 */

const GOLDEN = 0x9e3779b9;
const PI_FRACTION = 0x243f6a88;

/**
 * Mixes the bits of one 32-bit integer: a permutation of the 32-bit integers in which every input bit changes each output bit with a probability close to one half.
 *
 * @param x any integer; its lowest 32 bits count
 * @returns an unsigned 32-bit integer
 */
export function mix32(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * The key of one row. For one seed, different rows have different keys (a permutation of the row number).
 *
 * @param seed unsigned 32-bit integer
 * @param row unsigned 32-bit integer
 * @returns an unsigned 32-bit integer to give to {@linkcode hashColumn}
 */
export function rowKey(seed: number, row: number): number {
  return mix32(mix32(seed + PI_FRACTION) + Math.imul(row, GOLDEN));
}

/**
 * The hash of a column within a row whose key is known: {@linkcode hash32} with the row's part taken out of the loop.
 *
 * The key goes in before and after the first mixing: were it added once only, two rows whose keys happen to lie close together would be shifted copies of each other.
 *
 * @param key from {@linkcode rowKey}
 * @param column unsigned 32-bit integer
 * @returns an unsigned 32-bit integer
 */
export function hashColumn(key: number, column: number): number {
  return mix32(mix32(key + Math.imul(column, GOLDEN)) ^ key);
}

/**
 * A random 32-bit integer that depends on nothing but its three coordinates.
 *
 * @param seed unsigned 32-bit integer
 * @param row unsigned 32-bit integer
 * @param column unsigned 32-bit integer
 * @returns an unsigned 32-bit integer
 *
 * @example
 * ```ts
 * import { hash32 } from "./hash.ts";
 *
 * const same = hash32(7, 3, 100) === hash32(7, 3, 100);
 * if (!same) throw new Error("a hash is a function");
 * ```
 */
export function hash32(seed: number, row: number, column: number): number {
  return hashColumn(rowKey(seed, row), column);
}
