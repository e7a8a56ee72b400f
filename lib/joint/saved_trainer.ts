/**
 * Trainer networks that were there before a training: one to go on with, and one from anywhere that teaches as it is.
 *
 * @module
 */
import { Tensor } from "../autodiff/mod.ts";
import type { Dataset, StoredDataset } from "../data/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { AdamW, countParameters, type Module, type Optimizer } from "../nn/mod.ts";
import { trainedTensors } from "./checkpoint/fit_state.ts";
import { createTrainer, trainerOptimizer, type TrainerOptions, type TrainerShape } from "./create_trainer.ts";
import { TrainingError } from "./errors.ts";
import { type FeatureRows, measureStandardization, type Standardization, standardizeBy } from "./features.ts";
import type { TrainedParameter, TrainOptions } from "./train.ts";

/** What a trainer network is and what it reads, beside its values. */
export interface TrainerDescription {
  /** What it was made with. */
  readonly options: TrainerOptions;
  /** What its samples are. */
  readonly shape: TrainerShape;
  /** How features become its inputs. */
  readonly standardization: Standardization;
}

/** A trainer network after a training, complete: it can be written to a file, run, and trained further. */
export interface SavedTrainer extends TrainerDescription {
  /** The values in the order of {@linkcode TrainedTrainer.state}. */
  readonly state: readonly TrainedParameter[];
}

/** A network from anywhere that stands in the trainer's place and is not changed. */
export interface Teacher {
  /** What it is called in messages, such as its file. */
  readonly name: string;
  /** Number of its trained values. */
  readonly parameters: number;
  /** Logits [rows x classes], or logarithms of probabilities, for every row of a data set in order. */
  logits(data: Dataset): Promise<Float32Array>;
}

/** The trainer's part in a training. */
export interface PreparedTrainer {
  /** The network. */
  readonly network: Module;
  /** What changes it; none for a teacher. */
  readonly optimizer?: Optimizer;
  /** Number of its trained values. */
  readonly parameters: number;
  /** What it is; a teacher is not known from within. */
  readonly description?: TrainerDescription;
  /** What it reads of the training, validation or test data. */
  rows(data: Dataset): FeatureRows;
}

/**
 * Makes the trainer's part of a training in the current region, or runs the teacher over all data beforehand.
 *
 * @param options those of the training
 * @param data its parts: the first one is learnt from
 * @returns a function that has to be called in the region of the training
 */
export async function prepareTrainer(
  options: Pick<TrainOptions, "trainer" | "continueFrom" | "teacher" | "optimizer" | "seed">,
  data: readonly [Dataset | StoredDataset, ...(Dataset | StoredDataset)[]],
): Promise<() => PreparedTrainer> {
  const { teacher, continueFrom, seed = 1, optimizer = {} } = options;
  const [training] = data;
  if (teacher !== undefined) return await prepareTeacher(teacher, data as readonly Dataset[]);
  if (continueFrom !== undefined) checkSameShape(continueFrom.shape, training);
  const description = continueFrom ?? {
    options: options.trainer ?? {},
    shape: shapeOf(training),
    standardization: measureStandardization(training),
  };
  return () => {
    const usual = trainerOptimizer(description.options);
    const { learningRate = usual.learningRate, weightDecay = usual.weightDecay, ...rest } = optimizer;
    const network = continueFrom === undefined
      ? createTrainer(description.options, { data: training, seed })
      : restoreTrainer(continueFrom);
    return {
      network,
      optimizer: new AdamW(network.parameters, { learningRate, weightDecay, ...rest }),
      parameters: countParameters(network),
      description,
      rows: standardizeBy(description.standardization),
    };
  };
}

/** What a trainer network has to know of its data. */
function shapeOf({ name, input, featureLength, features, labelNames }: Dataset | StoredDataset): TrainerShape {
  return { name, input, featureLength, labelNames: [...labelNames], bytes: !(features instanceof Float32Array) };
}

/**
 * A saved trainer network in the current region, ready to run or to be trained further. Throws {@linkcode TrainingError} when its values are not those of the
 * network that it describes.
 */
