/**
 * Compact forms of lists of numbers (FORMAT.md).
 *
 * - Integer weights as digits, as many to a byte as fit.
 * - A vector of float32: one number for all or one each, in two bytes where the lower half of every float32 is zero, else in four.
 * - Selected rows in Rice code: gaps between ascending numbers, which come close to the entropy of a random subset and need less than the ceil(log2 pool) bits that
 *   a number would.
 *
 * @module
 */

import type { HeadPrecision } from "./model.ts";

/** A precision of whole numbers. */
export type IntegerPrecision = Exclude<HeadPrecision, "float">;

/** The weights of a precision: least + step * digit, with digits 0 ... base - 1. */
export interface Digits {
  /** The smallest weight. */
  least: number;
  /** From one weight to the next. */
  step: number;
  /** Number of weights. */
  base: number;
  /** Digits in a byte, the first in the lowest place. */
  perByte: number;
}

/** Least, step, base and digits in a byte of each precision. */
const DIGITS = { int8: [-128, 1, 256, 1], int4: [-8, 1, 16, 2], ternary: [-1, 1, 3, 5], binary: [-1, 2, 2, 8] };

/**
 * The digits of a precision.
 *
 * @param precision of whole numbers
 * @returns how its weights are digits
 */
export function digitsOf(precision: IntegerPrecision): Digits {
  const [least, step, base, perByte] = DIGITS[precision];
  return { least, step, base, perByte };
}

/**
 * Packs weights as digits.
 *
 * @param weights of the precision
 * @param digits of the precision
 * @returns ceil(weights / perByte) bytes; unused digits are 0
 */
export function packDigits(weights: Int8Array, { least, step, base, perByte }: Digits): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(weights.length / perByte));
  weights.forEach((weight, i) => bytes[Math.floor(i / perByte)] += (weight - least) / step * base ** (i % perByte));
  return bytes;
}

/**
 * Unpacks digits.
 *
 * @param bytes as `packDigits` makes them
 * @param weights where the weights go; says how many there are
 * @param digits of the precision
 */
export function unpackDigits(bytes: Uint8Array, weights: Int8Array, { least, step, base, perByte }: Digits): void {
  for (let at = 0, i = 0; at < bytes.length; at++) {
    let rest = bytes[at];
    for (const end = Math.min(i + perByte, weights.length); i < end; i++) {
      weights[i] = least + step * (rest % base);
      rest = Math.floor(rest / base);
    }
  }
}

/** Bit of a form: float32 rather than bfloat16. */
export const WIDE = 1;
/** Bit of a form: a number for each element rather than one for all. */
export const EACH = 2;

/**
 * The smallest form that holds a vector exactly.
 *
 * @param values at least one number
 * @returns sum of {@linkcode WIDE} and {@linkcode EACH}, or 0
 */
export function formOf(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const first = words[0];
  return (words.some((word) => word & 0xffff) ? WIDE : 0) + (words.some((word) => word !== first) ? EACH : 0);
}

/**
 * The size of a vector.
 *
 * @param form how it is stored
 * @param count number of elements
 * @returns number of bytes
 */
export function vectorBytes(form: number, count: number): number {
  return (form & WIDE ? 4 : 2) * (form & EACH ? count : 1);
}

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
