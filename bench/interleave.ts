/**
 * Measures contestants against each other: round by round, each for a moment in turn, so that what slows the machine down for a while slows all of
 * them down.
 *
 * @module
 */
import type { Pinning } from "./pinning.ts";
import type { Training } from "./problem.ts";
import type { Samples } from "./statistics.ts";

/** What takes part. */
export interface Entry {
  /** Name for reports. */
  readonly name: string;
  /** Threads that compute. */
  readonly threads: number;
  /** What is timed. */
  readonly training: Training;
}

/** How long and how often. */
export interface InterleaveOptions {
  /** Number of rounds. */
  readonly rounds: number;
  /** Aim for the time of an entry in a round; one step at least is run. */
  readonly seconds: number;
  /** Binds threads to processors; null leaves them to the kernel. */
  readonly pinning: Pinning | null;
}

/** Entries whose single step takes longer than so many times the aim are left out of some rounds. */
const slow = 4;
const fewestRounds = 3;

interface Plan {
  readonly entry: Entry;
  readonly steps: number;
  readonly rounds: number;
}

/** Seconds a step of each entry, one sample a round. */
export async function interleave(entries: readonly Entry[], options: InterleaveOptions): Promise<Samples[]> {
  const { rounds } = options;
  const plans: Plan[] = [];
  for (const entry of entries) plans.push(await plan(entry, options));
  const samples = entries.map(() => new Array<number | undefined>(rounds).fill(undefined));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { entry, steps, rounds: share }] of plans.entries()) {
      const due = Math.floor((round + 1) * share / rounds) > Math.floor(round * share / rounds);
      if (due) samples[index][round] = await measure(entry, steps, options) / steps;
    }
  }
  return samples;
}

/** Warms an entry up and finds how many steps fill its time. */
async function plan({ training, ...entry }: Entry, { rounds, seconds }: InterleaveOptions): Promise<Plan> {
  await training.activate?.();
  let fastest = Infinity;
  for (let spent = 0, steps = 1; spent < 2 * seconds; steps *= 2) {
    const taken = await time(training, steps);
    fastest = Math.min(fastest, taken / steps);
    spent += taken;
  }
  const share = Math.max(fewestRounds, Math.floor(rounds * seconds / fastest));
  return {
    entry: { training, ...entry },
    steps: Math.max(1, Math.round(seconds / fastest)),
    rounds: fastest > slow * seconds ? Math.min(rounds, share) : rounds,
  };
}

/** Seconds for so many steps, after some that bring the data into the caches and start the threads. */
async function measure({ training, threads }: Entry, steps: number, { pinning }: InterleaveOptions): Promise<number> {
  await training.activate?.();
  const warmUp = (): Promise<unknown> => training.run(Math.ceil(steps / 2));
  if (threads > 1 && pinning !== null) await pinning.bindBusiest(threads, warmUp);
  else {
    await pinning?.bindMain();
    if (steps > 1) await warmUp();
  }
  const taken = await time(training, steps);
  await pinning?.release();
  return taken;
}

async function time(training: Training, steps: number): Promise<number> {
  const began = performance.now();
  await training.run(steps);
  return (performance.now() - began) / 1000;
}
