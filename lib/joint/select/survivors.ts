/**
 * The candidates whose bits are kept: all of a small pool, the most promising of a large one.
 *
 * @module
 */
import { BitColumns } from "./bit_columns.ts";
import type { CandidatePool } from "./candidate_pool.ts";
import { gradients, scores } from "./forward_step.ts";

/** Most bits that are kept, and most bytes that they take. */
const most = { bits: 16_384, bytes: 96 * 2 ** 20 };
/** Samples on which a large pool is scored. */
const prefilterSamples = 4096;

/** Candidates and their bits. */
export interface Survivors {
  /** Their numbers in the pool, ascending. */
  readonly candidates: Uint32Array;
  /** Their bits on all samples. */
  readonly columns: BitColumns;
  /** The mean of each column as +-1. */
  readonly means: Float64Array;
}

/** How to find survivors. */
export interface SurvivorOptions {
  /** [samples x classes] what has to be explained. */
  readonly residual: Float32Array;
  /** Number of classes. */
  readonly classes: number;
  /** Number of candidates that will be chosen. */
  readonly wanted: number;
  /** Candidates that have to stay. */
  readonly keep: ReadonlySet<number>;
  /** Called between blocks with the number of candidates generated so far and in all. */
  readonly between: (done: number, all: number) => Promise<void>;
}

/** Whether all of a pool survives when so many are wanted. */
export function keepsAll(pool: CandidatePool, wanted: number): boolean {
  return pool.pool <= capacity(pool, wanted);
}

/** Candidates that are kept: never fewer than twice as many as are wanted. */
function capacity({ samples, groupSize }: CandidatePool, wanted: number): number {
  const bits = Math.min(most.bits, Math.floor(most.bytes / (samples / 8)));
  return Math.max(2 * wanted, Math.floor(bits / groupSize));
}

/** Scores the pool against the residual when it is too large to keep, and generates the bits of those that stay. */
export async function findSurvivors(pool: CandidatePool, options: SurvivorOptions): Promise<Survivors> {
  const all = Uint32Array.from({ length: pool.pool }, (_, i) => i);
  const candidates = keepsAll(pool, options.wanted) ? all : await prefilter(pool, all, options);
  const work = keepsAll(pool, options.wanted) ? pool.pool : pool.pool + candidates.length;
  const { groupSize } = pool;
  const columns = new BitColumns({ samples: pool.samples, count: candidates.length * groupSize });
  for (const block of pool.blocks(candidates)) {
    columns.data.set(block.columns.data, block.first * groupSize * columns.words);
    await options.between(work - candidates.length + block.first, work);
  }
  return { candidates, columns, means: columns.means() };
}

async function prefilter(pool: CandidatePool, all: Uint32Array, options: SurvivorOptions): Promise<Uint32Array> {
  const { classes, keep, between } = options;
  const { groupSize } = pool;
  const samples = Math.min(pool.samples, prefilterSamples);
  const residual = options.residual.subarray(0, samples * classes);
  const score = new Float64Array(pool.pool);
  const kept = capacity(pool, options.wanted);
  for (const { first, columns } of pool.blocks(all, samples)) {
    const means = columns.means();
    const gradient = gradients({ columns, means, residual, classes });
    const variances = Float64Array.from(means, (mean) => 1 - mean * mean);
    score.set(scores(gradient, variances, { groupSize, classes }), first);
    await between(first, pool.pool + kept);
  }
  for (const candidate of keep) score[candidate] = Infinity;
  return all.slice().sort((a, b) => score[b] - score[a] || a - b).slice(0, kept).sort();
}
