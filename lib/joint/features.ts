/**
 * What the trainer network sees: the features of a data set as standardised floats, gathered batch by batch from compact storage.
 *
 * @module
 */
import type { Dataset } from "../data/mod.ts";
import { kernels } from "../kernels/mod.ts";

/** Rows of floats, made when they are asked for. */
export interface FeatureRows {
  /** Length of a row. */
  readonly width: number;
  /** Writes the given rows to `out`, [rows x width]. */
  gather(rows: Uint32Array, out: Float32Array): void;
}

/**
 * Standardises data as `training` asks: bytes (pixels) by one mean and deviation of all, floats by those of each column. A column without spread
 * becomes zero.
 */
export function standardize(training: Dataset): (data: Dataset) => FeatureRows {
  return training.features instanceof Uint8Array ? standardizeBytes(training.features) : standardizeColumns(training);
}

function standardizeBytes(training: Uint8Array): (data: Dataset) => FeatureRows {
  let sum = 0, squares = 0;
  for (let i = 0; i < training.length; i++) {
    sum += training[i];
    squares += training[i] * training[i];
  }
  const mean = sum / training.length;
  const deviation = Math.sqrt(Math.max(0, squares / training.length - mean * mean));
  const factor = deviation > 0 ? 1 / deviation : 0;
  const options = { factor, offset: -mean * factor };
  return ({ features, featureLength: columns }) => ({
    width: columns,
    gather: features instanceof Uint8Array
      ? (rows, out) => kernels().gatherBytes(features, rows, out, { columns, ...options })
      : (rows, out) => gatherColumns(features, rows, out, { factors: [options.factor], offsets: [options.offset] }),
  });
}

function standardizeColumns({ features, featureLength, count }: Dataset): (data: Dataset) => FeatureRows {
  const factors = new Float64Array(featureLength), offsets = new Float64Array(featureLength);
  for (let column = 0; column < featureLength; column++) {
    let sum = 0, squares = 0;
    for (let at = column; at < features.length; at += featureLength) sum += features[at];
    const mean = sum / count;
    for (let at = column; at < features.length; at += featureLength) squares += (features[at] - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    factors[column] = deviation > 0 ? 1 / deviation : 0;
    offsets[column] = -mean * factors[column];
  }
  return (data) => ({
    width: data.featureLength,
    gather: (rows, out) => gatherColumns(data.features, rows, out, { factors, offsets }),
  });
}

function gatherColumns(
  features: Uint8Array | Float32Array,
  rows: Uint32Array,
  out: Float32Array,
  { factors, offsets }: { factors: ArrayLike<number>; offsets: ArrayLike<number> },
): void {
  const width = out.length / rows.length;
  for (let i = 0, to = 0; i < rows.length; i++) {
    for (let j = 0, from = rows[i] * width; j < width; j++, to++) {
      const column = j % factors.length;
      out[to] = features[from + j] * factors[column] + offsets[column];
    }
  }
}
