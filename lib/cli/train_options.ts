/**
 * The options of `train`, and what is refused of them before any data are read.
 */
import { headKinds, maxTableBits, trunkPrecisions } from "../joint/mod.ts";
import { BUDGET_OPTIONS } from "./budget.ts";
import { CHECKPOINT_OPTIONS } from "./checkpoint_options.ts";
import { CODE_OPTIONS, codeSizes } from "./code_options.ts";
import type { Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { checkGraphOptions, GRAPH_OPTIONS } from "./graph_options.ts";
import { choice, distortions, integer, list, number, shareOrText, text } from "./option_values.ts";
import { flag } from "./options.ts";
import { DATA_DIR, DATA_HELP, HEADER, KERNELS, LABEL, SEED, SIZE, THREADS } from "./shared_options.ts";
import { checkTextOptions, TEXT_OPTIONS } from "./text_options.ts";
import { checkTrainerFile, TRAINER_FILE_OPTIONS, trainerOrFile, trainerPath } from "./trainer_file.ts";

/** The full networks that are made here. */
export const trainerKinds = ["mlp", "cnn", "lstm", "linear", "bag"] as const;

/** The options of `train`. */
export const OPTIONS = {
  data: {
    value: "NAME|PATH",
    help: "training data: " + DATA_HELP,
    parse: text,
    required: true,
  },
  validation: {
    value: "PATH|SHARE",
    help: "data to choose the epoch by, or the share of the training data to set apart for it; 0 for none",
    parse: shareOrText,
    default: "0.1",
  },
  test: {
    value: "NAME|PATH",
    help: "data to report on; a known data set, an archive and a folder bring their own",
    parse: text,
  },
  "data-dir": DATA_DIR,
  label: LABEL,
  header: HEADER,
  size: SIZE,
  task: {
    value: "KIND",
    help:
      "what the data have to be: image or table; or text (JSON lines, a table, or a folder of texts); or sequence, images read row by row and tables value by value; or graph " +
      "(a folder of features, edges, labels and a split, or a file of features with --edges)",
    parse: choice(["image", "table", "sequence", "text", "graph"]),
  },
  trainer: {
    value: "KIND|onnx:FILE",
    help:
      "the full network: mlp, cnn for images, or lstm over a sequence (otherwise mlp, for --task sequence lstm); for --task text linear, mlp, bag or lstm " +
      "(otherwise linear); onnx:FILE, any classifier in ONNX, teaches as it is",
    parse: trainerOrFile(trainerKinds),
  },
  ...TRAINER_FILE_OPTIONS,
  "trainer-hidden": {
    value: "N,N,…",
    help:
      "units of the trainer's hidden layers, for a cnn channels of its blocks (otherwise 256,256, lstm 128, cnn as many as suit the images, such as 24,48,96,192 for 32×32)",
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
  "project-from": {
    value: "STAGE",
    help:
      "project a hidden activation of the trainer instead of the input: hidden (the last one), or a stage by its name, for an mlp hidden1, hidden2, …, for " +
      "a cnn block1, …; the trainer's layers up to there are trained jointly and packed in whole numbers",
    parse: text,
  },
  "trunk-precision": {
    value: "TYPE",
    help:
      "weights of the packed layers of the trainer, with --project-from: int8, int4, ternary or binary (otherwise int4)",
    parse: choice(trunkPrecisions),
  },
  ...CODE_OPTIONS,
  ...TEXT_OPTIONS,
  ...GRAPH_OPTIONS,
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
    help: "the trainer's largest step size (otherwise 0.001, cnn 0.003, for texts 0.01)",
    parse: number({ above: 0 }),
  },
  "weight-decay": {
    value: "W",
    help: "the trainer's weight decay (otherwise 0, cnn 0.05)",
    parse: number({ min: 0 }),
  },
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
  ...CHECKPOINT_OPTIONS,
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

/** Their values. */
export type Options = Invocation<typeof OPTIONS>["options"];

/** Refuses types of a head that do not go with its layers or with what it reads. */
export function checkHead(options: Options): void {
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

/** The full network that is asked for, or the usual one of the task. */
export function trainerKind({ trainer, task }: Options): "mlp" | "cnn" | "lstm" | undefined {
  if (trainer === "linear" && task === "graph") return "mlp";
  if (trainerPath({ trainer }) !== undefined) return undefined;
  if (trainer === "linear" || trainer === "bag") throw new UsageError(`--trainer ${trainer} is for --task text`);
  return trainer as "mlp" | "cnn" | "lstm" | undefined ?? (task === "sequence" ? "lstm" : "mlp");
}

/** Refuses options that would change nothing beside the others. */
export function checkCombinations({ options, given }: Pick<Invocation<typeof OPTIONS>, "options" | "given">): void {
  if (options.patience !== undefined && options.validation === 0) {
    throw new UsageError("--patience waits for better results on validation data, and --validation 0 leaves none");
  }
  if (options.thresholds === "auto" && options.validation === 0) {
    throw new UsageError("--thresholds auto chooses on validation data, and --validation 0 leaves none");
  }
  checkTextOptions(options.task, given, options.projection);
  checkTrainerFile(options, given);
  checkGraphOptions(options.task, options, given);
  if (options.task === "graph" && trainerKind(options) !== "mlp") {
    throw new UsageError(`--trainer ${options.trainer}: wanted mlp or linear, for --task graph`);
  }
  if (options.trainer === "linear" && given.has("trainer-hidden") && options.task === "graph") {
    throw new UsageError("--trainer-hidden is for --trainer mlp, and the trainer is linear");
  }
  const isText = options.task === "text";
  checkTrunk(options, isText);
  const ofLstm = ["element", "bidirectional", "trainer-reads"].find((name) => given.has(name));
  if (!isText && trainerKind(options) !== "lstm" && ofLstm !== undefined) {
    throw new UsageError(`--${ofLstm} is for --trainer lstm, and the trainer is ${trainerKind(options)}`);
  }
  const ofSecondLoss = ["temperature", "trainer-learns"].find((name) => given.has(name));
  if (ofSecondLoss !== undefined && options.lambda[1] === 0) {
    throw new UsageError(`--${ofSecondLoss} is for the second loss, and --lambda gives it the weight 0`);
  }
}

/** Refuses what does not go with projections of activations. */
function checkTrunk(options: Options, isText: boolean): void {
  if (options["project-from"] === undefined) {
    if (options["trunk-precision"] === undefined) return;
    throw new UsageError("--trunk-precision is for the layers that --project-from STAGE packs");
  }
  if (isText) throw new UsageError("--project-from is for images and tables, and --task is text");
  if (trainerKind(options) === "lstm") {
    throw new UsageError("--project-from is for --trainer mlp or cnn, and the trainer is lstm");
  }
  if (options.select !== undefined) {
    throw new UsageError(
      "--select chooses rows before the training, and with --project-from what they read changes in it",
    );
  }
  if (options.projection === "conv") {
    throw new UsageError("--projection conv counts, and gives the layers of --project-from no gradient");
  }
  const { thresholds = "mean" } = options;
  if (thresholds !== "mean" && thresholds !== "zero") {
    throw new UsageError(`--thresholds ${thresholds}: wanted mean or zero with --project-from`);
  }
}
