/**
 * Weights as they will be stored, while they are trained: the forward pass sees whole numbers times the scale of their column, the gradient passes straight
 * through. Scales are bfloat16, as a packed file stores them, so that training sees them as they will be. Training calls this in every step: all passes go
 * through the matrix row by row.
 *
 * @module
 */
import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { rowsOf } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Whole-number precisions of a weight matrix: -127...127, -7...7, -1...1, and +-1. */
export type QuantizedPrecision = "int8" | "int4" | "ternary" | "binary";

/** How the columns of a matrix are rounded. */
export interface ColumnRounding {
  /** Number of columns. */
  readonly columns: number;
  /** What to. */
  readonly precision: QuantizedPrecision;
  /** Ternary: the multiple of a column's mean magnitude above which weights are kept; 0.7 when left out, more makes more zeros. */
  readonly ternaryThreshold?: number;
}

/** What a column's weights are rounded to. */
interface ColumnScales {
  /** The factor of each column. */
  readonly scales: Float32Array;
  /** Ternary: the magnitude above which a weight of the column is kept. */
  readonly cuts?: Float64Array;
}

/** Largest level of the evenly spaced precisions. */
const largestLevel = { int8: 127, int4: 7 } as const;

/** Columns with no weight of this magnitude count as zeros: their scale would be where bfloat16 is coarse. */
const smallestMagnitude = 1e-30;

/** Added and subtracted again it rounds a float64 to the nearest whole number, ties to even, faster than `Math.round`. */
const rounder = 1.5 * 2 ** 52;

/** Ternary: the multiple of a column's mean magnitude above which weights are kept when nothing else is asked for (Li & Liu, Ternary Weight Networks, 2016, equation 6). */
export const defaultTernaryThreshold = 0.7;

/** int4: parts of the largest magnitude that are tried as the largest level; what lies above is clipped. */
const clippings = [1, 0.85, 0.7, 0.55];

/**
 * Rounds a matrix to levels * units, where the levels are the whole numbers of the precision.
 *
 * @param weights [rows, columns], row-major
 * @param options the number of columns, the precision, where to write, and whether to write the levels themselves instead of levels * scale
 * @returns the scale of each column, a bfloat16; levels * scale is the rounded weight
 */
function roundColumns(
  weights: Float32Array,
  options: ColumnRounding & { out: Float32Array; levelsOnly?: boolean },
): Float32Array {
  const { columns, precision, out, levelsOnly = false } = options;
  const { scales, cuts } = fitScales(weights, options);
  const units = levelsOnly ? new Float32Array(columns).fill(1) : scales;
  if (precision === "int8" || precision === "int4") {
    roundEvenly(weights, { out, units, inverses: inverted(scales), largest: largestLevel[precision] });
  } else if (cuts !== undefined) {
    // Comparisons as numbers: a branch that depends on random weights would be mispredicted half the time.
    for (let at = 0; at < weights.length;) {
      for (let j = 0; j < columns; j++, at++) {
        const weight = weights[at];
        out[at] = (Number(weight > cuts[j]) - Number(weight < -cuts[j])) * units[j];
      }
    }
  } else {
    for (let at = 0; at < weights.length;) {
      for (let j = 0; j < columns; j++, at++) out[at] = (2 * Number(weights[at] > 0) - 1) * units[j];
    }
  }
  return scales;
}

function fitScales(weights: Float32Array, options: ColumnRounding): ColumnScales {
  const { columns, precision, ternaryThreshold = defaultTernaryThreshold } = options;
  if (precision === "int8" || precision === "int4") {
    const largest = largestMagnitudes(weights, columns);
    if (precision === "int4") return { scales: bestClipping(weights, largest) };
    return { scales: evenScales(largest, largestLevel.int8) };
  }
  const means = new Float64Array(columns);
  for (let at = 0; at < weights.length;) {
    for (let j = 0; j < columns; j++, at++) means[j] += Math.abs(weights[at]);
  }
  const rows = weights.length / columns;
  for (let j = 0; j < columns; j++) means[j] /= rows;
  if (precision === "binary") return { scales: roundToBfloat16(Float32Array.from(means)) };
  const cuts = means.map((mean) => ternaryThreshold * mean);
  const sums = new Float64Array(columns), counts = new Float64Array(columns);
  for (let at = 0; at < weights.length;) {
    for (let j = 0; j < columns; j++, at++) {
      const magnitude = Math.abs(weights[at]);
      const kept = Number(magnitude > cuts[j]);
      sums[j] += magnitude * kept;
      counts[j] += kept;
    }
  }
  // A column of zeros keeps nothing; with a NaN in it nothing is kept either, but the sum shows it.
  return { scales: roundToBfloat16(Float32Array.from(sums, (sum, j) => sum === 0 ? 0 : sum / counts[j])), cuts };
}

