/** The order in which the examples of an epoch are seen. */

import { shuffle } from "./shuffle.ts";

/** Settings of {@link epochOrder}. */
export interface EpochOrderOptions {
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** The epoch, counted from 0; each has an order of its own. */
  epoch: number;
}

/**
 * A permutation of 0…count−1 that depends on nothing but its arguments; batches are consecutive pieces of it. A seed or epoch
 * that is no unsigned 32-bit integer is a RangeError.
 */
export function epochOrder(count: number, { seed, epoch }: EpochOrderOptions): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return shuffle(order, { seed, purpose: "epoch", index: epoch });
}
