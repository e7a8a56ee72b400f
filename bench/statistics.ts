/**
 * Statistics of repeated measurements.
 *
 * @module
 */

/** The value in the middle, or the mean of the two in the middle; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One measurement a round; undefined in rounds that were left out. */
export type Samples = readonly (number | undefined)[];

/** The median of what was measured. */
export function medianSample(samples: Samples): number {
  return median(samples.filter((sample) => sample !== undefined));
}

/**
 * The median of the ratios round by round, over the rounds in which both were measured. Noise that lasts for longer than a round, such as another
 * program's load, acts on both and cancels.
 */
export function medianRatio(numerators: Samples, denominators: Samples): number {
  const ratios: number[] = [];
  numerators.forEach((numerator, round) => {
    const denominator = denominators[round];
    if (numerator !== undefined && denominator !== undefined) ratios.push(numerator / denominator);
  });
  return median(ratios);
}
