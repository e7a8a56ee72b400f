/**
 * The compact forms of a vector of float32 (FORMAT.md, "head layers"): one number for all or one each, in two bytes where the lower half of every
 * float32 is zero, else in four.
 *
 * @module
 */

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
