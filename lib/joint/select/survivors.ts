/**
 * The candidates whose bits are kept: all of a small pool, the most promising of a large one.
 *
 * @module
 */
import { BitColumns } from "./bit_columns.ts";
import type { CandidatePool } from "./candidate_pool.ts";
import { gradients, scores } from "./forward_step.ts";

/** Most bits that are kept, and most bytes that they take. */
const most = { bits: 8192, bytes: 96 * 2 ** 20 };
/** Samples on which a large pool is scored. */
const prefilterSamples = 2048;

/** Candidates and their bits. */
export interface Survivors {
  /** Their numbers in the pool, in the order of {@linkcode CandidatePool.arrange}. */
  readonly candidates: Uint32Array;
  /** Their bits on all samples. */
  readonly columns: BitColumns;
  /** The mean of each column as +-1. */
  readonly means: Float64Array;
}

/** How to find survivors. */
export interface SurvivorOptions {
  /** [samples x classes] what has to be explained; without, the pool's first candidates survive. */
  readonly residual?: Float32Array;
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
  const { residual, wanted } = options;
  const scored = residual !== undefined && !keepsAll(pool, wanted);
  const candidates = scored
    ? await prefilter(pool, { ...options, residual })
    : pool.arrange(firstNumbers(Math.min(pool.pool, capacity(pool, wanted))));
  const work = (scored ? pool.pool : 0) + candidates.length;
  const { groupSize } = pool;
  const columns = new BitColumns({ samples: pool.samples, count: candidates.length * groupSize });
  for (const block of pool.blocks(candidates)) {
    columns.data.set(block.columns.data, block.first * groupSize * columns.words);
    await options.between(work - candidates.length + block.first, work);
  }
  return { candidates, columns, means: columns.means() };
}

function firstNumbers(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

async function prefilter(
  pool: CandidatePool,
  options: SurvivorOptions & Required<Pick<SurvivorOptions, "residual">>,
): Promise<Uint32Array> {
  const { classes, keep, between } = options;
  const { groupSize } = pool;
  const all = pool.arrange(firstNumbers(pool.pool));
  const samples = Math.min(pool.samples, prefilterSamples);
  const residual = options.residual.subarray(0, samples * classes);
  const score = new Float64Array(pool.pool);
  const kept = capacity(pool, options.wanted);
  for (const { first, columns } of pool.blocks(all, samples)) {
    const means = columns.means();
    const gradient = gradients({ columns, means, residual, classes });
    const variances = Float64Array.from(means, (mean) => 1 - mean * mean);
    scores(gradient, variances, { groupSize, classes }).forEach((value, i) => score[all[first + i]] = value);
    await between(first, pool.pool + kept);
  }
  for (const candidate of keep) score[candidate] = Infinity;
  return pool.arrange(all.slice().sort((a, b) => score[b] - score[a] || a - b).subarray(0, kept));
}
