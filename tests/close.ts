/**
 * One comparison of arrays of numbers for all tests: it names the first index that differs, both values and how many differ.
 *
 * @module
 */
import { AssertionError } from "@std/assert";

/** How far apart two numbers may be: |actual − expected| ≤ absolute + relative·|expected|. */
export interface Tolerance {
  /** Part of the expected value's size; 0 when not given. */
  readonly relative?: number;
  /** Difference that is always allowed; 0 when not given. */
  readonly absolute?: number;
  /** What was compared, put in front of the error's message. */
  readonly message?: string;
}

/** Fails unless both have the same length and every number is within the tolerance. NaN matches NaN, an infinity only itself. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0, message = "arrays differ" }: Tolerance,
): void {
  if (actual.length !== expected.length) {
    throw new AssertionError(`${message}: ${actual.length} values where ${expected.length} were expected`);
  }
  let differing = 0, first = -1, largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const found = actual[index], wanted = expected[index];
    if (Object.is(found, wanted) || found === wanted) continue;
    const difference = Math.abs(found - wanted);
    // An infinite or NaN difference is never small.
    if (difference < Infinity && difference <= absolute + relative * Math.abs(wanted)) continue;
    if (first < 0) first = index;
    if (!(difference <= largest)) largest = difference;
    differing++;
  }
  if (first < 0) return;
  throw new AssertionError(
    `${message}: at index ${first} found ${actual[first]} where ${expected[first]} was expected ` +
      `(${differing} of ${expected.length} differ, by up to ${largest}; ` +
      `allowed ${absolute} + ${relative}·|expected|)`,
  );
}
