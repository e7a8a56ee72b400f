/**
 * `train`: joint training of a full network and projection networks, packed into files.
 */
import { type Dataset, DatasetNotFoundError, writeFileWhole } from "../data/mod.ts";
import {
  headKinds,
  maxTableBits,
  type ProjectionOptions,
  train,
  type TrainOptions,
  type TrainResult,
  trainTexts,
} from "../joint/mod.ts";
import type { AnyModel } from "../packed/mod.ts";
import { BUDGET_OPTIONS, checkBudget, runBudget } from "./budget.ts";
import { checkWritable } from "./check_writable.ts";
import { CODE_OPTIONS, codeOptions, codeSizes } from "./code_options.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { CliIo } from "./io.ts";
import {
  checkLabels,
  checkLength,
  checkPixels,
  checkTableOptions,
  openWithProgress,
  tableOptions,
} from "./open_data.ts";
import { type BitSize, choice, distortions, integer, list, number, shareOrText, text } from "./option_values.ts";
import { flag } from "./options.ts";
import { applyKernelOptions, DATA_DIR, HEADER, KERNELS, LABEL, SEED, THREADS } from "./shared_options.ts";
import { checkTextOptions, openTexts, TEXT_OPTIONS, textSizes, textTraining } from "./text_options.ts";
import { trainingJson, trainingReport, trainWithProgress } from "./training.ts";

const OPTIONS = {
  data: {
    value: "NAME|PATH",
    help: "training data: a known data set, a folder of IDX files, or a table",
    parse: text,
    required: true,
  },
  validation: {
    value: "PATH|SHARE",
    help: "data to choose the epoch by, or the share of the training data to set apart for it; 0 for none",
    parse: shareOrText,
    default: "0.1",
  },
  test: { value: "NAME|PATH", help: "data to report on; a known data set and a folder bring their own", parse: text },
  "data-dir": DATA_DIR,
  label: LABEL,
  header: HEADER,
  task: {
    value: "KIND",
    help:
      "what the data have to be: image or table; or text (JSON lines, a table, or a folder of texts); or sequence, images read row by row and tables value by value",
    parse: choice(["image", "table", "sequence", "text"]),
  },
  trainer: {
    value: "KIND",
    help:
      "the full network: mlp, cnn for images, or lstm over a sequence (otherwise mlp, for --task sequence lstm); for --task text linear, mlp, bag or lstm " +
      "(otherwise linear)",
    parse: choice(["mlp", "cnn", "lstm", "linear", "bag"]),
  },
  "trainer-hidden": {
    value: "N,N,…",
    help:
      "units of the trainer's hidden layers, for a cnn channels of its blocks (otherwise 256,256, cnn 32,64, lstm 128)",
    parse: list(integer({ min: 1, max: 65536 }), { noun: "layer sizes" }),
  },
  element: {
    value: "N",
    help:
      "values in an element of the sequence, for --trainer lstm (otherwise a row of an image, one value of a table)",
    parse: integer({ min: 1 }),
  },
  bidirectional: flag("read the sequence in both directions, for --trainer lstm"),
  "trainer-reads": {
    value: "KIND",
    help: "what an lstm's labels are read from: the last state, or the mean of all (otherwise last)",
    parse: choice(["last", "mean"]),
  },
  dropout: {
    value: "P",
    help: "share of the trainer's hidden units that is dropped in training",
    parse: number({ min: 0, below: 1 }),
  },
  ...CODE_OPTIONS,
  ...TEXT_OPTIONS,
  hidden: {
    value: "N",
    help: "units of a hidden layer between bits and labels (without it there is none)",
    parse: integer({ min: 1, max: 65536 }),
  },
  head: {
    value: "TYPE[,TYPE]",
    help:
      "weights in the packed file: float, int8, int4, ternary or binary (±1), or tables that the D bits of each function select a row of: table " +
      "(int8 entries), table-int4 or table-ternary; two types, with --hidden, are for the two layers",
    parse: list(choice(headKinds), { noun: "types" }),
    default: "float",
  },
  ...BUDGET_OPTIONS,
  normalize: flag(
    "normalise the outputs of the head's layers by batch in training; the file has them folded into scales and biases (for ternary and binary " +
      "heads, best with --projection-weight-decay 0)",
  ),
  "code-dropout": {
    value: "P",
    help: "share of the code that the head does not see in a training step",
    parse: number({ min: 0, below: 1 }),
  },
  "ternary-threshold": {
    value: "F",
    help:
      "ternary weights below F times the mean magnitude become zero (otherwise 0.7); more makes more zeros and smaller files",
    parse: number({ min: 0 }),
  },
  lambda: {
    value: "A,B,C",
    help: "weights of the three losses: trainer on labels, projection on trainer, projection on labels",
    parse: list(number({ min: 0 }), { length: 3, noun: "numbers" }),
    default: "1,0.1,1",
  },
  temperature: {
    value: "T",
    help: "softens the outputs that the second loss compares",
    parse: number({ above: 0 }),
    default: "1",
  },
  "trainer-learns": flag("let the gradient of the second loss reach the trainer too"),
  augment: {
    value: "NAME=N,…",
    help:
      "distort the training images at random, anew in each epoch: flip (mirror every other one), shift (pixels; as a random crop after padding), rotate " +
      "(degrees), scale (share), shear (degrees), elastic (pixels); a name alone has the strength 2, 10, 0.1, 10 or 1; edges=zero, repeat or reflect " +
      "says what lies outside (otherwise zero)",
    parse: distortions,
  },
  epochs: {
    value: "N",
    help: "most passes over the training data (with --budget otherwise what its size asks for, from 12 to 80)",
    parse: integer({ min: 1 }),
    default: "10",
  },
  batch: {
    value: "N",
    help: "examples a step (with --budget otherwise 32 for small data)",
    parse: integer({ min: 1 }),
    default: "128",
  },
  "learning-rate": {
    value: "R",
    help: "the trainer's largest step size",
    parse: number({ above: 0 }),
    default: "0.001",
  },
  "weight-decay": { value: "W", help: "the trainer's weight decay", parse: number({ min: 0 }), default: "0" },
  "projection-learning-rate": {
    value: "R",
    help: "the projection network's largest step size",
    parse: number({ above: 0 }),
    default: "0.004",
  },
  "projection-weight-decay": {
    value: "W",
    help: "the projection network's weight decay",
    parse: number({ min: 0 }),
    default: "0.2",
  },
  patience: { value: "N", help: "stop after so many epochs without a better one", parse: integer({ min: 1 }) },
  seed: SEED,
  threads: THREADS,
  kernels: KERNELS,
  out: {
    value: "FILE",
    help: "the packed model; with several sizes model.pnet becomes model-8x10.pnet and so on",
    parse: text,
    default: "model.pnet",
  },
} as const;

