/**
 * Gradients of softmax and of cross-entropy over the rows of a matrix, in plain TypeScript. Sums are kept in double precision.
 *
 * @module
 */
import type { MatrixShape } from "../interface.ts";

/** See {@linkcode Kernels.crossEntropyGradient}. */
export function crossEntropyGradient(
  logProbabilities: Float32Array,
  labels: Int32Array,
  out: Float32Array,
  options: MatrixShape & { factor: number; accumulate: boolean },
): void {
  const { rows, columns, factor, accumulate } = options;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const value = factor * (Math.exp(logProbabilities[at]) - (j === labels[i] ? 1 : 0));
      out[at] = accumulate ? out[at] + value : value;
    }
  }
}

/** See {@linkcode Kernels.softCrossEntropyGradient}. */
export function softCrossEntropyGradient(
  logProbabilities: Float32Array,
  targets: Float32Array,
  out: Float32Array,
  options: MatrixShape & { factor: number; accumulate: boolean },
): void {
  const { rows, columns, factor, accumulate } = options;
  for (let i = 0; i < rows; i++) {
    const start = i * columns, end = start + columns;
    let total = 0;
    for (let at = start; at < end; at++) total += targets[at];
    for (let at = start; at < end; at++) {
      const value = factor * (Math.exp(logProbabilities[at]) * total - targets[at]);
      out[at] = accumulate ? out[at] + value : value;
    }
  }
}

/** See {@linkcode Kernels.softmaxGradient}. */
export function softmaxGradient(
  y: Float32Array,
  gradient: Float32Array,
  out: Float32Array,
  shape: MatrixShape & { accumulate: boolean },
): void {
  const { rows, columns, accumulate } = shape;
  for (let i = 0; i < rows; i++) {
    const start = i * columns, end = start + columns;
    let total = 0;
    for (let at = start; at < end; at++) total += gradient[at] * y[at];
    for (let at = start; at < end; at++) {
      const value = y[at] * (gradient[at] - total);
      out[at] = accumulate ? out[at] + value : value;
    }
  }
}

/** See {@linkcode Kernels.logSoftmaxGradient}. */
export function logSoftmaxGradient(
  y: Float32Array,
  gradient: Float32Array,
  out: Float32Array,
  shape: MatrixShape & { accumulate: boolean },
): void {
  const { rows, columns, accumulate } = shape;
  for (let i = 0; i < rows; i++) {
    const start = i * columns, end = start + columns;
    let total = 0;
    for (let at = start; at < end; at++) total += gradient[at];
    for (let at = start; at < end; at++) {
      const value = gradient[at] - Math.exp(y[at]) * total;
      out[at] = accumulate ? out[at] + value : value;
    }
  }
}
