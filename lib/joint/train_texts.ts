/**
 * Joint training from labelled texts to packed files, as the command line does it.
 *
 * @module
 */
import { add, Tensor } from "../autodiff/mod.ts";
import type { TextDataset } from "../data/mod.ts";
import { Region } from "../kernels/mod.ts";
import { AdamW, countParameters, inference, type Module, type TokenLists } from "../nn/mod.ts";
import { type Classification, encodePnet, loadPnet, type TextModel } from "../packed/mod.ts";
import { fitRejection, fitTemperature } from "./calibrate.ts";
import { checkCount, checkWeight } from "./check_fit.ts";
import { checkLabels, checkSeed } from "./check_train.ts";
import { trainedTensors } from "./checkpoint/fit_state.ts";
import { openCheckpoints } from "./checkpoint/run_checkpoints.ts";
import { identifyRun } from "./checkpoint/run_identity.ts";
import { distortedTexts } from "./distorted_texts.ts";
import { TrainingError } from "./errors.ts";
import { type FeatureRows, tokenRows } from "./features.ts";
import { type FitData, fitFrom, type FitNetwork, measureTrainer, type TrainingData } from "./fit.ts";
import { checkUnlabelled, prepareUnlabelled, setAside, spreadLabels } from "./graph/unlabelled.ts";
import { checkLabelOrder, evaluate } from "./metrics.ts";
import { paperLambda } from "./objective.ts";
import { type TextCode, TextNetwork } from "./text_network.ts";
import type { TextProjectionOptions, TextTrainerOptions } from "./text_options.ts";
import { createTextTrainer } from "./text_trainer.ts";
import type { TrainedProjection, TrainOptions, TrainResult } from "./train.ts";

/** Options of {@linkcode trainTexts}. */
export interface TrainTextOptions
  extends Omit<TrainOptions, "data" | "validation" | "test" | "trainer" | "trainerReads" | "projections"> {
  /** Texts to learn from. */
  readonly data: TextDataset;
  /** Texts on which everything is chosen, or the part of `data` that is set aside for it; 0.1 when left out, 0 for none. */
  readonly validation?: TextDataset | number;
  /** Texts that are looked at once, to report. Its first label names must be those of `data`. */
  readonly test?: TextDataset;
  /** The trainer network. */
  readonly trainer?: TextTrainerOptions;
  /** The projection networks beside it. */
  readonly projections: readonly TextProjectionOptions[];
  /**
   * Part of the words of a training text that get a spelling mistake, 0...1, others in each epoch ({@linkcode distortText}); 0 when left out. Everything is
   * chosen on texts as they are.
   */
  readonly distort?: number;
  /**
   * Part of the training texts of which only a random part is read, 0...1, others in each epoch ({@linkcode cropText}); 0 when left out. Helps where the texts to
   * come are shorter than those to learn from.
   */
  readonly crop?: number;
  /**
   * Makes rare classes count more, 0...1: in training, logits are shifted by so much of the logarithm of their class's frequency (Menon et al., "Long-tail learning
   * via logit adjustment", 2021); 1 aims at equal recall of all classes. 0 when left out.
   */
  readonly balance?: number;
  /** Reject the least probable answers, so many that this part of the validation texts would be, 0...1; none when left out. */
  readonly reject?: number;
}

/** Part of the training after which weights are pruned, and until which; the rest settles what is left. In between they are pruned so many times. */
const pruning = { from: 0.2, to: 0.7, times: 20 };
/**
 * Adam's epsilon for weights of hashed features. With the usual 1e-8 a rare feature moves by a whole step however little its texts have left to teach, and is learnt
 * by heart (TREC, one fold of five, 65,536 bits, linear head: 82.3 % against 84.4 %).
 */
const rareEpsilon = 1e-3;
/** Part of the file's bytes that the last training leaves room in: weights change while they settle. */
const slack = 0.98;

