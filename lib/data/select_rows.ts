/** Some rows of a data set as a data set of its own. */

import type { Dataset } from "./dataset.ts";

/**
 * Copies the rows with the given indices, in that order; an index may occur more than once. The classes stay those of the
 * whole set. An index outside 0…count−1 is a RangeError.
 */
export function selectRows(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const { featureLength, count } = dataset;
  const length = indices.length * featureLength;
  const features = dataset.features instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  const labels = new Uint16Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!Number.isInteger(row) || row < 0 || row >= count) {
      throw new RangeError(`selecting rows: index ${i} is ${row}, wanted an integer in 0…${count - 1}`);
    }
    const start = row * featureLength;
    features.set(dataset.features.subarray(start, start + featureLength), i * featureLength);
    labels[i] = dataset.labels[row];
  }
  return { ...dataset, count: indices.length, features, labels };
}
