/**
 * What a study consists of. Its units of work are trainings: one seed, one trainer network and a part of the projection networks beside it. Which networks share a
 * training follows from the options alone, so that a study has the same units however many shards, threads and restarts do them.
 *
 * @module
 */
import type { Dataset, TextDataset } from "../data/mod.ts";
import {
  canonicalValue,
  type DataFacts,
  dataFacts,
  firstDifference,
  type TextProjectionOptions,
  type TrainOptions,
  type TrainTextOptions,
} from "../joint/mod.ts";
import type { KernelVariant } from "../kernels/mod.ts";
import { StudyError } from "./mod.ts";
import type { StudyResult } from "./summarize.ts";

/** Options of a training without those that a study sets itself or does not need. */
export type StudyTrainingOf<Options> = Omit<
  Options,
  | "data"
  | "validation"
  | "test"
  | "testOnly"
  | "projections"
  | "seed"
  | "checkpoint"
  | "onProgress"
  | "onSelect"
  | "signal"
>;

/** What every training of a study is asked for beside data, networks and seed. */
export type StudyTraining = StudyTrainingOf<TrainOptions> | StudyTrainingOf<TrainTextOptions>;

/** A projection network of a study. */
export type StudyNetwork = TrainOptions["projections"][number] | TextProjectionOptions;

/** The part of a study's units that one process does. */
export interface Shard {
  /** Its number, from 1. */
  readonly index: number;
  /** Number of shards. */
  readonly count: number;
}

/** Options of {@linkcode runStudy}. */
export interface StudyOptions {
  /** Rows to learn from: numbers or texts. */
  readonly data: Dataset | TextDataset;
  /** Rows on which everything is chosen, or the part of `data` that is set aside for it, above 0; 0.1 when left out. */
  readonly validation?: Dataset | TextDataset | number;
  /** Rows that are looked at once for each network, to report. */
  readonly test?: Dataset | TextDataset;
  /** The projection networks, all sizes of all kinds; for texts what {@linkcode trainTexts} takes. */
  readonly networks: readonly StudyNetwork[];
  /** Seeds; each is a training of every network. */
  readonly seeds: readonly number[];
  /** The trainer network, the objective and how to fit them, the same in all trainings; what {@linkcode train} or {@linkcode trainTexts} takes. */
  readonly training?: StudyTraining;
  /** Most projection networks in one training; 24 when left out. */
  readonly group?: number;
  /** The folder of the study. One that is there already is gone on with. */
  readonly out: string;
  /** Which part of the units to do; all when left out. */
  readonly shard?: Shard;
  /** Processors to use; all when left out. The results are the same for any number. */
  readonly threads?: number;
  /** Numeric kernels; the fastest that run here when left out. */
  readonly kernels?: KernelVariant | "auto";
  /** Called when a unit is done and a few times a second in between. */
  readonly onProgress?: (progress: StudyProgress) => void;
  /** Stops the study with the signal's reason; what is done stays. */
  readonly signal?: AbortSignal;
}

/** How far a study is. */
export interface StudyProgress {
  /** Units of this shard that are done, with those that earlier runs did. */
  readonly done: number;
  /** Units of this shard. */
  readonly units: number;
  /** Part of this shard that is done, 0...1, with what is under way. */
  readonly fraction: number;
  /** Seconds left at the rate of this run; NaN while it is unknown. */
  readonly secondsLeft: number;
  /** Whether a unit has just been done. */
  readonly endOfUnit: boolean;
}

/** What {@linkcode runStudy} leaves. */
export interface StudyState {
  /** Trainings of the whole study. */
  readonly units: number;
  /** Trainings that are in the folder. */
  readonly done: number;
  /** What the study found; null while trainings of other shards are missing. */
  readonly result: StudyResult | null;
}