export function restoreTrainer(saved: SavedTrainer): Module {
  checkDescription(saved);
  const { options, shape, state } = saved;
  const network = createTrainer(options, { data: shape, seed: 1 });
  const tensors = trainedTensors(network);
  tensors.forEach(({ name, shape, data }, index) => {
    const saved = state[index];
    if (saved?.name !== name || saved.data.length !== data.length || saved.shape.join() !== shape.join()) {
      const found = saved === undefined ? "nothing" : `${saved.name} [${saved.shape.join(", ")}]`;
      throw new TrainingError(`restoring a trainer: ${name} [${shape.join(", ")}] was wanted, ${found} found`);
    }
    data.set(saved.data);
  });
  if (state.length > tensors.length) {
    throw new TrainingError(`restoring a trainer: ${state[tensors.length].name} is no part of the network`);
  }
  return network;
}

/** A saved trainer may come from a file that anybody made. */
function checkDescription({ options, shape, standardization }: TrainerDescription): void {
  const { input, featureLength, labelNames } = shape ?? {};
  const sides = input?.kind === "image" ? [input.width, input.height, input.channels] : [input?.columns?.length];
  const isSound = [featureLength, ...sides].every((size) => Number.isInteger(size) && size > 0) &&
    sides.reduce((product, size) => product * size, 1) === featureLength &&
    Array.isArray(labelNames) && labelNames.every((label) => typeof label === "string");
  const { factors, offsets } = standardization ?? {};
  const isStandardized = factors instanceof Float64Array && offsets instanceof Float64Array &&
    factors.length === offsets.length && [1, featureLength].includes(factors.length);
  if (!isSound || !isStandardized || typeof options !== "object" || options === null) {
    throw new TrainingError(
      "restoring a trainer: what it is, its samples, its labels and how features are standardised are not all described",
    );
  }
}

function checkSameShape(saved: TrainerShape, data: Dataset | StoredDataset): void {
  const describe = ({ input, featureLength }: Pick<TrainerShape, "input" | "featureLength">): string =>
    input.kind === "image" ? `images of ${input.width}x${input.height}x${input.channels}` : `rows of ${featureLength}`;
  if (describe(saved) !== describe(data)) {
    throw new TrainingError(
      `continueFrom: the trainer reads ${describe(saved)}, and ${data.name} holds ${describe(data)}`,
    );
  }
  const labels = JSON.stringify(saved.labelNames), found = JSON.stringify(data.labelNames);
  if (labels !== found) {
    throw new TrainingError(`continueFrom: the trainer's labels are ${labels}, those of ${data.name} are ${found}`);
  }
}

async function prepareTeacher(
  teacher: Teacher,
  data: readonly Dataset[],
): Promise<() => PreparedTrainer> {
  const answers = new Map<Dataset, Float32Array>();
  for (const part of data) {
    const logits = await teacher.logits(part), wanted = part.count * part.labelNames.length;
    if (logits.length !== wanted) {
      throw new TrainingError(
        `teacher: ${wanted} logits for ${part.count} rows of ${part.name} were wanted, ${logits.length} found`,
      );
    }
    const bad = logits.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const row = Math.floor(bad / part.labelNames.length);
      throw new TrainingError(`teacher: ${teacher.name} gives ${logits[bad]} for row ${row} of ${part.name}`);
    }
    answers.set(part, logits);
  }
  return () => ({
    network: { parameters: [], forward: (logits: Tensor) => logits },
    parameters: teacher.parameters,
    rows: (part) => rowsOf(answers.get(part)!, part.labelNames.length),
  });
}

/** Rows of logits as the inputs of a network that passes them on. */
function rowsOf(logits: Float32Array, classes: number): FeatureRows {
  return {
    gather(rows): Tensor {
      const data = currentRegion().float32(rows.length * classes);
      for (let i = 0; i < rows.length; i++) {
        data.set(logits.subarray(rows[i] * classes, (rows[i] + 1) * classes), i * classes);
      }
      return new Tensor([rows.length, classes], data);
    },
  };
}
