/**
 * Joint training from a data set to packed files, as the command line does it.
 *
 * @module
 */
import { type Dataset, type Distortions, selectRows } from "../data/mod.ts";
import { Region } from "../kernels/mod.ts";
import { type AdamOptions, AdamW } from "../nn/mod.ts";
import { type AnyModel, encodePnet, type PnetModel } from "../packed/mod.ts";
import { describeInput, quantizeRows } from "./describe_input.ts";
import { checkTrainOptions } from "./check_train.ts";
import { trainedTensors } from "./checkpoint/fit_state.ts";
import { type CheckpointOptions, type CheckpointPart, openCheckpoints } from "./checkpoint/run_checkpoints.ts";
import { identifyRun } from "./checkpoint/run_identity.ts";
import { distortedImages } from "./distorted_images.ts";
import type { TrainerOptions } from "./create_trainer.ts";
import type { FeatureRows } from "./features.ts";
import { type FitData, fitFrom, type FitOutcome, type FitProgress, measureTrainer } from "./fit.ts";
import type { PropagatedLabels } from "./graph/propagate.ts";
import { chosenRows } from "./graph/row_views.ts";
import { prepareUnlabelled, setAside, spreadLabels, type UnlabelledOptions } from "./graph/unlabelled.ts";
import type { Evaluation } from "./metrics.ts";
import { networksBeside } from "./networks_beside.ts";
import { type Lambda, paperLambda, type ProjectionLambda } from "./objective.ts";
import type { ProjectionOptions } from "./projection_options.ts";
import {
  type PreparedTrainer,
  prepareTrainer,
  type SavedTrainer,
  type Teacher,
  type TrainerDescription,
} from "./saved_trainer.ts";
import type { LabelledRows } from "./select/row_candidates.ts";
import type { SelectProgress } from "./select/select.ts";
import type { TrunkOptions } from "./trunk_network.ts";

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Rows to learn from. */
  readonly data: Dataset;
  /** The rows of `data` whose labels are known, in any order; the labels of others are never looked at. All when left out. */
  readonly labelled?: ArrayLike<number>;
  /** What is learnt from all rows of `data` without their labels; needs `labelled`. */
  readonly unlabelled?: UnlabelledOptions;
  /** What the trainer network reads of each data set in place of its rows, such as averages over neighbours. */
  readonly trainerReads?: TrainerReads;
  /** Rows on which everything is chosen, or the part of the labelled rows that is set aside for it; 0.1 when left out, 0 for none. */
  readonly validation?: Dataset | number;
  /** Rows that are looked at once, to report. Its first label names must be those of `data`. */
  readonly test?: Dataset;
  /**
   * Chooses the one projection network that is measured on `test`, from what they did on validation data; the trainer is measured in any case. All are
   * measured when left out.
   */
  readonly testOnly?: (networks: readonly Omit<TrainedProjection, "test">[]) => number;
  /** The trainer network; feed-forward with hidden layers [256, 256] when left out. */
  readonly trainer?: TrainerOptions;
  /** A trainer network of an earlier training to go on with, in the place of `trainer`; its labels and shape have to be those of `data`. */
  readonly continueFrom?: SavedTrainer;
  /** A network from anywhere that stands in the trainer's place and is not changed; it is run over all data once, before the training. */
  readonly teacher?: Teacher;
  /**
   * Projects a hidden activation of the trainer network rather than the input (Ravi 2017, section 3, "intermediate representations"). The losses of the trainer
   * and of the projection networks both reach the layers up to there, whose weights are rounded in training as they are stored; the trainer's accuracy is
   * measured with them so. Rows are no longer selected from a pool, and thresholds are `mean` (or `zero`).
   */
  readonly projectFrom?: TrunkOptions;
  /** The projection networks beside it, each with lambda2 and lambda3 of its own if it wants. */
  readonly projections: readonly (ProjectionOptions & { readonly lambda?: ProjectionLambda })[];
  /** lambda1, lambda2, lambda3 of the joint objective; the paper's 1, 0.1, 1 when left out. */
  readonly lambda?: Lambda;
  /** Temperature of the lambda2 term; 1 when left out. */
  readonly temperature?: number;
  /** Whether the lambda2 term's gradient reaches the trainer. */
  readonly trainerLearns?: boolean;
  /**
   * Distorts the training images at random, anew in each epoch; trainer and projection networks see the same distorted images. What is chosen (rows, thresholds,
   * the epoch) is chosen on images as they are.
   */
  readonly augment?: Distortions;
  /** Passes over the training rows; 10 when left out. */
  readonly epochs?: number;
  /** Rows in a step; 128 when left out. */
  readonly batchSize?: number;
  /** The trainer's largest step size and weight decay in AdamW; 0.001 and 0, for a cnn 0.003 and 0.05, when left out. */
  readonly optimizer?: Partial<AdamOptions>;
  /** The same for the projection networks' heads; 0.004 and 0.2 when left out (chosen on MNIST's validation split). */
  readonly projectionOptimizer?: Partial<AdamOptions>;
  /** Stop after so many epochs in which no network did better on validation data. */
  readonly patience?: number;
  /** Seed of everything random, an unsigned 32-bit integer; 1 when left out. */
  readonly seed?: number;
  /** Where the state of the run is saved, so that it can go on after it was stopped in any way, to the same result. */
  readonly checkpoint?: CheckpointOptions;
  /** Called a few times a second and at the end of each epoch. */
  readonly onProgress?: (progress: FitProgress) => void;
  /** Called while rows are selected from a pool. */
  readonly onSelect?: (progress: SelectProgress) => void;
  /** Aborts the training with the signal's reason; with checkpoints its state is saved before. */
  readonly signal?: AbortSignal;
}

