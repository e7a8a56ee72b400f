/**
 * One network, all contestants: checked against each other, measured together, and set in relation.
 *
 * @module
 */
import { type Agreement, checkAgreement } from "./agreement.ts";
import { gemm } from "./gemm.ts";
import { type Entry, interleave, type InterleaveOptions } from "./interleave.ts";
import { type Contestant, operationsOf, type Problem } from "./problem.ts";
import { medianRatio, medianSample } from "./statistics.ts";

/** How fast a contestant trains. */
export interface ContestantReport {
  /** Which contestant. */
  readonly name: string;
  /** Threads that compute. */
  readonly threads: number;
  /** Median. */
  readonly examplesPerSecond: number;
  /** Median. */
  readonly millisecondsPerStep: number;
  /** How many times as fast as it this library is on as many threads. */
  readonly oursTimesAsFast: number;
  /** Rounds in which it was measured. */
  readonly rounds: number;
}

/** This library's step beside its matrix products alone. */
export interface GemmReport {
  /** Threads that compute. */
  readonly threads: number;
  /** 10⁹ floating-point operations a second when the products run alone. */
  readonly gemmGigaflops: number;
  /** The same operations in the time of the whole step. */
  readonly stepGigaflops: number;
  /** How much of the products' own speed the step keeps, 0…1. */
  readonly share: number;
}

/** What was found about one network. */
export interface NetworkReport {
  /** Widths of the layers. */
  readonly network: string;
  /** Rows in a step. */
  readonly batchSize: number;
  /** Floating-point operations in the matrix products of a step. */
  readonly operationsPerStep: number;
  /** How the losses of the first steps compare. */
  readonly agreement: Agreement;
  /** This library first, then its peers. */
  readonly contestants: readonly ContestantReport[];
  /** For one thread and for several. */
  readonly gemm: readonly GemmReport[];
  /** How many times as fast this library is on several threads as on one; null where there is one processor. */
  readonly threadSpeedup: number | null;
}

/** Checks and measures `contestants`, of which the first ones are this library on rising numbers of threads. */
export async function compare(
  problem: Problem,
  contestants: readonly Contestant[],
  options: InterleaveOptions,
): Promise<NetworkReport> {
  const enter = async (contestant: Contestant): Promise<Entry> => ({
    name: contestant.name,
    threads: contestant.threads,
    training: await contestant.prepare(problem),
  });
  const trainings: Entry[] = [];
  for (const contestant of contestants) trainings.push(await enter(contestant));
  const agreement = await checkAgreement(trainings);

  const ownThreads = contestants.filter(({ name }) => name === contestants[0].name).map(({ threads }) => threads);
  const products: Entry[] = [];
  for (const threads of ownThreads) products.push(await enter(gemm(threads)));
  const entries = [...trainings, ...products];
  const samples = await interleave(entries, options);
  for (const { training } of entries) training.dispose();

  const operations = operationsOf(problem);
  const ownSamples = new Map(ownThreads.map((threads, index) => [threads, samples[index]]));
  return {
    network: problem.name,
    batchSize: problem.batchSize,
    operationsPerStep: operations,
    agreement,
    contestants: trainings.map(({ name, threads }, index) => ({
      name,
      threads,
      examplesPerSecond: problem.batchSize / medianSample(samples[index]),
      millisecondsPerStep: 1000 * medianSample(samples[index]),
      oursTimesAsFast: medianRatio(samples[index], ownSamples.get(threads)!),
      rounds: samples[index].filter((sample) => sample !== undefined).length,
    })),
    gemm: products.map(({ threads }, index) => {
      const own = ownSamples.get(threads)!, alone = samples[trainings.length + index];
      return {
        threads,
        gemmGigaflops: operations / medianSample(alone) / 1e9,
        stepGigaflops: operations / medianSample(own) / 1e9,
        share: medianRatio(alone, own),
      };
    }),
    threadSpeedup: ownThreads.length > 1 ? medianRatio(samples[0], samples[ownThreads.length - 1]) : null,
  };
}

/** The report as text for a terminal. */
export function describe(report: NetworkReport): string {
  const { network, batchSize, operationsPerStep, agreement, contestants, gemm, threadSpeedup } = report;
  const largest = Math.max(0, ...agreement.differences.map(({ difference }) => difference));
  const rows = contestants.map((row) => [
    row.name,
    row.threads,
    row.examplesPerSecond.toFixed(0),
    row.millisecondsPerStep.toFixed(3),
    row.oursTimesAsFast.toFixed(2),
    row.rounds,
  ]);
  const table = [["", "threads", "examples/s", "ms/step", "ours is × as fast", "rounds"], ...rows];
  const lines = table.map(([name, ...cells]) =>
    "  " + String(name).padEnd(10) + cells.map((cell) => String(cell).padStart(19)).join("")
  );
  const gigaflops = gemm.map(({ threads, stepGigaflops, gemmGigaflops, share }) =>
    `  threads ${threads}: the step reaches ${stepGigaflops.toFixed(1)} GFLOP/s, the matrix products alone ` +
    `${gemmGigaflops.toFixed(1)} GFLOP/s: ${(100 * share).toFixed(1)} %`
  );
  return [
    `${network}, batch ${batchSize}: ${
      (operationsPerStep / 1e9).toPrecision(3)
    } GFLOP a step; the losses of the first ` +
    `${agreement.steps} steps differ by ${largest.toExponential(1)} at most (accepted: ${agreement.tolerance})`,
    ...lines,
    ...gigaflops,
    ...threadSpeedup === null ? [] : [`  several threads are ${threadSpeedup.toFixed(2)} times as fast as one`],
  ].join("\n");
}
