/**
 * Weights as they will be stored, while they are trained: the forward pass sees the quantised values, the gradient passes straight through.
 *
 * @module
 */
import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type ColumnRounding, type QuantizedPrecision, roundColumns } from "../quantization.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { expectRank } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Weights as whole numbers with one scale a column. */
export interface QuantizedWeights {
  /** The whole numbers, row-major like the weights. */
  readonly levels: Int8Array;
  /** The factor of each column, a bfloat16. */
  readonly scales: Float32Array;
}

/**
 * Quantises a matrix [rows, columns] column by column.
 *
 * - int8, −127…127: the largest magnitude becomes 127.
 * - int4, −7…7: the scale with the least squared error among a few that clip the largest weights.
 * - ternary, −1, 0, 1: magnitudes above a multiple (0.7) of their mean become ±1, the scale is the mean of those (Li & Liu, Ternary Weight Networks, 2016).
 * - binary, ±1: the scale is the mean magnitude (Rastegari et al., XNOR-Net, 2016).
 */
export function quantizeColumns(
  weights: Float32Array,
  options: ColumnRounding,
): QuantizedWeights {
  const levels = new Float32Array(weights.length);
  const scales = roundColumns(weights, { ...options, out: levels, levelsOnly: true });
  return { levels: Int8Array.from(levels), scales };
}

/** The weights [rows, columns] rounded to what {@linkcode quantizeColumns} stores; the gradient passes straight through (Bengio et al. 2013). */
export function quantize(
  weights: Tensor,
  precision: QuantizedPrecision,
  options: Pick<ColumnRounding, "ternaryThreshold"> = {},
): Tensor {
  expectRank("quantize", weights, 2);
  const data = currentRegion().float32(weights.size);
  roundColumns(weights.data, { columns: weights.shape[1], precision, out: data, ...options });
  return recordOperation({ op: "quantize", inputs: [weights], shape: weights.shape, data });
}

/** Gradient rule of {@linkcode quantize}. */
export const quantizeGradient: GradientRule = (_entry, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, 1, out, accumulate));