function largestMagnitudes(weights: Float32Array, columns: number): Float64Array {
  const largest = new Float64Array(columns);
  for (let at = 0; at < weights.length;) {
    for (let j = 0; j < columns; j++, at++) largest[j] = Math.max(largest[j], Math.abs(weights[at]));
  }
  return largest;
}

/** The int4 scale of each column with the least squared error among a few. */
function bestClipping(weights: Float32Array, largest: Float64Array): Float32Array {
  const columns = largest.length;
  const best = new Float32Array(columns);
  const leastErrors = new Float64Array(columns).fill(Infinity);
  const errors = new Float64Array(columns);
  for (const part of clippings) {
    const scales = evenScales(largest, largestLevel.int4 / part);
    addErrors(weights, { scales, inverses: inverted(scales), errors: errors.fill(0) });
    for (let j = 0; j < columns; j++) {
      if (errors[j] >= leastErrors[j]) continue;
      leastErrors[j] = errors[j];
      best[j] = scales[j];
    }
  }
  return best;
}

function addErrors(
  weights: Float32Array,
  { scales, inverses, errors }: { scales: Float32Array; inverses: Float64Array; errors: Float64Array },
): void {
  const columns = scales.length;
  for (let at = 0; at < weights.length;) {
    for (let j = 0; j < columns; j++, at++) {
      let level = weights[at] * inverses[j] + rounder - rounder;
      if (level > 7) level = 7;
      else if (level < -7) level = -7;
      const error = weights[at] - level * scales[j];
      errors[j] += error * error;
    }
  }
}

function roundEvenly(
  weights: Float32Array,
  options: { out: Float32Array; units: Float32Array; inverses: Float64Array; largest: number },
): void {
  const { out, units, inverses, largest } = options;
  const columns = units.length;
  for (let at = 0; at < weights.length;) {
    for (let j = 0; j < columns; j++, at++) {
      let level = weights[at] * inverses[j] + rounder - rounder;
      if (level > largest) level = largest;
      else if (level < -largest) level = -largest;
      out[at] = level * units[j];
    }
  }
}

/** The bfloat16 scales that put `levels` levels below each magnitude; 0 where bfloat16 could not tell the levels apart. */
function evenScales(magnitudes: Float64Array, levels: number): Float32Array {
  return roundToBfloat16(Float32Array.from(magnitudes, (value) => value < smallestMagnitude ? 0 : value / levels));
}

/** 1 / scale, and 0 for 0. */
function inverted(scales: Float32Array): Float64Array {
  return Float64Array.from(scales, (scale) => scale === 0 ? 0 : 1 / scale);
}

/**
 * Rounds each value to the nearest bfloat16, ties to even, in place. NaN stays NaN, what lies beyond the largest bfloat16 becomes infinite.
 *
 * @param values what to round
 * @returns the same array
 */
export function roundToBfloat16(values: Float32Array): Float32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (values[i] === values[i]) words[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
  return values;
}

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
 * - int8, -127...127: the largest magnitude becomes 127.
 * - int4, -7...7: the scale with the least squared error among a few that clip the largest weights.
 * - ternary, -1, 0, 1: magnitudes above a multiple (0.7) of their mean become +-1, the scale is the mean of those (Li & Liu, Ternary Weight Networks, 2016).
 * - binary, +-1: the scale is the mean magnitude (Rastegari et al., XNOR-Net, 2016).
 */
export function quantizeColumns(
  weights: Float32Array,
  options: ColumnRounding,
): QuantizedWeights {
  const levels = new Float32Array(weights.length);
  const scales = roundColumns(weights, { ...options, out: levels, levelsOnly: true });
  return { levels: Int8Array.from(levels), scales };
}

/** The weights [..., columns] rounded to what {@linkcode quantizeColumns} stores; the gradient passes straight through (Bengio et al. 2013). */
export function quantize(
  weights: Tensor,
  precision: QuantizedPrecision,
  options: Pick<ColumnRounding, "ternaryThreshold"> = {},
): Tensor {
  const { columns } = rowsOf("quantize", weights);
  const data = currentRegion().float32(weights.size);
  roundColumns(weights.data, { columns, precision, out: data, ...options });
  return recordOperation({ op: "quantize", inputs: [weights], shape: weights.shape, data });
}

/** Gradient rule of {@linkcode quantize}. */
export const quantizeGradient: GradientRule = (_entry, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, 1, out, accumulate));