/** What a trainer network reads that does not read the rows themselves. */
export interface TrainerReads {
  /** Values in a row. */
  readonly width: number;
  /** A row for each of the data, labelled or not. */
  readonly data: FeatureRows;
  /** A row for each of the validation data, when they are a data set. */
  readonly validation?: FeatureRows;
  /** A row for each of the test data. */
  readonly test?: FeatureRows;
}

/** A projection network after training. */
export interface TrainedProjection<Model extends AnyModel = PnetModel> extends FitOutcome {
  /** Number of bits. */
  readonly bits: number;
  /** Number of trained values. */
  readonly parameters: number;
  /** The network as plain data. */
  readonly model: Model;
  /** The `.pnet` file. */
  readonly bytes: Uint8Array;
  /** The packed file's results on the test data; null without. */
  readonly test: Evaluation | null;
}

/** The values of a parameter after training. */
export interface TrainedParameter {
  /** Its name, such as `trainer.0.weights`. */
  readonly name: string;
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** The values, row-major. */
  readonly data: Float32Array;
}

/** The trainer network after training. */
export interface TrainedTrainer extends FitOutcome {
  /** Number of trained values. */
  readonly parameters: number;
  /** The trained values in the order of the layers, then what the layers keep beside them; {@linkcode createTrainer} with the same options takes them. */
  readonly state: readonly TrainedParameter[];
  /** What it is and reads; with `state` a {@linkcode SavedTrainer}. Left out for a teacher, with `projectFrom`, and for trainers on texts. */
  readonly description?: TrainerDescription;
  /** Accuracy on the test data; null without. */
  readonly testAccuracy: number | null;
}

/** What {@linkcode train} made. */
export interface TrainResult<Model extends AnyModel = PnetModel> {
  /** The trainer network. */
  readonly trainer: TrainedTrainer;
  /** The projection networks, in the order of the options. */
  readonly networks: readonly TrainedProjection<Model>[];
  /** Epochs that ran. */
  readonly epochs: number;
  /** Seconds from the start to the packed files. */
  readonly seconds: number;
  /** Training examples seen in a second of training. */
  readonly examplesPerSecond: number;
  /** The seed. */
  readonly seed: number;
}

