/**
 * The nearest neighbours of every row: buckets of a locality-sensitive hash as the index, exact distances within a bucket, then the neighbours of neighbours.
 *
 * A hash's bits are random projections of our own, each cut at the median of the rows that share the bits before it (a random projection tree: Dasgupta & Freund
 * 2008), so that all buckets have one size. What several hashes found is completed by looking at the neighbours of neighbours until few are new (NN-descent: Dong,
 * Charikar & Li 2011). The time grows with the rows, not with their square.
 *
 * @module
 */
import { hash32 } from "../../projection/mod.ts";
import type { MetricRows } from "./metric_rows.ts";

/** Settings of {@linkcode nearestNeighbours}. */
export interface NearestOptions {
  /** Neighbours of each row; fewer rows have as many as there are. */
  readonly neighbours: number;
  /** Number of hashes. */
  readonly hashes: number;
  /** Most rows in a bucket. */
  readonly bucket: number;
  /** Seed of the projections. */
  readonly seed: number;
  /** Called after each bucket and while neighbours of neighbours are looked at, with the part that is done, 0...1. */
  readonly onProgress?: (done: number) => void;
  /** Aborts with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The nearest rows of every row, nearest first. */
export interface Neighbours {
  /** Number of rows. */
  readonly count: number;
  /** Neighbours of each row. */
  readonly width: number;
  /** [count x width] their numbers. */
  readonly ids: Uint32Array;
  /** [count x width] their squared distances. */
  readonly distances: Float32Array;
}

/** 'knn0' in ASCII. */
const seedPurpose = 0x6b6e6e30;

/** Passes over the neighbours of neighbours, and the part of the entries that may change in the last. */
const passes = { most: 4, settled: 0.003 };

/** Part of the progress that the hashes make up. */
const hashPart = 0.6;

/** While they are looked for, lists are so many times as long: MNIST's first 10,000 images, 4 hashes, 10 neighbours, 94.9 % found with 1 and 99.0 % with 1.5. */
const listLength = 1.5;

/** Finds the nearest neighbours, almost all of them; which ones are missed depends on the rows and the options alone. */
export async function nearestNeighbours(rows: MetricRows, options: NearestOptions): Promise<Neighbours> {
  const { count } = rows, { hashes, bucket, seed, onProgress, signal } = options;
  const found = new NearestLists(count, Math.min(Math.ceil(options.neighbours * listLength), count - 1));
  const levels = Math.max(0, Math.ceil(Math.log2(count / bucket)));
  const pause = prepareYield(signal);
  const distances = new Float32Array((Math.ceil(count / 2 ** levels) + 1) ** 2);
  for (let hash = 0; hash < (levels === 0 ? 1 : hashes); hash++) {
    const projected = levels === 0 ? [] : rows.project({ levels, seed: hash32(seed, seedPurpose, hash) });
    const order = Uint32Array.from({ length: count }, (_, row) => row);
    const buckets = splitAtMedians(order, { projected, levels });
    let done = 0;
    for (const members of buckets) {
      rows.pairwise(members, distances);
      const size = members.length;
      for (let i = 0, at = 0; i < size; i++) {
        for (let j = 0; j < size; j++, at++) if (i !== j) found.offer(members[i], members[j], distances[at]);
      }
      done += size;
      onProgress?.(hashPart * (hash + done / count) / hashes);
      await pause();
    }
  }
  if (levels > 0) await visitNeighboursOfNeighbours(rows, { found, pause, onProgress });
  return found.take(options.neighbours);
}

/** Halves the rows at the median of the first projection, each half at that of the second, and so on; equal values are told apart by their place. */
function splitAtMedians(
  order: Uint32Array,
  { projected, levels }: { projected: ArrayLike<number>; levels: number },
): Uint32Array[] {
  let parts = [order];
  for (let level = 0; level < levels; level++) {
    parts = parts.flatMap((part) => {
      part.sort((a, b) => projected[a * levels + level] - projected[b * levels + level] || a - b);
      const half = part.length >> 1;
      return [part.subarray(0, half), part.subarray(half)];
    });
  }
  return parts;
}

async function visitNeighboursOfNeighbours(
  rows: MetricRows,
  { found, pause, onProgress }: {
    found: NearestLists;
    pause: () => Promise<void>;
    onProgress: NearestOptions["onProgress"];
  },
): Promise<void> {
  const { count, width } = found;
  const seen = new Uint32Array(count), candidates = new Uint32Array(width * width);
  const distances = new Float32Array(width * width);
  for (let pass = 0, visit = 0; pass < passes.most; pass++) {
    const before = found.ids.slice(), fresh = found.takeFresh();
    let changed = 0;
    for (let row = 0; row < count; row++) {
      visit++;
      seen[row] = visit;
      for (let i = row * width; i < (row + 1) * width; i++) seen[found.ids[i]] = visit;
      let length = 0;
      for (let i = row * width; i < (row + 1) * width; i++) {
        for (let j = before[i] * width, end = j + width; j < end; j++) {
          if ((fresh[i] | fresh[j]) === 0 || seen[before[j]] === visit) continue;
          seen[before[j]] = visit;
          candidates[length++] = before[j];
        }
      }
      rows.distances(row, candidates.subarray(0, length), distances);
      for (let i = 0; i < length; i++) {
        changed += Number(found.offer(row, candidates[i], distances[i]));
        changed += Number(found.offer(candidates[i], row, distances[i]));
      }
      if (row % 256 === 0) {
        onProgress?.(hashPart + (1 - hashPart) * (pass + row / count) / passes.most);
        await pause();
      }
    }
    if (changed <= passes.settled * count * width) break;
  }
  onProgress?.(1);
}

/** For every row the nearest ones so far, in order. */
class NearestLists {
  readonly ids: Uint32Array;
  readonly distances: Float32Array;
  /** 1 for entries since the last {@linkcode NearestLists.takeFresh}. */
  #fresh: Uint8Array;

