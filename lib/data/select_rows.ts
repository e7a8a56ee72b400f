/** Some rows of a data set as a data set of its own. */

import type { Dataset } from "./dataset.ts";
import type { TextDataset } from "./text_dataset.ts";

/**
 * Copies the rows with the given indices, in that order; an index may occur more than once. The classes stay those of the
 * whole set. An index outside 0…count−1 is a RangeError.
 */
export function selectRows<D extends Dataset | TextDataset>(dataset: D, indices: ArrayLike<number>): D;
export function selectRows(dataset: Dataset | TextDataset, indices: ArrayLike<number>): Dataset | TextDataset {
  const labels = new Uint16Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!Number.isInteger(row) || row < 0 || row >= dataset.count) {
      throw new RangeError(`selecting rows: index ${i} is ${row}, wanted an integer in 0…${dataset.count - 1}`);
    }
    labels[i] = dataset.labels[row];
  }
  const chosen = { count: indices.length, labels };
  if ("texts" in dataset) {
    return { ...dataset, ...chosen, texts: Array.from(indices, (row) => dataset.texts[row]) };
  }
  return { ...dataset, ...chosen, features: selectFeatures(dataset, indices) };
}

function selectFeatures({ features, featureLength }: Dataset, indices: ArrayLike<number>): Uint8Array | Float32Array {
  const length = indices.length * featureLength;
  const chosen = features instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i] * featureLength;
    chosen.set(features.subarray(start, start + featureLength), i * featureLength);
  }
  return chosen;
}
