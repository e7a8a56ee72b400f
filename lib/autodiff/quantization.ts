/**
 * Whole-number weights: the scale of each column of a matrix, and the rounding to it. Scales are bfloat16, as a packed file stores them, so that
 * training sees them as they will be. Training calls this in every step: all passes go through the matrix row by row.
 *
 * @module
 */
import { roundToBfloat16 } from "./bfloat16.ts";

/** Whole-number precisions of a weight matrix: −127…127, −7…7, −1…1, and ±1. */
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
 * Rounds a matrix to levels · units, where the levels are the whole numbers of the precision.
 *
 * @param weights [rows, columns], row-major
 * @param options the number of columns, the precision, where to write, and whether to write the levels themselves instead of levels · scale
 * @returns the scale of each column, a bfloat16; levels · scale is the rounded weight
 */
export function roundColumns(
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
