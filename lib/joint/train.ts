/**
 * Joint training from a data set to packed files, as the command line does it.
 *
 * @module
 */
import { type Dataset, type Distortions, selectRows } from "../data/mod.ts";
import { Region } from "../kernels/mod.ts";
import { type AdamOptions, AdamW, countParameters } from "../nn/mod.ts";
import { type AnyModel, encodePnet, loadPnet, type PnetModel } from "../packed/mod.ts";
import { describeInput, quantizeRows } from "./describe_input.ts";
import { checkTrainOptions } from "./check_train.ts";
import { distortedImages } from "./distorted_images.ts";
import { createTrainer, trainerOptimizer, type TrainerOptions } from "./create_trainer.ts";
import { type FeatureRows, standardize } from "./features.ts";
import { fitCode } from "./fit_code.ts";
import { fit, type FitData, type FitOutcome, type FitProgress, measureTrainer, trainedTensors } from "./fit.ts";
import type { PropagatedLabels } from "./graph/propagate.ts";
import { chosenRows } from "./graph/row_views.ts";
import { prepareUnlabelled, setAside, spreadLabels, type UnlabelledOptions } from "./graph/unlabelled.ts";
import { evaluate, type Evaluation } from "./metrics.ts";
import { type Lambda, paperLambda, type ProjectionLambda } from "./objective.ts";
import { ProjectionNetwork } from "./projection_network.ts";
import type { ProjectionOptions } from "./projection_options.ts";
import type { LabelledRows } from "./select/candidate_pool.ts";
import type { SelectProgress } from "./select/select.ts";

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
  const { test, seed = 1, lambda = paperLambda, optimizer = {}, projectionOptimizer = {}, signal } = options;
  const chosen = setAside(options), { rows, training, known, validation } = chosen;
  const classes = training.labelNames.length;

  const image = training.input.kind === "image" ? training.input : undefined;
  using region = new Region();
  const { trainer, networks } = region.run(() => ({
    trainer: createTrainer(options.trainer ?? {}, {
      data: options.trainerReads === undefined ? training : { ...training, featureLength: options.trainerReads.width },
      seed,
    }),
    networks: options.projections.map((projection) =>
      new ProjectionNetwork({ ...projection, features: training.featureLength, image, classes, seed })
    ),
  }));

  const input = describeInput(rows);
  const bytes = { features: quantizeRows(input, rows), count: rows.count };
  // Test data that the packed file could not read is refused now, not after the training.
  if (test !== undefined) quantizeRows(input, test);
  const bytesOf = (data: Dataset): Uint8Array => data === rows ? bytes.features : quantizeRows(input, data);
  const held = validation && { features: bytesOf(validation), count: validation.count, labels: validation.labels };
  const spread = spreadLabels(chosen, options.unlabelled);
  const labelled = spread === undefined
    ? { features: bytesOf(training), count: training.count, labels: training.labels, classes }
    : reachedRows({ ...rows, features: bytes.features }, spread);
  const sources = codeSources(options.projections);
  for (const [index, network] of networks.entries()) {
    if (sources[index] < index) network.takeCode(networks[sources[index]]);
    else {
      const shared = { validation: held, seed, onProgress: options.onSelect, signal };
      await fitCode(network, { training: labelled, rows: bytes, ...shared });
    }
  }
  const standardized = standardize(rows);
  const { trainerReads } = options;
  const prepare = (data: Dataset, read: FeatureRows | undefined): FitData & { codes: Uint8Array[] } => {
    const features = bytesOf(data);
    const codes: Uint8Array[] = [];
    networks.forEach((network, index) =>
      codes.push(codes[sources[index]] ?? network.encode({ features, count: data.count }))
    );
    return { count: data.count, labels: data.labels, features: read ?? standardized(data), codes };
  };
  const all = options.unlabelled === undefined ? undefined : prepare(rows, trainerReads?.data);
  const readsOf = (chosen: Uint32Array | undefined): FeatureRows | undefined =>
    trainerReads && chosen && chosenRows(trainerReads.data, chosen);

  const { augment, batchSize = 128 } = options;
  const usual = trainerOptimizer(options.trainer ?? {});
  const { learningRate = usual.learningRate, weightDecay = usual.weightDecay, ...trainerRest } = optimizer;
  const { learningRate: headRate = 4e-3, weightDecay: headDecay = 0.2, ...headRest } = projectionOptimizer;
  const optimizers = region.run(() => [
    new AdamW(trainer.parameters, { learningRate, weightDecay, ...trainerRest }),
    ...networks.map(({ parameters }) =>
      new AdamW(parameters, { learningRate: headRate, weightDecay: headDecay, ...headRest })
    ),
  ]);
  const heads = networks.map((network, index) => ({
    head: network,
    codeBytes: network.codeBytes,
    gather: (codes: Uint8Array, rows: Uint32Array) => network.gather(codes, rows),
    lambda: options.projections[index].lambda ?? [lambda[1], lambda[2]] as const,
    temperature: options.temperature,
    trainerLearns: options.trainerLearns,
  }));
  const result = await fit(trainer, {
    training: augment === undefined || image === undefined
      ? prepare(training, readsOf(known))
      : region.run(() =>
        distortedImages(training, {
          image,
          pixels: bytesOf(training),
          augment,
          networks,
          sources,
          standardized,
          batchSize,
          seed,
        })
      ),
    validation: validation &&
      prepare(validation, chosen.held === undefined ? trainerReads?.validation : readsOf(chosen.held)),
    networks: heads,
    trainerLambda: lambda[0],
    ...prepareUnlabelled(all, chosen, {
      unlabelled: options.unlabelled,
      spread,
      networks: heads,
      trainerLambda: lambda[0],
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
      parameters: countParameters(trainer),
      state: trainedTensors(trainer).map(({ name, shape, data }) => ({ name, shape, data: data.slice() })),
      testAccuracy: test === undefined
        ? null
        : measureTrainer(trainer, { ...test, features: trainerReads?.test ?? standardized(test), codes: [] }),
    },
    networks: trained,
    epochs: result.epochs,
    seconds: (performance.now() - began) / 1000,
    examplesPerSecond: result.examplesPerSecond,
    seed,
  };
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

/** For each network the first one with the same code: what was chosen for that one holds for all, whatever heads they have. */
function codeSources(projections: TrainOptions["projections"]): number[] {
  const ofHead = new Set<string>(["hidden", "head", "normalize", "dropout", "ternaryThreshold", "lambda"]);
  const keys = projections.map((options) =>
    JSON.stringify(Object.entries(options).filter(([name]) => !ofHead.has(name)).sort())
  );
  return keys.map((key) => keys.indexOf(key));
}
