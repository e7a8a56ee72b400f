/**
 * Integer weights as digits, as many to a byte as fit (FORMAT.md, "Weights").
 *
 * @module
 */

import type { HeadPrecision } from "./model.ts";

/** A precision of whole numbers. */
export type IntegerPrecision = Exclude<HeadPrecision, "float">;

/** The weights of a precision: least + step · digit, with digits 0 … base − 1. */
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

/**
 * The digits of a precision.
 *
 * @param precision of whole numbers
 * @returns how its weights are digits
 */
export function digitsOf(precision: IntegerPrecision): Digits {
  switch (precision) {
    case "int8":
      return { least: -128, step: 1, base: 256, perByte: 1 };
    case "int4":
      return { least: -8, step: 1, base: 16, perByte: 2 };
    case "ternary":
      return { least: -1, step: 1, base: 3, perByte: 5 };
    case "binary":
      return { least: -1, step: 2, base: 2, perByte: 8 };
  }
}

/**
 * Packs weights as digits.
 *
 * @param weights of the precision
 * @param digits of the precision
 * @returns ⌈weights / perByte⌉ bytes; unused digits are 0
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
 * @returns the place of the first byte with digits left over that are not 0, or −1
 */
export function unpackDigits(bytes: Uint8Array, weights: Int8Array, { least, step, base, perByte }: Digits): number {
  for (let at = 0, i = 0; at < bytes.length; at++) {
    let rest = bytes[at];
    for (const end = Math.min(i + perByte, weights.length); i < end; i++) {
      weights[i] = least + step * (rest % base);
      rest = Math.floor(rest / base);
    }
    if (rest) return at;
  }
  return -1;
}
