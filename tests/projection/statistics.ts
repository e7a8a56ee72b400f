/** Statistics that the tests of the families share. */

export interface Moments {
  mean: number;
  deviation: number;
}

export function moments(values: ArrayLike<number>): Moments {
  let sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    squares += values[i] ** 2;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(squares / values.length - mean ** 2) };
}

/** Cosine of the angle between two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let ab = 0, aa = 0, bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** The largest |cosine| between any two of some rows. */
export function largestCosine(rows: ArrayLike<number>[]): number {
  let largest = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) largest = Math.max(largest, Math.abs(cosine(rows[i], rows[j])));
  }
  return largest;
}
