/**
 * Kernels over the rows and columns of a matrix, and the gradients of softmax and of losses behind it, in plain TypeScript. Sums are kept in double precision.
 *
 * @module
 */
import type { Kernels, MatrixShape } from "../interface.ts";

/** See {@linkcode Kernels.addRow}. */
export function addRow(x: Float32Array, row: Float32Array, out: Float32Array, shape: MatrixShape): void {
  const { rows, columns } = shape;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) out[at] = x[at] + row[j];
  }
}

/** See {@linkcode Kernels.columnSums}. */
export function columnSums(x: Float32Array, out: Float32Array, shape: MatrixShape & { accumulate: boolean }): void {
  const { rows, columns, accumulate } = shape;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0, at = j; i < rows; i++, at += columns) sum += x[at];
    out[j] = accumulate ? out[j] + sum : sum;
  }
}

/** See {@linkcode Kernels.rowSums}. */
export function rowSums(x: Float32Array, out: Float32Array, shape: MatrixShape): void {
  const { rows, columns } = shape;
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (const end = at + columns; at < end; at++) sum += x[at];
    out[i] = sum;
  }
}

/** See {@linkcode Kernels.reluBiasGradient}. */
export function reluBiasGradient(
  y: Float32Array,
  gradient: Float32Array,
  biasGradient: Float32Array,
  shape: MatrixShape & { accumulate: boolean },
): void {
  const size = shape.rows * shape.columns;
  for (let i = 0; i < size; i++) if (!(y[i] > 0)) gradient[i] = 0;
  columnSums(gradient, biasGradient, shape);
}

/** See {@linkcode Kernels.softmax}. */
export function softmax(x: Float32Array, out: Float32Array, shape: MatrixShape): void {
  const { rows, columns } = shape;
  for (let i = 0; i < rows; i++) {
    const start = i * columns, end = start + columns;
    const largest = rowMaximum(x, start, end);
    let sum = 0;
    for (let at = start; at < end; at++) sum += out[at] = Math.exp(x[at] - largest);
    const factor = 1 / sum;
    for (let at = start; at < end; at++) out[at] *= factor;
  }
}

/** See {@linkcode Kernels.logSoftmax}. */
export function logSoftmax(x: Float32Array, out: Float32Array, shape: MatrixShape): void {
  const { rows, columns } = shape;
  for (let i = 0; i < rows; i++) {
    const start = i * columns, end = start + columns;
    const largest = rowMaximum(x, start, end);
    let sum = 0;
    for (let at = start; at < end; at++) sum += Math.exp(x[at] - largest);
    const logSum = Math.log(sum);
    for (let at = start; at < end; at++) out[at] = x[at] - largest - logSum;
  }
}

function rowMaximum(x: Float32Array, start: number, end: number): number {
  let largest = x[start];
  for (let at = start + 1; at < end; at++) if (x[at] > largest || Number.isNaN(x[at])) largest = x[at];
  return largest;
}

/** See {@linkcode Kernels.sumOfSquares}. */
export function sumOfSquares(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}

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

/** See {@linkcode Kernels.columnMoments}. */
export function columnMoments(
  x: Float32Array,
  out: { mean: Float32Array; variance: Float32Array },
  { rows, columns }: MatrixShape,
): void {
  for (let j = 0; j < columns; j++) {
    let sum = 0, squares = 0;
    for (let i = 0, at = j; i < rows; i++, at += columns) sum += x[at];
    const mean = sum / rows;
    for (let i = 0, at = j; i < rows; i++, at += columns) squares += (x[at] - mean) * (x[at] - mean);
    out.mean[j] = mean;
    out.variance[j] = squares / rows;
  }
}

/** See {@linkcode Kernels.scaleColumns}. */
export function scaleColumns(
  { x, factors, y = x, others, offsets }: Parameters<Kernels["scaleColumns"]>[0],
  out: Float32Array,
  { rows, columns, accumulate, relu = false }: MatrixShape & { accumulate: boolean; relu?: boolean },
): void {
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const scaled = x[at] * factors[j] + (others === undefined ? 0 : y[at] * others[j]) + offsets[j];
      const value = accumulate ? out[at] + scaled : scaled;
      out[at] = relu ? Math.max(0, value) : value;
    }
  }
}

/** See {@linkcode Kernels.columnDots}. */
export function columnDots(
  { x, y, mean, passed }: Parameters<Kernels["columnDots"]>[0],
  out: { sums: Float32Array; dots: Float32Array },
  { rows, columns }: MatrixShape,
): void {
  for (let j = 0; j < columns; j++) {
    let sum = 0, dot = 0;
    for (let i = 0, at = j; i < rows; i++, at += columns) {
      if (passed !== undefined && !(passed[at] > 0)) x[at] = 0;
      sum += x[at];
      dot += x[at] * (y[at] - mean[j]);
    }
    out.sums[j] = sum;
    out.dots[j] = dot;
  }
}
