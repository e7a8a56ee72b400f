/** The order in which sequences of unequal lengths are seen in an epoch, so that those of a batch have similar lengths. */

import { epochOrder, type EpochOrderOptions } from "./epoch_order.ts";
import { shuffle } from "./shuffle.ts";

/** Batches of rows that are sorted by length together: enough for similar lengths, few enough that batches differ from epoch to epoch. */
const batchesSorted = 32;

/** Settings of {@link bucketedOrder}. */
export interface BucketedOrderOptions extends EpochOrderOptions {
  /** Rows in a batch. */
  batchSize: number;
}

/**
 * A permutation of the rows that depends on nothing but its arguments; batches are consecutive pieces of it. The rows are shuffled, then sorted by length
 * within runs of some batches, and the batches shuffled; a last batch of fewer rows stays the last. A seed or epoch that is no unsigned 32-bit integer is a
 * RangeError.
 */
export function bucketedOrder(lengths: ArrayLike<number>, options: BucketedOrderOptions): Uint32Array {
  const { seed, epoch, batchSize } = options;
  const order = epochOrder(lengths.length, { seed, epoch });
  for (let start = 0; start < order.length; start += batchesSorted * batchSize) {
    order.subarray(start, start + batchesSorted * batchSize).sort((a, b) => lengths[a] - lengths[b]);
  }
  const whole = Math.floor(order.length / batchSize);
  const batches = shuffle(Uint32Array.from({ length: whole }, (_, i) => i), { seed, purpose: "batch", index: epoch });
  const bucketed = order.slice();
  batches.forEach((batch, place) =>
    bucketed.set(order.subarray(batch * batchSize, (batch + 1) * batchSize), place * batchSize)
  );
  return bucketed;
}
