/**
 * One step of a greedy selection: which candidates to add so that together they explain most of the residual.
 *
 * The gradient of the loss with respect to the weights of a bit b is cov(b, residual); a bit alone lowers a squared loss by |gradient|^2 / var(b). After each
 * choice the gradients and variances of all others are taken conditional on it, as in forward regression by orthogonal least squares (Chen, Billings and Luo
 * 1989), so that bits that repeat a chosen one lose their score.
 *
 * @module
 */
import { type BitColumns, countDifferent } from "./bit_columns.ts";

/** What to choose from. */
export interface ForwardStep {
  /** Bits of the candidates, those of a candidate side by side. */
  readonly columns: BitColumns;
  /** The mean of each column as +-1. */
  readonly means: Float64Array;
  /** Columns of a candidate. */
  readonly groupSize: number;
  /** [samples x classes] */
  readonly residual: Float32Array;
  /** Number of classes. */
  readonly classes: number;
}

/** Words of a column from which covariances are estimated: 8192 samples. */
const covarianceWords = 256;
/** Least variance that a score is divided by: bits that are nearly constant, or nearly known, gain little from being rare. */
const leastVariance = 0.1;

/** The covariances [columns x classes] of each column with the residual. */
export function gradients({ columns, means, residual, classes }: Omit<ForwardStep, "groupSize">): Float32Array {
  const out = columns.multiply(residual, classes);
  const sums = new Float64Array(classes);
  for (let at = 0; at < residual.length; at++) sums[at % classes] += residual[at];
  for (let b = 0, at = 0; b < columns.count; b++) {
    for (let c = 0; c < classes; c++, at++) out[at] = (out[at] - means[b] * sums[c]) / columns.samples;
  }
  return out;
}

/** The scores of the candidates: what the bits of each explain, added up. */
export function scores(
  gradient: Float32Array,
  variances: Float64Array,
  { groupSize, classes }: { groupSize: number; classes: number },
): Float64Array {
  const out = new Float64Array(variances.length / groupSize);
  for (let b = 0, at = 0; b < variances.length; b++) {
    let sum = 0;
    for (let c = 0; c < classes; c++, at++) sum += gradient[at] ** 2;
    out[Math.floor(b / groupSize)] += sum / Math.max(variances[b], leastVariance);
  }
  return out;
}

/**
 * Chooses candidates.
 *
 * @param step the candidates and the residual
 * @param taken candidates that are chosen already
 * @param count how many to add
 * @returns numbers of candidates, in the order of their choice
 */
export function chooseNext(step: ForwardStep, taken: ReadonlySet<number>, count: number): number[] {
  const { columns, means, groupSize, classes } = step;
  const gradient = gradients(step);
  const variances = Float64Array.from(means, (mean) => 1 - mean * mean);
  const words = Math.min(columns.words, covarianceWords);
  const samples = Math.min(columns.samples, 32 * words);
  const excluded = new Set(taken);
  const chosen: number[] = [];
  const factors: Float32Array[] = [];
  while (chosen.length < count) {
    const score = scores(gradient, variances, { groupSize, classes });
    let best = -1;
    score.forEach((value, i) => {
      if (!excluded.has(i) && (best < 0 || value > score[best])) best = i;
    });
    if (best < 0) break;
    chosen.push(best);
    excluded.add(best);
    if (chosen.length === count) break;
    for (let q = best * groupSize; q < (best + 1) * groupSize; q++) {
      const factor = conditionOn(q, { columns, means, words, samples, factors, variances });
      if (factor === null) continue;
      const share = 1 / Math.sqrt(variances[q]);
      const own = gradient.slice(q * classes, (q + 1) * classes);
      for (let b = 0, at = 0; b < columns.count; b++) {
        const slope = factor[b] * share;
        for (let c = 0; c < classes; c++, at++) gradient[at] -= slope * own[c];
      }
      for (let b = 0; b < columns.count; b++) variances[b] = Math.max(0, variances[b] - factor[b] ** 2);
      factors.push(factor);
    }
  }
  return chosen;
}

interface Condition {
  columns: BitColumns;
  means: Float64Array;
  words: number;
  samples: number;
  factors: Float32Array[];
  variances: Float64Array;
}

/** A row of the Cholesky factor: the covariance of each column with column q, given the earlier choices, over the deviation of q; null when q is known. */
function conditionOn(
  q: number,
  { columns, means, words, samples, factors, variances }: Condition,
): Float32Array | null {
  if (variances[q] < 1e-3) return null;
  const scale = 1 / Math.sqrt(variances[q]);
  const own = columns.column(q);
  const factor = new Float32Array(columns.count);
  for (let b = 0; b < columns.count; b++) {
    const different = countDifferent(columns.data, b * columns.words, own, words);
    factor[b] = 1 - 2 * different / samples - means[b] * means[q];
  }
  for (const earlier of factors) {
    const weight = earlier[q];
    for (let b = 0; b < factor.length; b++) factor[b] -= earlier[b] * weight;
  }
  for (let b = 0; b < factor.length; b++) factor[b] *= scale;
  return factor;
}
