/**
 * Weights as they will be stored, while they are trained: the forward pass sees the quantised values, the gradient passes straight through.
 *
 * @module
 */
import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { expectRank } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Whole-number precisions of a weight matrix. */
export type QuantizedPrecision = "int8" | "ternary";

/** Weights as whole numbers with one scale a column. */
export interface QuantizedWeights {
  /** The whole numbers, row-major like the weights: −127…127 or −1, 0, 1. */
  readonly levels: Int8Array;
  /** The factor of each column. */
  readonly scales: Float32Array;
}

/**
 * Quantises a matrix [rows, columns] column by column. int8: the largest magnitude becomes 127. Ternary: magnitudes above 0.7 of their mean become
 * ±1, the scale is the mean of those (Li & Liu, Ternary Weight Networks, 2016).
 */
export function quantizeColumns(
  weights: Float32Array,
  options: { columns: number; precision: QuantizedPrecision },
): QuantizedWeights {
  const { columns, precision } = options;
  const levels = new Int8Array(weights.length);
  const scales = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    if (precision === "int8") quantizeInt8(weights, column, levels, scales);
    else quantizeTernary(weights, column, levels, scales);
  }
  return { levels, scales };
}

function quantizeInt8(weights: Float32Array, column: number, levels: Int8Array, scales: Float32Array): void {
  const columns = scales.length;
  let largest = 0;
  for (let at = column; at < weights.length; at += columns) largest = Math.max(largest, Math.abs(weights[at]));
  scales[column] = largest / 127;
  if (scales[column] === 0) return;
  for (let at = column; at < weights.length; at += columns) levels[at] = Math.round(weights[at] / scales[column]);
}

function quantizeTernary(weights: Float32Array, column: number, levels: Int8Array, scales: Float32Array): void {
  const columns = scales.length;
  let sum = 0, count = 0;
  for (let at = column; at < weights.length; at += columns, count++) sum += Math.abs(weights[at]);
  const threshold = 0.7 * sum / count;
  let keptSum = 0, kept = 0;
  for (let at = column; at < weights.length; at += columns) {
    const magnitude = Math.abs(weights[at]);
    if (!(magnitude > threshold)) continue;
    levels[at] = weights[at] > 0 ? 1 : -1;
    keptSum += magnitude;
    kept++;
  }
  scales[column] = kept === 0 ? 0 : keptSum / kept;
}

/** The weights [rows, columns] rounded to what {@linkcode quantizeColumns} stores; the gradient passes straight through (Bengio et al. 2013). */
export function quantize(weights: Tensor, precision: QuantizedPrecision): Tensor {
  expectRank("quantize", weights, 2);
  const columns = weights.shape[1];
  const { levels, scales } = quantizeColumns(weights.data, { columns, precision });
  const data = currentRegion().float32(weights.size);
  for (let at = 0; at < data.length; at++) data[at] = levels[at] * scales[at % columns];
  return recordOperation({ op: "quantize", inputs: [weights], shape: weights.shape, data });
}

/** Gradient rule of {@linkcode quantize}. */
export const quantizeGradient: GradientRule = (_entry, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, 1, out, accumulate));