/** What `trainTexts` of on_demand.ts runs. */
export async function trainTexts(options: TrainTextOptions): Promise<TrainResult<TextModel>> {
  const began = performance.now();
  checkOptions(options);
  const { test, seed = 1, lambda = paperLambda, optimizer = {}, projectionOptimizer = {} } = options;
  const { crop = 0, distort = 0, balance = 0, batchSize = 64, unlabelled } = options;
  const chosen = setAside(options), { rows, training, validation } = chosen;
  const { labelNames } = training;
  const classes = labelNames.length;
  using region = new Region();
  const { trainer, networks } = region.run(() => {
    const networks = options.projections.map((projection) => new TextNetwork({ ...projection, classes, seed }));
    const { input: normalization, options: { features } } = networks[0];
    return { networks, trainer: createTextTrainer(options.trainer ?? {}, { classes, seed, normalization, features }) };
  });
  const checkpoints = await openCheckpoints(options.checkpoint, () => identifyRun("texts", options));
  for (const [index, network] of networks.entries()) {
    const choose = async (): Promise<TextCode> => {
      await network.fitCode(training, { seed, onProgress: options.onSelect, signal: options.signal });
      return network.code;
    };
    network.takeCode(await (checkpoints?.once(`code-${index}`, choose) ?? choose()));
  }
  checkpoints?.describe({
    trainer: null,
    networks: networks.map(({ options }) => options),
    codes: [...networks.keys()],
    labels: labelNames,
  });
  const prepare = (data: TextDataset): FitData<TokenLists> => ({
    count: data.count,
    labels: data.labels,
    features: tokenRows(trainer.read(data.texts)),
    codes: networks.map((network) => tokenRows(network.encode(data.texts))),
  });
  const prepared: { training: TrainingData<TokenLists>; validation?: FitData<TokenLists> } = {
    training: distort === 0 && crop === 0 ? prepare(training) : distortedTexts(training, {
      crop,
      distort,
      seed,
      trainer: trainer.read,
      networks: networks.map((network) => (texts) => network.encode(texts)),
    }),
    validation: validation && prepare(validation),
  };
  for (const network of networks) {
    if (network.options.maxBytes !== undefined) network.observe(network.encode(rows.texts));
  }

  const { kind = "linear" } = options.trainer ?? {};
  const sparse = kind === "linear" || kind === "mlp";
  const { learningRate = 0.01, epsilon = sparse ? rareEpsilon : undefined, ...trainerRest } = optimizer;
  const { learningRate: headRate = 0.01, epsilon: headEpsilon = rareEpsilon, ...headRest } = projectionOptimizer;
  const headOptions = { learningRate: headRate, epsilon: headEpsilon, ...headRest };
  const optimizers = region.run(() => [
    new AdamW(trainer.network.parameters, { learningRate, epsilon, ...trainerRest }),
    ...networks.map(({ parameters }) => new AdamW(parameters, headOptions)),
  ]);
  const offsets = classOffsets(training, balance);
  const heads = networks.map((network): FitNetwork<FeatureRows<TokenLists>, TokenLists> => ({
    head: adjusted(network, offsets),
    gather: (lists, rows) => lists.gather(rows),
    lambda: [lambda[1], lambda[2]],
    temperature: options.temperature,
    trainerLearns: options.trainerLearns,
    ...(network.options.maxBytes !== undefined && {
      ...pruner(network, network.options.maxBytes, labelNames),
      settledFrom: pruning.to,
    }),
  }));
  const result = await fitFrom(adjusted(trainer.network, offsets), {
    ...options,
    training: prepared.training,
    validation: prepared.validation,
    networks: heads,
    trainerLambda: lambda[0],
    ...prepareUnlabelled(unlabelled && prepare(rows), chosen, {
      unlabelled,
      spread: spreadLabels(chosen, unlabelled),
      networks: heads,
      trainerLambda: lambda[0],
      labelledBatch: batchSize,
      seed,
    }),
    optimizers,
    epochs: options.epochs ?? 10,
    batchSize,
    seed,
  }, checkpoints);
  const trained = networks.map((network, index): TrainedProjection<TextModel> => {
    const { maxBytes } = network.options;
    if (maxBytes !== undefined) network.pruneTo(maxBytes, labelNames);
    if (validation !== undefined) calibrate(network, { validation, labelNames, reject: options.reject });
    const model = network.pack(labelNames);
    const bytes = encodePnet(model);
    if (maxBytes !== undefined && bytes.length > maxBytes) {
      throw new TrainingError(`maxBytes: ${maxBytes} were wanted, and the calibrated file has ${bytes.length}`);
    }
    const classifier = loadPnet(bytes);
    return {
      ...result.networks[index],
      // What was pruned after the last epoch is in the file, and so in its accuracy.
      validationAccuracy: validation === undefined ? null : evaluate(classifier, validation).accuracy,
      bits: network.bits,
      parameters: network.parameterCount,
      model,
      bytes,
      test: test === undefined ? null : evaluate(classifier, test),
    };
  });
  return {
    trainer: {
      ...result.trainer,
      parameters: countParameters(trainer.network),
      state: trainedTensors(trainer.network).map(({ name, shape, data }) => ({ name, shape, data: data.slice() })),
      testAccuracy: test === undefined
        ? null
        : measureTrainer(trainer.network, { ...test, features: tokenRows(trainer.read(test.texts)), codes: [] }),
    },
    networks: trained,
    epochs: result.epochs,
    seconds: checkpoints?.seconds ?? (performance.now() - began) / 1000,
    examplesPerSecond: result.examplesPerSecond,
    seed,
  };
}

