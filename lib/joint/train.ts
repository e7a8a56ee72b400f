/**
 * Joint training from a data set to packed files, as the command line does it.
 *
 * @module
 */
import { type Dataset, type Distortions, splitDataset, type TextDataset } from "../data/mod.ts";
import { Region } from "../kernels/mod.ts";
import { type AdamOptions, AdamW } from "../nn/mod.ts";
import { type AnyModel, encodePnet, loadPnet, type PnetModel } from "../packed/mod.ts";
import { describeInput, quantizeRows } from "./describe_input.ts";
import { checkTrainOptions } from "./check_train.ts";
import { distortedImages } from "./distorted_images.ts";
import type { TrainerOptions } from "./create_trainer.ts";
import { TrainingError } from "./errors.ts";
import { fitCode } from "./fit_code.ts";
import { fit, type FitData, type FitOutcome, type FitProgress, measureTrainer, trainedTensors } from "./fit.ts";
import { evaluate, type Evaluation } from "./metrics.ts";
import { type Lambda, paperLambda, type ProjectionLambda } from "./objective.ts";
import { ProjectionNetwork } from "./projection_network.ts";
import type { ProjectionOptions } from "./projection_options.ts";
import { prepareTrainer, type SavedTrainer, type Teacher, type TrainerDescription } from "./saved_trainer.ts";
import type { SelectProgress } from "./select/select.ts";

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Rows to learn from. */
  readonly data: Dataset;
  /** Rows on which everything is chosen, or the part of `data` that is set aside for it; 0.1 when left out, 0 for none. */
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
  /** Called a few times a second and at the end of each epoch. */
  readonly onProgress?: (progress: FitProgress) => void;
  /** Called while rows are selected from a pool. */
  readonly onSelect?: (progress: SelectProgress) => void;
  /** Aborts the training with the signal's reason. */
  readonly signal?: AbortSignal;
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
  /** What it is and reads; with `state` a {@linkcode SavedTrainer}. Left out for a teacher and for trainers on texts. */
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
  const began = performance.now();
  checkTrainOptions(options);
  const { test, seed = 1, lambda = paperLambda, projectionOptimizer = {}, signal } = options;
  const { training, validation } = setAside(options);
  const classes = training.labelNames.length;

  const image = training.input.kind === "image" ? training.input : undefined;
  using region = new Region();
  const createTrainer = await prepareTrainer(options, [
    training,
    ...[validation, test].filter((part) => part !== undefined),
  ]);
  const { trainer, networks } = region.run(() => ({
    trainer: createTrainer(),
    networks: options.projections.map((projection) =>
      new ProjectionNetwork({ ...projection, features: training.featureLength, image, classes, seed })
    ),
  }));

  const input = describeInput(training);
  const bytes = { features: quantizeRows(input, training), count: training.count };
  // Test data that the packed file could not read is refused now, not after the training.
  if (test !== undefined) quantizeRows(input, test);
  const labelled = { ...bytes, labels: training.labels, classes };
  const held = validation && {
    features: quantizeRows(input, validation),
    count: validation.count,
    labels: validation.labels,
  };
  const sources = codeSources(options.projections);
  for (const [index, network] of networks.entries()) {
    if (sources[index] < index) network.takeCode(networks[sources[index]]);
    else await fitCode(network, { training: labelled, validation: held, seed, onProgress: options.onSelect, signal });
  }
  const prepare = (data: Dataset): FitData => {
    const features = data === training ? bytes.features : quantizeRows(input, data);
    const codes: Uint8Array[] = [];
    networks.forEach((network, index) =>
      codes.push(codes[sources[index]] ?? network.encode({ features, count: data.count }))
    );
    return { count: data.count, labels: data.labels, features: trainer.rows(data), codes };
  };

  const { augment, batchSize = 128 } = options;
  const { learningRate: headRate = 4e-3, weightDecay: headDecay = 0.2, ...headRest } = projectionOptimizer;
  const optimizers = region.run(() => [
    ...(trainer.optimizer === undefined ? [] : [trainer.optimizer]),
    ...networks.map(({ parameters }) =>
      new AdamW(parameters, { learningRate: headRate, weightDecay: headDecay, ...headRest })
    ),
  ]);
  const result = await fit(trainer.network, {
    training: augment === undefined || image === undefined
      ? prepare(training)
      : region.run(() =>
        distortedImages(training, {
          image,
          pixels: bytes.features,
          augment,
          networks,
          sources,
          standardized: trainer.rows,
          batchSize,
          seed,
        })
      ),
    validation: validation && prepare(validation),
    networks: networks.map((network, index) => ({
      head: network,
      codeBytes: network.codeBytes,
      gather: (codes: Uint8Array, rows: Uint32Array) => network.gather(codes, rows),
      lambda: options.projections[index].lambda ?? [lambda[1], lambda[2]],
      temperature: options.temperature,
      trainerLearns: options.trainerLearns,
    })),
    // What cannot be changed has no loss of its own.
    trainerLambda: trainer.optimizer === undefined ? 0 : lambda[0],
    optimizers,
    epochs: options.epochs ?? 10,
    batchSize,
    seed,
    patience: options.patience,
    onProgress: options.onProgress,
    signal: options.signal,
  });

  const packed = networks.map((network, index): Omit<TrainedProjection, "test"> => {
    const model = network.pack({ input, labels: training.labelNames });
    const facts = { bits: network.bits, parameters: network.parameterCount };
    return { ...result.networks[index], ...facts, model, bytes: encodePnet(model) };
  });
  const measured = options.testOnly?.(packed);
  const trained = packed.map((network, index): TrainedProjection => ({
    ...network,
    test: test === undefined || (measured ?? index) !== index ? null : evaluate(loadPnet(network.bytes), test),
  }));
  return {
    trainer: {
      ...result.trainer,
      parameters: trainer.parameters,
      description: trainer.description,
      state: trainedTensors(trainer.network).map(({ name, shape, data }) => ({ name, shape, data: data.slice() })),
      testAccuracy: test === undefined
        ? null
        : measureTrainer(trainer.network, { ...test, features: trainer.rows(test), codes: [] }),
    },
    networks: trained,
    epochs: result.epochs,
    seconds: (performance.now() - began) / 1000,
    examplesPerSecond: result.examplesPerSecond,
    seed,
  };
}

/** For each network the first one with the same code: what was chosen for that one holds for all, whatever heads they have. */
function codeSources(projections: TrainOptions["projections"]): number[] {
  const ofHead = new Set<string>(["hidden", "head", "normalize", "dropout", "ternaryThreshold", "lambda"]);
  const keys = projections.map((options) =>
    JSON.stringify(Object.entries(options).filter(([name]) => !ofHead.has(name)).sort())
  );
  return keys.map((key) => keys.indexOf(key));
}

/** The rows to learn from and those to choose by. */
export function setAside<D extends Dataset | TextDataset>(
  { data, validation = 0.1, seed = 1 }: { data: D; validation?: D | number; seed?: number },
): { training: D; validation?: D } {
  if (typeof validation !== "number") return { training: data, validation };
  if (validation === 0) return { training: data };
  try {
    const { train: training, validation: kept } = splitDataset(data, { fraction: validation, seed });
    return { training, validation: kept };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrainingError(`${error.message}; validation 0 trains without`, { cause: error });
  }
}