type Options = Invocation<typeof OPTIONS>["options"];

function checkHead(options: Options): void {
  const { head, hidden, reads } = options;
  const layers = hidden === undefined ? 1 : 2;
  if (head.length > layers) {
    throw new UsageError(
      `--head ${head.join()}: wanted one type${layers === 2 ? " or two" : ", or --hidden with two"}`,
    );
  }
  if (options["ternary-threshold"] !== undefined && !head.some((kind) => kind.includes("ternary"))) {
    throw new UsageError(`--ternary-threshold is for ternary weights, and --head is ${head.join()}`);
  }
  const isTable = (kind: string): boolean => kind.startsWith("table");
  if (head.length === 2 && isTable(head[1])) {
    throw new UsageError(`--head ${head.join()}: tables are for the first layer`);
  }
  if (isTable(head[0]) && options["code-dropout"] !== undefined) {
    throw new UsageError(`--code-dropout hides bits, and --head is ${head[0]}, whose tables read every bit`);
  }
  if (isTable(head[0]) && reads === "counts") {
    throw new UsageError(`--head ${head[0]}: tables are selected by bits, and --reads is counts`);
  }
  const wide = codeSizes(options).find(({ bitsPerFunction }) => bitsPerFunction > maxTableBits);
  if (isTable(head[0]) && wide !== undefined) {
    throw new UsageError(
      `--head ${
        head[0]
      }: a table has a row for each value of a function's ${wide.bitsPerFunction} bits; wanted at most ${maxTableBits} bits, and 3 or 4 serve best`,
    );
  }
}

function trainerKind({ trainer, task }: Options): "mlp" | "cnn" | "lstm" {
  if (trainer === "linear" || trainer === "bag") throw new UsageError(`--trainer ${trainer} is for --task text`);
  return trainer ?? (task === "sequence" ? "lstm" : "mlp");
}

