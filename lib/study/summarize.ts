/**
 * What a study found: a point for each projection network, medians over the seeds, and the fewest bits and bytes that keep a share of the trainer's accuracy.
 *
 * @module
 */
import type { NetworkOutcome, UnitOutcome } from "./folder.ts";
import { type StudyNetwork, type StudyPlan, unitsOf } from "./plan.ts";

/** A projection network and the trainer beside it, with one seed. */
export interface StudyRun {
  /** The seed. */
  readonly seed: number;
  /** Bytes of the packed file. */
  readonly modelBytes: number;
  /** The epoch that was kept, from 1. */
  readonly bestEpoch: number;
  /** Accuracy on validation data. */
  readonly validationAccuracy: number;
  /** Accuracy on test data; null without. */
  readonly projectionAccuracy: number | null;
  /** The trainer's accuracy on validation data. */
  readonly trainerValidationAccuracy: number;
  /** The trainer's accuracy on test data; null without. */
  readonly trainerAccuracy: number | null;
}

/** A projection network; its figures are medians over the seeds. */
export interface StudyPoint extends Omit<StudyRun, "seed" | "bestEpoch"> {
  /** What it shares with the other sizes of its kind, such as `gaussian` or `conv, FC[64], ternary`. */
  readonly series: string;
  /** Family of the projection. */
  readonly projection: string;
  /** Weights of the head's layers. */
  readonly head: string;
  /** Width of the hidden layer; null without. */
  readonly hidden: number | null;
  /** Number of bits, or of counts. */
  readonly bits: number;
  /** Number of trained values. */
  readonly parameters: number;
  /** Each seed. */
  readonly runs: readonly StudyRun[];
}

/** The least that keeps a share of the trainer's accuracy, chosen on validation data. */
export interface StudyAnswer {
  /** The share, such as 0.9. */
  readonly share: number;
  /** What there is least of. */
  readonly least: "bits" | "modelBytes";
  /** Number of the point; null when none keeps the share. */
  readonly point: number | null;
  /** Median over the seeds of its share of the trainer's accuracy on validation data; null without a point. */
  readonly validationShare: number | null;
  /** The same on test data; null without. */
  readonly testShare: number | null;
}

/** The trainer network; its figures are medians over the trainings. */
export interface StudyTrainer extends Omit<NetworkOutcome, "bits" | "modelBytes" | "bestEpoch"> {
  /** Bytes of its parameters as float32. */
  readonly bytes: number;
}

/** What a study found; study.json in its folder. */
export interface StudyResult {
  /** What was studied. */
  readonly plan: StudyPlan;
  /** The trainer network. */
  readonly trainer: StudyTrainer;
  /** The projection networks, in the plan's order. */
  readonly points: readonly StudyPoint[];
  /** How many bits and bytes it takes. */
  readonly answers: readonly StudyAnswer[];
}

/** The shares of the trainer's accuracy that a study asks about. */
export const shares: readonly number[] = [0.9, 0.95, 0.99];

/** Joins what all units of a study found, in the order of {@linkcode unitsOf}. */
export function summarize(plan: StudyPlan, outcomes: readonly UnitOutcome[]): StudyResult {
  const runs: StudyRun[][] = plan.networks.map(() => []);
  const facts: NetworkOutcome[] = [];
  for (const [at, { networks, seed }] of unitsOf(plan).entries()) {
    const { trainer, networks: found } = outcomes[at];
    networks.forEach((index, place) => {
      const { modelBytes, bestEpoch, validationAccuracy, testAccuracy } = facts[index] = found[place];
      runs[index].push({
        seed,
        modelBytes,
        bestEpoch,
        validationAccuracy,
        projectionAccuracy: testAccuracy,
        trainerValidationAccuracy: trainer.validationAccuracy,
        trainerAccuracy: trainer.testAccuracy,
      });
    });
  }
  const series = seriesOf(plan);
  const points = plan.networks.map((network, index): StudyPoint => ({
    series: series[index],
    projection: projectionOf(network, plan),
    head: headOf(network),
    hidden: network.hidden ?? null,
    bits: facts[index].bits,
    parameters: facts[index].parameters,
    modelBytes: medianOf(runs[index], "modelBytes") ?? 0,
    validationAccuracy: medianOf(runs[index], "validationAccuracy") ?? 0,
    projectionAccuracy: medianOf(runs[index], "projectionAccuracy"),
    trainerValidationAccuracy: medianOf(runs[index], "trainerValidationAccuracy") ?? 0,
    trainerAccuracy: medianOf(runs[index], "trainerAccuracy"),
    runs: runs[index],
  }));
  const trainers = outcomes.map(({ trainer }) => trainer);
  const { parameters } = trainers[0];
  return {
    plan,
    trainer: {
      parameters,
      bytes: 4 * parameters,
      validationAccuracy: medianOf(trainers, "validationAccuracy") ?? 0,
      testAccuracy: medianOf(trainers, "testAccuracy"),
    },
    points,
    answers: answersOf(points),
  };
}

