/**
 * Orders and parts of the rows of a data set.
 *
 * Shuffling is Fisher-Yates (Knuth, "The Art of Computer Programming" volume 2, algorithm P) where each random number is a hash of the seed and of where it is
 * used, so that any order can be made again on its own. The split is stratified: each class gives the same share, by the largest-remainder method, so that the
 * validation part has exactly the rounded number of rows and a class is never used up.
 *
 * @module
 */
import { hash32 } from "../projection/hash.ts";
import type { Dataset, StoredDataset } from "./dataset.ts";
import type { StoredTextDataset, TextDataset } from "./text_dataset.ts";

/** A labelled set of any kind. */
export type AnyDataset = Dataset | StoredDataset | TextDataset | StoredTextDataset;

/** Sets apart the random numbers of different purposes that share one seed. */
const PURPOSES = { split: 1, epoch: 2, batch: 3, few: 4 } as const;

/** Which shuffle is wanted. */
interface ShuffleKey {
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** What the order is for. */
  purpose: keyof typeof PURPOSES;
  /** Which of the orders of that purpose: an epoch, a class. */
  index: number;
}

/** Shuffles in place. A seed or index that is no unsigned 32-bit integer is a RangeError. */
function shuffle(values: Uint32Array, { seed, purpose, index }: ShuffleKey): Uint32Array {
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

/** Settings of {@link splitDataset}. */
export interface SplitOptions {
  /** Share of the rows that becomes the validation part, between 0 and 1, both excluded. */
  fraction: number;
  /** Seed of the choice, an unsigned 32-bit integer. */
  seed: number;
}

/** The two parts of a data set, each with its rows in their original order. */
export interface DatasetSplit<D extends AnyDataset = Dataset> {
  /** What is left to train on. */
  train: D;
  /** What was set aside. */
  validation: D;
}

/**
 * Splits by class and seed: the same arguments give the same parts. Every class that is present keeps at least one row to
 * train on. A fraction outside (0, 1), or a set too small to give a single row, is a RangeError.
 */
export function splitDataset<D extends AnyDataset>(dataset: D, options: SplitOptions): DatasetSplit<D> {
  const { train, validation } = splitRows(dataset, options);
  return { train: selectRows(dataset, train), validation: selectRows(dataset, validation) };
}

/** The rows of each part, ascending; as {@link splitDataset}. */
export function splitRows(
  dataset: AnyDataset,
  { fraction, seed }: SplitOptions,
): { train: Uint32Array; validation: Uint32Array } {
  if (!(fraction > 0 && fraction < 1)) {
    throw new RangeError(`splitting ${dataset.name}: the fraction is ${fraction}, wanted between 0 and 1`);
  }
  const members = rowsByClass(dataset);
  const shares = allot(members.map(({ length }) => length), { fraction, total: Math.round(dataset.count * fraction) });
  const chosen = new Uint8Array(dataset.count);
  let size = 0;
  for (const [index, rows] of members.entries()) {
    shuffle(rows, { seed, purpose: "split", index });
    for (let i = 0; i < shares[index]; i++) chosen[rows[i]] = 1;
    size += shares[index];
  }
  if (size === 0) {
    throw new RangeError(
      `splitting ${dataset.name}: ${fraction} of ${dataset.count} rows in ${dataset.labelNames.length} classes is no row at all, wanted more rows or a larger fraction`,
    );
  }
  const train = new Uint32Array(dataset.count - size);
  const validation = new Uint32Array(size);
  for (let row = 0, kept = 0, taken = 0; row < dataset.count; row++) {
    if (chosen[row] === 1) validation[taken++] = row;
    else train[kept++] = row;
  }
  return { train, validation };
}

function rowsByClass({ count, labels, labelNames }: AnyDataset): Uint32Array[] {
  const sizes = new Uint32Array(labelNames.length);
  for (let row = 0; row < count; row++) sizes[labels[row]]++;
  const members = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let row = 0; row < count; row++) members[labels[row]][sizes[labels[row]]++] = row;
  return members;
}

