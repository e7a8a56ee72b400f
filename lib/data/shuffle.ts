/**
 * Deterministic shuffling: Fisher-Yates (Knuth, "The Art of Computer Programming" volume 2, algorithm P) where each random
 * number is a hash of the seed and of where it is used, so that any order can be made again on its own.
 */

import { hash32 } from "../projection/mod.ts";

/** Sets apart the random numbers of different purposes that share one seed. */
const PURPOSES = { split: 1, epoch: 2, batch: 3, few: 4 } as const;

/** Which shuffle is wanted. */
export interface ShuffleKey {
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** What the order is for. */
  purpose: keyof typeof PURPOSES;
  /** Which of the orders of that purpose: an epoch, a class. */
  index: number;
}

/** Shuffles in place. A seed or index that is no unsigned 32-bit integer is a RangeError. */
export function shuffle(values: Uint32Array, { seed, purpose, index }: ShuffleKey): Uint32Array {
  for (const [name, value] of [["seed", seed], ["index", index]] as const) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`shuffling for ${purpose}: ${name} is ${value}, wanted an integer in 0...2^32-1`);
    }
  }
  const key = hash32(seed, PURPOSES[purpose], 0);
  for (let left = values.length; left > 1; left--) {
    const chosen = Math.floor((hash32(key, index, left) * left) / 2 ** 32);
    const last = values[left - 1];
    values[left - 1] = values[chosen];
    values[chosen] = last;
  }
  return values;
}

/** Settings of {@link epochOrder}. */
export interface EpochOrderOptions {
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** The epoch, counted from 0; each has an order of its own. */
  epoch: number;
}

/**
 * A permutation of 0...count-1 that depends on nothing but its arguments; batches are consecutive pieces of it. A seed or epoch
 * that is no unsigned 32-bit integer is a RangeError.
 */
export function epochOrder(count: number, { seed, epoch }: EpochOrderOptions): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return shuffle(order, { seed, purpose: "epoch", index: epoch });
}

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