/** What `train` of on_demand.ts runs. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  return await trainFrom(options, () => openCheckpoints(options.checkpoint, () => identifyRun("train", options)));
}

/** The training as a part of a run, whose checkpoints it goes on from and writes. */
export async function trainFrom(
  options: TrainOptions,
  open: () => Promise<CheckpointPart | undefined>,
): Promise<TrainResult> {
  const began = performance.now();
  checkTrainOptions(options);
  const checkpoints = await open();
  const { test, seed = 1, lambda = paperLambda, projectionOptimizer = {} } = options;
  const { trainerReads } = options;
  const chosen = setAside(options), { rows, training, known, validation, held } = chosen;
  const input = describeInput(rows);
  const bytes = quantizeRows(input, rows);
  // Test data that the packed file could not read is refused now, not after the training.
  const testBytes = test && quantizeRows(input, test);
  const quantized = (data: Dataset): Uint8Array =>
    data === rows ? bytes : data === test ? testBytes! : quantizeRows(input, data);
  using region = new Region();
  const createTrainer = await prepareTrainer(options, [
    trainerReads === undefined ? rows : { ...rows, featureLength: trainerReads.width, features: new Uint8Array(1) },
    ...[known && training, validation, test].filter((part) => part !== undefined),
  ]);
  const trainer = region.run(createTrainer);
  const spread = spreadLabels(chosen, options.unlabelled);
  const labelled = spread === undefined
    ? { ...training, features: quantized(training), classes: training.labelNames.length }
    : reachedRows({ ...rows, features: bytes }, spread);
  const beside = await networksBeside(options, {
    ...{ trainer, rows, labelled, validation, input, quantized, region, checkpoints },
  });
  const { networks } = beside;
  checkpoints?.describe({
    trainer: describedTrainer(options, trainer) ?? null,
    networks: networks.map(({ head }) => head.options),
    codes: beside.sources,
    input,
    labels: training.labelNames,
  });
  const prepare = (data: Dataset, read: FeatureRows | undefined): FitData => {
    const features = quantized(data), { count, labels } = data;
    return {
      count,
      labels,
      features: read ?? beside.features(data, features),
      codes: beside.codes({ features, count }),
    };
  };
  const all = options.unlabelled === undefined ? undefined : prepare(rows, trainerReads?.data);
  const readsOf = (chosen: Uint32Array | undefined): FeatureRows | undefined =>
    trainerReads && chosen && chosenRows(trainerReads.data, chosen);

  const { augment, batchSize = 128 } = options;
  const { learningRate: headRate = 4e-3, weightDecay: headDecay = 0.2, ...headRest } = projectionOptimizer;
  const optimizers = region.run(() => [
    ...(trainer.optimizer === undefined ? [] : [trainer.optimizer]),
    ...networks.map(({ head: { parameters } }) =>
      new AdamW(parameters, { learningRate: headRate, weightDecay: headDecay, ...headRest })
    ),
  ]);
  const heads = networks.map((network, index) => ({
    ...network,
    lambda: options.projections[index].lambda ?? [lambda[1], lambda[2]] as const,
    temperature: options.temperature,
    trainerLearns: options.trainerLearns,
  }));
  // What cannot be changed has no loss of its own.
  const trainerLambda = trainer.optimizer === undefined ? 0 : lambda[0];
  const result = await fitFrom(trainer.network, {
    training: augment === undefined || input.kind !== "image"
      ? prepare(training, readsOf(known))
      : region.run(() =>
        distortedImages(training, { image: input, pixels: quantized(training), augment, beside, batchSize, seed })
      ),
    validation: validation && prepare(validation, held === undefined ? trainerReads?.validation : readsOf(held)),
    networks: heads,
    trainerLambda,
    ...prepareUnlabelled(all, chosen, {
      unlabelled: options.unlabelled,
      spread,
      networks: heads,
      trainerLambda,
      labelledBatch: batchSize,
      seed,
    }),
    optimizers,
    epochs: options.epochs ?? 10,
    batchSize,
    seed,
    patience: options.patience,
    onProgress: options.onProgress,
    signal: options.signal,
  }, checkpoints);

  const packed = networks.map((network, index): Omit<TrainedProjection, "test"> => {
    const model = network.pack({ input, labels: training.labelNames });
    const facts = { bits: network.head.bits, parameters: network.parameterCount };
    return { ...result.networks[index], ...facts, model, bytes: encodePnet(model) };
  });
  const measured = options.testOnly?.(packed);
  const trained = packed.map((network, index): TrainedProjection => ({
    ...network,
    test: test === undefined || (measured ?? index) !== index
      ? null
      : beside.evaluate(network, { data: test, bytes: testBytes! }),
  }));
  return {
    trainer: {
      ...result.trainer,
      parameters: trainer.parameters,
      description: describedTrainer(options, trainer),
      state: trainedTensors(trainer.network).map(({ name, shape, data }) => ({ name, shape, data: data.slice() })),
      testAccuracy: test === undefined ? null : measureTrainer(trainer.network, {
        ...test,
        features: trainerReads?.test ?? beside.features(test, testBytes!),
        codes: [],
      }),
    },
    networks: trained,
    epochs: result.epochs,
    seconds: checkpoints?.seconds ?? (performance.now() - began) / 1000,
    examplesPerSecond: result.examplesPerSecond,
    seed,
  };
}

/** Before a trunk features are standardised in whole numbers, and weights are rounded: another network than the description's. So is one that reads other rows. */
function describedTrainer(
  { projectFrom, trainerReads }: TrainOptions,
  { description }: PreparedTrainer,
): TrainerDescription | undefined {
  return projectFrom === undefined && trainerReads === undefined ? description : undefined;
}

/** The rows that a spread label arrived at, and their labels. */
function reachedRows(
  rows: Dataset & { features: Uint8Array },
  { labels, certainties }: PropagatedLabels,
): LabelledRows {
  const reached = Uint32Array.from(labels.keys()).filter((row) => certainties[row] > 0);
  const { count, features } = reached.length === rows.count ? rows : selectRows(rows, reached);
  return {
    features: features as Uint8Array,
    count,
    labels: Uint16Array.from(reached, (row) => labels[row]),
    classes: rows.labelNames.length,
  };
}