/** Settings of {@link chooseLabelled}. */
export interface FewLabelsOptions {
  /** Rows of each class. */
  perClass: number;
  /** Seed of the choice, an unsigned 32-bit integer. */
  seed: number;
}

/** Chooses as many rows of each class at random, among all or the given ones, in ascending order. A class with fewer rows is a RangeError. */
export function chooseLabelled(
  dataset: AnyDataset,
  { perClass, seed }: FewLabelsOptions,
  among?: ArrayLike<number>,
): Uint32Array {
  const chosen = rowsByClass(among === undefined ? dataset : selectRows(dataset, among)).flatMap((members, label) => {
    if (members.length < perClass) {
      throw new RangeError(
        `choosing rows of ${dataset.name}: the class ${
          JSON.stringify(dataset.labelNames[label])
        } has ${members.length} labelled rows, wanted ${perClass}`,
      );
    }
    return Array.from(shuffle(members, { seed, purpose: "few", index: label }).subarray(0, perClass));
  });
  return Uint32Array.from(chosen, (place) => among?.[place] ?? place).sort();
}

/** Seats by largest remainder, at most one fewer than the class has rows; equal remainders go to the lower class. */
function allot(sizes: number[], { fraction, total }: { fraction: number; total: number }): number[] {
  const shares = sizes.map((size) => Math.max(0, Math.min(size - 1, Math.floor(size * fraction))));
  let left = total - shares.reduce((sum, share) => sum + share, 0);
  const remainder = (index: number) => sizes[index] * fraction - Math.floor(sizes[index] * fraction);
  const order = sizes.map((_, index) => index).sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const index of order) {
    if (left <= 0) break;
    if (shares[index] + 1 >= sizes[index]) continue;
    shares[index]++;
    left--;
  }
  return shares;
}

/**
 * The rows with the given indices, in that order; an index may occur more than once. They are copied, but those of a set that stays in its files stay there too.
 * The classes stay those of the whole set. An index outside 0...count-1 is a RangeError.
 */
export function selectRows<D extends AnyDataset>(dataset: D, indices: ArrayLike<number>): D;
export function selectRows(dataset: AnyDataset, indices: ArrayLike<number>): AnyDataset {
  const labels = new Uint16Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!Number.isInteger(row) || row < 0 || row >= dataset.count) {
      throw new RangeError(`selecting rows: index ${i} is ${row}, wanted an integer in 0...${dataset.count - 1}`);
    }
    labels[i] = dataset.labels[row];
  }
  const chosen = { count: indices.length, labels };
  const among = (rows: ArrayLike<number>): number[] => Array.from(rows, (row) => indices[row]);
  if ("texts" in dataset) {
    const { texts } = dataset;
    if (Array.isArray(texts)) return { ...dataset, ...chosen, texts: Array.from(indices, (row) => texts[row]) };
    return { ...dataset, ...chosen, texts: { read: (rows) => texts.read(among(rows)) } };
  }
  const files = dataset.files && { files: Array.from(indices, (row) => dataset.files![row]) };
  const { features, featureLength } = dataset;
  if ("read" in features) {
    const read = (rows: ArrayLike<number>, out: Uint8Array): void => features.read(among(rows), out);
    return { ...dataset, ...chosen, ...files, features: { read } } as StoredDataset;
  }
  return { ...dataset, ...chosen, ...files, features: copyRows({ features, featureLength }, indices) };
}

/** Copies of some rows of features in memory, in the given order. */
export function copyRows<Features extends Dataset["features"]>(
  { features, featureLength }: { features: Features; featureLength: number },
  rows: ArrayLike<number>,
): Features;
export function copyRows(
  { features, featureLength }: Pick<Dataset, "features" | "featureLength">,
  rows: ArrayLike<number>,
): Dataset["features"] {
  const length = rows.length * featureLength;
  const taken = features instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * featureLength;
    taken.set(features.subarray(start, start + featureLength), i * featureLength);
  }
  return taken;
}