  constructor(readonly count: number, readonly width: number) {
    this.ids = new Uint32Array(count * width);
    this.distances = new Float32Array(count * width).fill(Infinity);
    this.#fresh = new Uint8Array(count * width);
  }

  /** Takes `other` into the list of `row` when it is near enough and not there; returns whether it did. Of equally near ones the first stays. */
  offer(row: number, other: number, distance: number): boolean {
    const { ids, distances, width } = this, first = row * width;
    let at = first + width - 1;
    if (!(distance < distances[at])) return false;
    for (let i = first; i <= at && distances[i] < Infinity; i++) if (ids[i] === other) return false;
    for (; at > first && distances[at - 1] > distance; at--) {
      ids[at] = ids[at - 1];
      distances[at] = distances[at - 1];
      this.#fresh[at] = this.#fresh[at - 1];
    }
    ids[at] = other;
    distances[at] = distance;
    this.#fresh[at] = 1;
    return true;
  }

  /** The first so many of each list. */
  take(neighbours: number): Neighbours {
    const { count } = this, width = Math.min(neighbours, this.width);
    const ids = new Uint32Array(count * width), distances = new Float32Array(count * width);
    for (let row = 0, from = 0; row < count; row++, from += this.width) {
      ids.set(this.ids.subarray(from, from + width), row * width);
      distances.set(this.distances.subarray(from, from + width), row * width);
    }
    return { count, width, ids, distances };
  }

  takeFresh(): Uint8Array {
    const fresh = this.#fresh;
    this.#fresh = new Uint8Array(fresh.length);
    return fresh;
  }
}

/** The part of the neighbours found that are no farther than the true ones, 0...1, measured on a sample of rows, spread evenly, against all others. */
export async function measureRecall(
  rows: MetricRows,
  { ids, width, count }: Neighbours,
  { sample, signal }: { sample: number; signal?: AbortSignal },
): Promise<number> {
  const size = Math.min(sample, count), pause = prepareYield(signal);
  const all = Uint32Array.from({ length: count }, (_, row) => row), distances = new Float32Array(count);
  let right = 0;
  for (let i = 0; i < size; i++) {
    const row = Math.floor(i * count / size);
    rows.distances(row, all, distances);
    const last = distances.filter((_, other) => other !== row).sort()[width - 1];
    for (let at = row * width; at < (row + 1) * width; at++) right += Number(distances[ids[at]] <= last);
    await pause();
  }
  return right / (size * width);
}

/** Lets other work run now and then. */
function prepareYield(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