function checkOptions(options: TrainTextOptions): void {
  const { data, validation = 0.1, test, projections, lambda, seed = 1, ...rest } = options;
  checkUnlabelled(options);
  checkLabels("data", data);
  for (const [name, beside] of Object.entries({ validation, test })) {
    if (typeof beside === "number" || beside === undefined) continue;
    checkLabels(name, beside);
    checkLabelOrder(name, beside, data.labelNames);
  }
  if (typeof validation === "number" && !(validation >= 0 && validation < 1)) {
    throw new TrainingError(
      `validation: a data set or a part of at least 0 and below 1 was wanted, ${validation} found`,
    );
  }
  if (data.labelNames.length < 2) {
    throw new TrainingError(`train: at least 2 classes were wanted, ${data.labelNames.length} found in ${data.name}`);
  }
  if (projections.length === 0) {
    throw new TrainingError("train: at least one projection network was wanted, none found");
  }
  for (const { hidden, maxBytes } of projections) {
    if (hidden !== undefined) checkCount("hidden", hidden);
    if (maxBytes !== undefined) checkCount("maxBytes", maxBytes);
  }
  checkCount("epochs", rest.epochs ?? 10);
  for (const weight of lambda ?? []) checkWeight("lambda", weight);
  for (const name of ["crop", "distort", "balance", "reject"] as const) {
    const value = rest[name] ?? 0;
    if (!(value >= 0 && value <= 1)) throw new TrainingError(`${name}: a number in 0...1 was wanted, ${value} found`);
  }
  if (rest.reject !== undefined && validation === 0) {
    throw new TrainingError("reject: chooses on validation data, and validation 0 leaves none");
  }
  checkSeed(seed);
}

/**
 * What prunes a network before the steps of its training: the bytes of its file fall from what they are to those wanted, fast at first and slowly at the end
 * (Zhu & Gupta 2017, equation 1).
 */
function pruner(
  network: TextNetwork,
  maxBytes: number,
  labels: readonly string[],
): Pick<FitNetwork<unknown, unknown>, "prepareStep" | "save" | "restore"> {
  const end = maxBytes * slack;
  let whole: number | undefined, done = 0;
  return {
    prepareStep(progress) {
      const time = Math.floor(pruning.times * Math.min(1, (progress - pruning.from) / (pruning.to - pruning.from)));
      if (time <= done) return;
      done = time;
      whole ??= encodePnet(network.pack(labels)).length;
      const bytes = end + Math.max(0, whole - end) * (1 - time / pruning.times) ** 3;
      network.pruneTo(Math.floor(bytes), labels, { tolerance: time < pruning.times ? 0.02 : undefined });
    },
    save: () => ({ whole, done, pruned: network.pruned }),
    restore(saved) {
      const { pruned, ...progress } = saved as { whole?: number; done: number; pruned: Uint32Array };
      ({ whole, done } = progress);
      network.prune(pruned);
    },
  };
}

function calibrate(
  network: TextNetwork,
  { validation, labelNames, reject }: {
    validation: TextDataset;
    labelNames: readonly string[];
    reject: number | undefined;
  },
): void {
  const answers = (): Classification[] =>
    loadPnet(encodePnet(network.pack(labelNames))).classifyBatch(validation.texts);
  network.calibrate(fitTemperature(answers(), validation.labels));
  if (reject !== undefined) network.reject(fitRejection(answers(), reject));
}

/** `balance` times the logarithm of each class's share of the rows; a class without rows counts as one with one. */
function classOffsets({ count, labels, labelNames }: TextDataset, balance: number): Float32Array | undefined {
  if (balance === 0) return;
  const rows = new Float64Array(labelNames.length);
  for (let i = 0; i < count; i++) rows[labels[i]]++;
  return Float32Array.from(rows, (n) => balance * Math.log(Math.max(1, n) / count));
}

/** The network with its logits shifted in training. */
function adjusted(network: Module<TokenLists>, offsets: Float32Array | undefined): Module<TokenLists> {
  if (offsets === undefined) return network;
  return {
    parameters: network.parameters,
    forward(lists, context = inference): Tensor {
      const logits = network.forward(lists, context);
      return context.training ? add(logits, new Tensor([offsets.length], offsets)) : logits;
    },
  };
}
