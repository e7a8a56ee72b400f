/**
 * How raw samples become the bytes that a projection reads, chosen from the training data and written into the model file.
 *
 * @module
 */
import type { Dataset, StoredDataset, StoredRows } from "../data/mod.ts";
import { type NumericInput, prepareQuantizer } from "../packed/mod.ts";

/** Range of the widest column over that of the narrowest, above which columns are scaled one by one. */
const unevenRange = 16;

/** The input description for data like `training`; see `describeInput` in on_demand.ts. */
export function describeInput(training: Dataset | StoredDataset): NumericInput {
  const { input } = training;
  if (input.kind === "image") {
    return { kind: "image", width: input.width, height: input.height, channels: input.channels };
  }
  // Only images are stored.
  const { features, featureLength: columns, count } = training as Dataset;
  const offsets = new Float32Array(columns), scales = new Float32Array(columns);
  let narrowest = Infinity, widest = 0;
  for (let column = 0; column < columns; column++) {
    let least = Infinity, largest = -Infinity, sum = 0, squares = 0;
    for (let at = column; at < features.length; at += columns) {
      least = Math.min(least, features[at]);
      largest = Math.max(largest, features[at]);
      sum += features[at];
    }
    const mean = sum / count;
    for (let at = column; at < features.length; at += columns) squares += (features[at] - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    if (largest > least) narrowest = Math.min(narrowest, largest - least);
    widest = Math.max(widest, largest - least);
    const low = Math.max(least, mean - 3 * deviation), high = Math.min(largest, mean + 3 * deviation);
    offsets[column] = low;
    const scale = Math.fround(255 / (high - low));
    scales[column] = Number.isFinite(scale) ? scale : 0;
  }
  if (features instanceof Uint8Array && (widest === 0 || widest <= unevenRange * narrowest)) {
    return { kind: "table", features: columns, quantization: { rule: "none" } };
  }
  return { kind: "table", features: columns, quantization: { rule: "columns", offsets, scales } };
}

/** The bytes that a projection reads, [count x features]; see `quantizeRows` in on_demand.ts. */
export function quantizeRows(description: NumericInput, data: Dataset): Uint8Array;
export function quantizeRows(description: NumericInput, data: Dataset | StoredDataset): Uint8Array | StoredRows;
export function quantizeRows(description: NumericInput, data: Dataset | StoredDataset): Uint8Array | StoredRows {
  const { features, featureLength, count } = data;
  if ("read" in features) return features;
  const isRaw = description.kind === "image" || description.quantization.rule === "none";
  if (isRaw && features instanceof Uint8Array) return features;
  const quantize = prepareQuantizer(description);
  const bytes = new Uint8Array(count * featureLength);
  for (let row = 0; row < count; row++) {
    quantize(features, row, bytes.subarray(row * featureLength, (row + 1) * featureLength));
  }
  return bytes;
}