/** Refuses options that would change nothing beside the others. */
function checkCombinations({ options, given }: Invocation<typeof OPTIONS>): void {
  if (options.patience !== undefined && options.validation === 0) {
    throw new UsageError("--patience waits for better results on validation data, and --validation 0 leaves none");
  }
  if (options.thresholds === "auto" && options.validation === 0) {
    throw new UsageError("--thresholds auto chooses on validation data, and --validation 0 leaves none");
  }
  checkTextOptions(options.task, given, options.projection);
  const isText = options.task === "text";
  const ofLstm = ["element", "bidirectional", "trainer-reads"].find((name) => given.has(name));
  if (!isText && trainerKind(options) !== "lstm" && ofLstm !== undefined) {
    throw new UsageError(`--${ofLstm} is for --trainer lstm, and the trainer is ${trainerKind(options)}`);
  }
  const ofSecondLoss = ["temperature", "trainer-learns"].find((name) => given.has(name));
  if (ofSecondLoss !== undefined && options.lambda[1] === 0) {
    throw new UsageError(`--${ofSecondLoss} is for the second loss, and --lambda gives it the weight 0`);
  }
}

/** The file of each size. */
function outFiles(out: string, sizes: readonly BitSize[]): string[] {
  if (sizes.length === 1) return [out];
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(out) as RegExpExecArray;
  return sizes.map(({ functions, bitsPerFunction }) => `${stem}-${functions}x${bitsPerFunction}${extension ?? ""}`);
}

function projections(options: Options): ProjectionOptions[] {
  const { hidden, head, normalize, "code-dropout": dropout, "ternary-threshold": ternaryThreshold } = options;
  return codeOptions(options).map((code) => ({ ...code, hidden, head, normalize, dropout, ternaryThreshold }));
}

interface TrainingData {
  data: Dataset;
  validation: Dataset | number;
  test: Dataset | undefined;
}

async function openAll(options: Options, { io, signal }: { io: CliIo; signal: AbortSignal }): Promise<TrainingData> {
  const common = tableOptions(options, { dataDir: options["data-dir"], signal });
  const data = await openWithProgress(options.data, { ...common, split: "train" }, io);
  if (options.task !== undefined && options.task !== "sequence" && options.task !== data.input.kind) {
    throw new UsageError(`--task ${options.task}: ${options.data} is ${data.input.kind} data`);
  }
  checkTableOptions(data, options);
  if (options.augment !== undefined && data.input.kind !== "image") {
    throw new UsageError(`--augment distorts images, and ${options.data} is ${data.input.kind} data`);
  }
  const openBeside = async (source: string, split: "train" | "test"): Promise<Dataset> => {
    const dataset = await openWithProgress(source, { ...common, split, labelNames: data.labelNames }, io);
    checkLength(dataset, { featureLength: data.featureLength, owner: options.data });
    checkLabels(dataset, data);
    if (data.input.kind === "image") checkPixels(dataset, options.data);
    return dataset;
  };
  const { validation } = options;
  return {
    data,
    validation: typeof validation === "number" ? validation : await openBeside(validation, "train"),
    test: await openTest(),
  };

  async function openTest(): Promise<Dataset | undefined> {
    if (options.test !== undefined) return await openBeside(options.test, "test");
    // A table is one file; known data sets and most folders have a test split beside the training split.
    if (data.input.kind === "table") return undefined;
    try {
      return await openBeside(options.data, "test");
    } catch (error) {
      if (error instanceof DatasetNotFoundError) return undefined;
      throw error;
    }
  }
}

/** The options that trainings of every kind share. */
function commonOptions(options: Options, signal: AbortSignal) {
  return {
    lambda: options.lambda as [number, number, number],
    temperature: options.temperature,
    trainerLearns: options["trainer-learns"],
    epochs: options.epochs,
    patience: options.patience,
    seed: options.seed,
    signal,
  };
}

