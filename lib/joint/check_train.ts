/**
 * What {@linkcode train} refuses before it begins.
 *
 * @module
 */
import { checkDistortions, type Dataset, type Distortions, isStored, type StoredDataset } from "../data/mod.ts";
import { checkCount, checkWeight } from "./check_fit.ts";
import { checkTrainer } from "./create_trainer.ts";
import { TrainingError } from "./errors.ts";
import { checkUnlabelled } from "./graph/unlabelled.ts";
import { checkLabelOrder } from "./metrics.ts";
import type { TrainOptions } from "./train.ts";

/** Throws {@linkcode TrainingError} naming the first option or data set that does not fit. */
export function checkTrainOptions(options: TrainOptions): void {
  const { data, validation = 0.1, test, trainer = {}, projections, lambda, seed = 1 } = options;
  checkLabels("data", data);
  if (data.labelNames.length < 2) {
    throw new TrainingError(`train: at least 2 classes were wanted, ${data.labelNames.length} found in ${data.name}`);
  }
  if (typeof validation !== "number") checkBeside("validation", validation, data);
  else if (!(validation >= 0 && validation < 1)) {
    throw new TrainingError(
      `validation: a data set or a part of at least 0 and below 1 was wanted, ${validation} found`,
    );
  }
  if (test !== undefined) checkBeside("test", test, data);
  if (projections.length === 0) {
    throw new TrainingError("train: at least one projection network was wanted, none found");
  }
  checkTrainer(trainer, data);
  checkUnlabelled(options);
  checkTrainerReads(options);
  checkStored(options);
  checkGivenTrainer(options);
  projections.forEach(({ hidden, select, dropout = 0, ternaryThreshold = 0, conv: { quantile = 0 } = {} }, index) => {
    if (hidden !== undefined) checkCount(`hidden of projection network ${index}`, hidden);
    if (select !== undefined) checkCount(`select.pool of projection network ${index}`, select.pool);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new TrainingError(
        `dropout of projection network ${index}: a number of at least 0 and below 1 was wanted, ${dropout} found`,
      );
    }
    checkWeight(`ternaryThreshold of projection network ${index}`, ternaryThreshold);
    const [from, to = from] = typeof quantile === "number" ? [quantile] : quantile;
    if (!(from >= 0 && from <= to && to <= 1)) {
      throw new TrainingError(
        `conv.quantile of projection network ${index}: a number in 0...1, or two in ascending order, was wanted, ${quantile} found`,
      );
    }
  });
  if (options.augment !== undefined) checkAugment(options.augment, data);
  if (options.batchSize === 1 && projections.some(({ normalize }) => normalize)) {
    throw new TrainingError("normalize: batches of at least 2 rows were wanted, and batchSize is 1");
  }
  for (const weight of lambda ?? []) checkWeight("lambda", weight);
  checkSeed(seed);
}

/** Refuses what needs all rows at hand. */
function checkStored(options: TrainOptions): void {
  const { data, validation, test } = options;
  const parts = [data, validation, test].filter((part) => typeof part === "object");
  const stored = parts.find(isStored);
  const wanted = (["unlabelled", "teacher", "trainerReads"] as const).find((name) => options[name] !== undefined);
  if (stored === undefined || wanted === undefined) return;
  throw new TrainingError(`${wanted}: needs all rows in memory, and those of ${stored.name} stay in their files`);
}

/** Refuses what does not go with a trainer network that was there before. */
function checkGivenTrainer(
  { trainer, continueFrom, teacher, projectFrom, augment, trainerLearns }: TrainOptions,
): void {
  const given = Object.entries({ trainer, continueFrom, teacher }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new TrainingError(`train: one trainer was wanted, ${given.map(([name]) => name).join(" and ")} found`);
  }
  if (projectFrom !== undefined && given.length > 0 && trainer === undefined) {
    throw new TrainingError(`projectFrom: layers that are trained from the start were wanted, ${given[0][0]} found`);
  }
  if (teacher === undefined) return;
  if (augment !== undefined) {
    throw new TrainingError("augment: a teacher is run over the images as they are, and distorted ones are others");
  }
  if (trainerLearns) throw new TrainingError("trainerLearns: a teacher is not changed");
}

function checkTrainerReads(
  { trainerReads, labelled, trainer = {}, continueFrom, teacher, projectFrom }: TrainOptions,
): void {
  if (trainerReads === undefined) return;
  const isPlain = continueFrom === undefined && teacher === undefined && projectFrom === undefined;
  if (labelled !== undefined && (trainer.kind ?? "mlp") === "mlp" && isPlain) return;
  throw new TrainingError(
    "trainerReads: needs `labelled`, and a trainer of the kind mlp that nothing is projected from",
  );
}

/** Throws {@linkcode TrainingError} unless the seed is one. */
export function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new TrainingError(`seed: a whole number in 0...2^32 - 1 was wanted, ${seed} found`);
  }
}

function checkAugment(augment: Distortions, { input, features, name }: Dataset | StoredDataset): void {
  if (input.kind !== "image" || features instanceof Float32Array) {
    const found = input.kind === "image" ? "images of floats" : `a ${input.kind}`;
    throw new TrainingError(`augment: images of bytes were wanted, and ${name} is ${found}`);
  }
  try {
    checkDistortions(augment);
  } catch (error) {
    throw new TrainingError(`augment: ${(error as Error).message}`, { cause: error });
  }
}

/** What is checked of rows of any kind. */
type Labelled = Pick<Dataset, "name" | "count" | "labels" | "labelNames">;

/** Throws {@linkcode TrainingError} for a data set without rows, or with a label that is no class. */
export function checkLabels(option: string, { name, count, labels, labelNames }: Labelled): void {
  if (count === 0) throw new TrainingError(`${option}: at least one row was wanted, none found in ${name}`);
  for (let row = 0; row < count; row++) {
    if (labels[row] >= labelNames.length) {
      throw new TrainingError(
        `${option}: label ${labels[row]} of row ${row} of ${name} is not one of its ${labelNames.length} classes`,
      );
    }
  }
}

/** A data set beside the training data: the same features, and its first label names those of the training data. */
function checkBeside(
  option: string,
  data: Dataset | StoredDataset,
  training: Dataset | StoredDataset,
): void {
  checkLabels(option, data);
  if (data.featureLength !== training.featureLength) {
    throw new TrainingError(
      `${option}: ${training.featureLength} features a row were wanted, ${data.featureLength} found in ${data.name}`,
    );
  }
  checkLabelOrder(option, data, training.labelNames);
}