/** Everything that the results of a study follow from; plan.json in its folder. */
export interface StudyPlan {
  /** Tells the file from others. */
  readonly format: "projectionnet-study";
  /** Version of the format. */
  readonly version: 1;
  /** Whether the data are texts; left out for numbers. */
  readonly texts?: true;
  /** Rows to learn from. */
  readonly data: DataFacts;
  /** Rows to choose by, or the part of `data`. */
  readonly validation: DataFacts | number;
  /** Rows to report on. */
  readonly test: DataFacts | null;
  /** See {@linkcode StudyOptions.training}. */
  readonly training: StudyTraining;
  /** See {@linkcode StudyOptions.kernels}. */
  readonly kernels: string;
  /** See {@linkcode StudyOptions.networks}. */
  readonly networks: readonly StudyNetwork[];
  /** See {@linkcode StudyOptions.seeds}. */
  readonly seeds: readonly number[];
  /** See {@linkcode StudyOptions.group}. */
  readonly group: number;
}

/** A unit of work: one training. */
export interface StudyUnit {
  /** Its name, such as `seed-1-part-2`. */
  readonly name: string;
  /** The seed of the training. */
  readonly seed: number;
  /** Numbers of its projection networks in the plan. */
  readonly networks: readonly number[];
}

/**
 * The plan of a study.
 *
 * @throws {StudyError} naming the first option that makes no study
 */
export async function makePlan(options: StudyOptions): Promise<StudyPlan> {
  const { data, validation = 0.1, test, networks, seeds, training = {}, group = 24, kernels = "auto" } = options;
  if (networks.length === 0) throw new StudyError("networks: at least one was wanted, none found");
  if (seeds.length === 0) throw new StudyError("seeds: at least one was wanted, none found");
  const repeated = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (repeated !== undefined) throw new StudyError(`seeds: every seed once was wanted, ${repeated} found twice`);
  if (!Number.isInteger(group) || group < 1) {
    throw new StudyError(`group: a whole number of at least 1 was wanted, ${group} found`);
  }
  if (validation === 0) {
    throw new StudyError("validation: a study chooses on validation data, and a part of 0 leaves none");
  }
  return await canonicalValue({
    format: "projectionnet-study",
    version: 1,
    texts: "texts" in data ? true : undefined,
    data: await dataFacts(data),
    validation: typeof validation === "number" ? validation : await dataFacts(validation),
    test: test === undefined ? null : await dataFacts(test),
    training,
    kernels,
    networks,
    seeds,
    group,
  }) as StudyPlan;
}

/** The units of a study, in their order. The networks of a seed are spread evenly over as few trainings as the plan's `group` allows. */
export function unitsOf({ networks, seeds, group }: Pick<StudyPlan, "networks" | "seeds" | "group">): StudyUnit[] {
  const parts = Math.ceil(networks.length / group);
  const firstOf = (part: number): number => Math.floor(part * networks.length / parts);
  return seeds.flatMap((seed) =>
    Array.from({ length: parts }, (_, part) => ({
      name: `seed-${seed}-part-${part + 1}`,
      seed,
      networks: Array.from({ length: firstOf(part + 1) - firstOf(part) }, (_, index) => firstOf(part) + index),
    }))
  );
}

/**
 * The units of a shard: every n-th one.
 *
 * @throws {StudyError} for a shard that is none
 */
export function unitsOfShard(units: readonly StudyUnit[], { index, count }: Shard): StudyUnit[] {
  if (!Number.isInteger(count) || !Number.isInteger(index) || index < 1 || index > count) {
    throw new StudyError(`shard: i/n with i from 1 to n was wanted, ${index}/${count} found`);
  }
  return units.filter((_, at) => at % count === index - 1);
}

/** The first difference between two plans in words, with names for both; undefined when they are of the same study. */
export function planDifference(
  [first, nameOfFirst]: readonly [StudyPlan, string],
  [second, nameOfSecond]: readonly [StudyPlan, string],
): string | undefined {
  return firstDifference([withoutNames(first), nameOfFirst], [withoutNames(second), nameOfSecond]);
}

/** The same data may have another path on another machine. */
function withoutNames(plan: StudyPlan): unknown {
  const nameless = (facts: unknown): unknown =>
    typeof facts === "object" && facts !== null ? { ...facts, name: undefined } : facts;
  return { ...plan, data: nameless(plan.data), validation: nameless(plan.validation), test: nameless(plan.test) };
}