/** What a training on numbers and a search within a budget share. */
async function openTraining(
  options: Options,
  { io, signal }: { io: CliIo; signal: AbortSignal },
): Promise<Omit<TrainOptions, "projections" | "onProgress">> {
  return {
    ...await openAll(options, { io, signal }),
    ...commonOptions(options, signal),
    trainer: {
      kind: trainerKind(options),
      hidden: options["trainer-hidden"],
      dropout: options.dropout,
      elementLength: options.element,
      bidirectional: options.bidirectional,
      reads: options["trainer-reads"],
    },
    augment: options.augment,
    batchSize: options.batch,
    optimizer: { learningRate: options["learning-rate"], weightDecay: options["weight-decay"] },
    projectionOptimizer: {
      learningRate: options["projection-learning-rate"],
      weightDecay: options["projection-weight-decay"],
    },
  };
}

type Work = (signal: AbortSignal) => Promise<TrainResult<AnyModel>>;

function workOnNumbers({ options, io }: Invocation<typeof OPTIONS>): Work {
  const networks = projections(options);
  return async (signal) =>
    await trainWithProgress(train, { ...await openTraining(options, { io, signal }), projections: networks }, io);
}

function workOnTexts({ options, given, io }: Invocation<typeof OPTIONS>): Work {
  const asked = textTraining(options, given);
  // Otherwise the defaults for texts hold, which are not those for numbers.
  const ifGiven = <Name extends keyof Options>(name: Name): Options[Name] | undefined =>
    given.has(name) ? options[name] : undefined;
  return async (signal) =>
    await trainWithProgress(trainTexts, {
      ...await openTexts(options),
      ...asked,
      ...commonOptions(options, signal),
      batchSize: ifGiven("batch"),
      optimizer: { learningRate: ifGiven("learning-rate"), weightDecay: options["weight-decay"] },
      projectionOptimizer: {
        learningRate: ifGiven("projection-learning-rate"),
        weightDecay: ifGiven("projection-weight-decay"),
      },
    }, io);
}

async function run(invocation: Invocation<typeof OPTIONS>): Promise<number> {
  const { options, given, io, output } = invocation;
  const { budget, minutes, out } = options;
  checkBudget(options, given);
  checkCombinations(invocation);
  checkHead(options);
  applyKernelOptions(options);
  if (budget !== undefined) {
    await checkWritable(out);
    return await runBudget(async (signal) => ({
      ...await openTraining(options, { io, signal }),
      ...(given.has("epochs") ? {} : { epochs: undefined }),
      ...(given.has("batch") ? {} : { batchSize: undefined }),
      budget,
      minutes,
    }), { out, io, output });
  }
  const isText = options.task === "text";
  const outs = outFiles(out, isText ? textSizes(options) : codeSizes(options));
  for (const file of outs) await checkWritable(file);
  const work = isText ? workOnTexts(invocation) : workOnNumbers(invocation);
  const result = await untilInterrupted(work, { io, message: "stopped by Ctrl-C; nothing was written" });
  for (const [i, { bytes }] of result.networks.entries()) await writeFileWhole(outs[i], bytes);
  await output.show(trainingReport(result, outs));
  await output.result(trainingJson(result, outs));
  return 0;
}

/** The command `train`. */
export const command: Command = defineCommand({
  name: "train",
  description:
    "Trains a full network (the trainer) and a projection network together, and writes the projection network as a packed model. The epoch " +
    "is chosen on validation data; test data is read once, to report.",
  positionals: [],
  options: OPTIONS,
  examples: [
    "% train --data mnist --bits 60x12 --out mnist.pnet",
    "% train --data mnist --projection patch --select 12000 --bits 80 --out mnist-80.pnet",
    "% train --data mnist --projection conv --reads counts --head ternary --out mnist-conv.pnet",
    "% train --data iris.csv --label species --bits 8x10,20x12 --head int8 --out iris.pnet",
    "% train --data mnist --projection conv --reads counts --augment shift=1,rotate=10,elastic --epochs 30",
    "% train --data mnist --bits 60x12 --hidden 64 --head ternary,int4 --out mnist.pnet",
    "% train --data mnist --bits 240x3 --head table-int4 --out mnist.pnet",
    "% train --data mnist --budget 1024 --minutes 10 --out mnist-1k.pnet",
    "% train --data spam.tsv --task text --bits 2048 --max-bytes 4000 --out spam.pnet",
    "% train --data fashion-mnist --trainer cnn --trainer-hidden 16,32 --out fashion.pnet",
    "% train --data mnist --task sequence --trainer-hidden 128 --learning-rate 0.003 --out mnist.pnet",
  ],
  run,
});
