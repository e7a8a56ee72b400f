/**
 * Where the code of a sample stands in memory, and how projected values become its bits.
 *
 * @module
 */

import { type Code, I16x8, type I32, type I32x4, I8x16 } from "../../kernels/wasm/assembler/mod.ts";
import type { Layout } from "./layout.ts";

/** Bits that are made at once. */
export const GROUP = 16;

/** Addresses of a code and its thresholds; bits beyond the last are never set. */
export interface CodeArea {
  /** Number of bits. */
  readonly bits: number;
  /** [bits] 32-bit thresholds, and the greatest integer beyond. */
  readonly thresholds: number;
  /** Packed bits, lowest first. */
  readonly packed: number;
  /** [bits] a byte each: -1 for a set bit, else 0. */
  readonly masks: number;
}

/**
 * Plans the room for a code; each of its parts has room for whole multiples of `group` bits.
 *
 * @param layout the memory
 * @param thresholds of the bits
 * @param group multiple of {@linkcode GROUP}
 * @returns addresses
 */
export function planCode(layout: Layout, thresholds: Int32Array, group: number): CodeArea {
  const bits = thresholds.length;
  const room = Math.ceil(bits / group) * group;
  const padded = new Int32Array(room).fill(0x7fffffff);
  padded.set(thresholds);
  return { bits, thresholds: layout.place(padded), packed: layout.reserve(room / 8), masks: layout.reserve(room) };
}

/**
 * Adds the statements that make 16 bits.
 *
 * @param code the function
 * @param area where they go
 * @param first number of the first bit, a multiple of 16
 * @param values the projected values
 */
export function cut(code: Code, area: CodeArea, first: I32, values: readonly I32x4[]): void {
  const thresholds = code.let(first.shiftLeft(2));
  const [a, b, c, d] = values.map((value, i) => value.greater(thresholds.loadF32x4(area.thresholds + 16 * i).bits()));
  const masks = code.let(I8x16.narrow(I16x8.narrow(a, b), I16x8.narrow(c, d)));
  code.store(first, masks, area.masks);
  code.storeI16(first.shiftRight(3), masks.signBits(), area.packed);
}