function answersOf(points: readonly StudyPoint[]): StudyAnswer[] {
  const validation = points.map(({ runs }) =>
    medianShare(runs, ({ validationAccuracy, trainerValidationAccuracy }) => [
      validationAccuracy,
      trainerValidationAccuracy,
    ])
  );
  const test = points.map(({ runs }) =>
    medianShare(runs, ({ projectionAccuracy, trainerAccuracy }) => [projectionAccuracy, trainerAccuracy])
  );
  return shares.flatMap((share) =>
    (["bits", "modelBytes"] as const).map((least): StudyAnswer => {
      const other = least === "bits" ? "modelBytes" : "bits";
      let best: number | null = null;
      points.forEach((point, index) => {
        if ((validation[index] ?? 0) < share) return;
        const leader = best === null ? undefined : points[best];
        if (leader === undefined || (point[least] - leader[least] || point[other] - leader[other]) < 0) best = index;
      });
      return {
        share,
        least,
        point: best,
        validationShare: best === null ? null : validation[best],
        testShare: best === null ? null : test[best],
      };
    })
  );
}

/** Median over the runs of the ratio of two of their figures; null when one is missing. */
function medianShare(
  runs: readonly StudyRun[],
  sides: (run: StudyRun) => readonly [number | null, number | null],
): number | null {
  const ratios = runs.map(sides).map(([a, b]) => a === null || b === null || b === 0 ? null : a / b);
  return ratios.every((ratio) => ratio !== null) ? median(ratios) : null;
}

function medianOf<Key extends string>(items: readonly Readonly<Record<Key, number | null>>[], key: Key): number | null {
  const values = items.map((item) => item[key]);
  return values.every((value): value is number => value !== null) ? median(values) : null;
}

/** The middle of some numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A network's family of projections. */
function projectionOf(network: StudyNetwork, { texts }: Pick<StudyPlan, "texts">): string {
  return texts ? "text" : "family" in network ? network.family ?? "gaussian" : "gaussian";
}

function headOf({ head }: StudyNetwork): string {
  return typeof head === "object" ? head.join("+") : head ?? "float";
}

/** What says kinds of networks apart, in the words of a legend: their value where it has to be told, nothing where it is the usual one. */
const words: Readonly<Record<string, (value: unknown) => string>> = {
  reads: (value) => value === "counts" ? "counts" : "",
  select: (value) => value === undefined ? "" : `of ${(value as { pool: number }).pool}`,
  thresholds: (value) => value === undefined ? "" : `cut at ${value}`,
  entries: (value) => String(value ?? "presence"),
  hidden: (value) => value === undefined ? "linear" : `FC[${value}]`,
};

/** The name of each network's series: its family, head and other options, as far as networks differ in them. */
export function seriesOf(plan: Pick<StudyPlan, "networks" | "texts">): string[] {
  const kinds = plan.networks.map((network): Record<string, unknown> => ({
    ...network,
    family: projectionOf(network, plan),
  }));
  const valuesOf = (key: string, members: readonly number[]): number =>
    new Set(members.map((index) => JSON.stringify(kinds[index][key]))).size;
  const all = kinds.map((_, index) => index);
  const heads = plan.networks.map(headOf);
  const known = Object.keys(words).filter((key) => valuesOf(key, all) > 1);
  const names = kinds.map((kind, index) => [
    ...(valuesOf("family", all) > 1 ? [kind.family as string] : []),
    ...known.map((key) => words[key](kind[key])).filter(Boolean),
    ...(new Set(heads).size > 1 ? [heads[index]] : []),
  ]);
  const named = ["functions", "bitsPerFunction", "family", "head", ...Object.keys(words)];
  for (const key of new Set(kinds.flatMap((kind) => Object.keys(kind)).filter((key) => !named.includes(key)))) {
    // Only what tells networks apart that have the same name so far.
    for (const members of Map.groupBy(all, (index) => names[index].join()).values()) {
      if (valuesOf(key, members) < 2) continue;
      for (const index of members) names[index].push(`${key} ${JSON.stringify(kinds[index][key]) ?? "as usual"}`);
    }
  }
  return names.map((name, index) => name.join(", ") || `${kinds[index].family}, ${heads[index]}`);
}

/** The name of a data set in a heading: of a path the last part, without what says its format. */
export function shortName(name: string): string {
  const last = name.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
  return last.replace(/(?<=.)(\.tar)?\.(gz|tgz|csv|tsv|txt|jsonl|ndjson|bin)$/, "");
}
