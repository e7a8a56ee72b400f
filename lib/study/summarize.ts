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
  const series = seriesOf(plan.networks);
  const points = plan.networks.map((network, index): StudyPoint => ({
    series: series[index],
    projection: projectionOf(network),
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

function projectionOf(network: StudyNetwork): string {
  return "features" in network || "entries" in network
    ? "text"
    : "family" in network
    ? network.family ?? "gaussian"
    : "gaussian";
}

function headOf({ head }: StudyNetwork): string {
  return typeof head === "object" ? head.join("+") : head ?? "float";
}

/** What says a kind of network apart from its size, in the words of a legend; each makes the text of its value. */
const words: readonly [key: string, text: (value: unknown) => string][] = [
  ["reads", (value) => value === "counts" ? "counts" : "bits"],
  ["select", (value) => value === undefined ? "not selected" : `of ${(value as { pool: number }).pool}`],
  ["thresholds", (value) => value === undefined ? "usual thresholds" : `cut at ${value}`],
  ["entries", (value) => String(value ?? "presence")],
  ["hidden", (value) => value === undefined ? "linear" : `FC[${value}]`],
];

/** The name of each network's series: its family, and of its other options those that are not the same in all networks. */
export function seriesOf(networks: readonly StudyNetwork[]): string[] {
  const kinds = networks.map(({ functions: _functions, bitsPerFunction: _bits, ...kind }) =>
    kind as Record<string, unknown>
  );
  const known = new Map(words);
  const varying = (key: string): boolean => new Set(kinds.map((kind) => JSON.stringify(kind[key]))).size > 1;
  const keys = [...known.keys()].filter(varying);
  const others = [...new Set(kinds.flatMap((kind) => Object.keys(kind)))].filter((key) =>
    !known.has(key) && !["family", "head", "taps", "patch", "conv"].includes(key) && varying(key)
  );
  const families = new Set(networks.map(projectionOf));
  const heads = new Set(networks.map(headOf));
  return networks.map((network, index) =>
    [
      families.size > 1 || keys.length + others.length === 0 ? projectionOf(network) : "",
      ...keys.map((key) => known.get(key)!(kinds[index][key])),
      heads.size > 1 || (families.size === 1 && keys.length + others.length === 0) ? headOf(network) : "",
      ...others.map((key) => `${key} ${JSON.stringify(kinds[index][key]) ?? "as usual"}`),
    ].filter(Boolean).join(", ")
  );
}
