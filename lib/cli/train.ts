/**
 * `train`: joint training of a full network and projection networks, packed into files.
 */
import { type Dataset, DatasetNotFoundError } from "../data/mod.ts";
import type { ProjectionOptions, TrainResult } from "../joint/mod.ts";
import { CODE_OPTIONS, codeOptions, codeSizes } from "./code_options.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { CliIo } from "./io.ts";
import { checkLabels, checkLength, checkTableOptions, openWithProgress, tableOptions } from "./open_data.ts";
import { type BitSize, choice, integer, list, number, shareOrText, text } from "./option_values.ts";
import { flag } from "./options.ts";
import { DATA_DIR, HEADER, LABEL, SEED } from "./shared_options.ts";
import { trainingJson, trainingReport, trainWithProgress } from "./training.ts";
import { checkWritable, writeFileWhole } from "./write_file.ts";

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
  task: { value: "KIND", help: "what the data have to be: image or table", parse: choice(["image", "table"]) },
  trainer: { value: "KIND", help: "the full network: mlp", parse: choice(["mlp"]), default: "mlp" },
  "trainer-hidden": {
    value: "N,N,…",
    help: "units of the trainer's hidden layers",
    parse: list(integer({ min: 1, max: 65536 }), { noun: "layer sizes" }),
    default: "256,256",
  },
  dropout: {
    value: "P",
    help: "share of the trainer's hidden units that is dropped in training",
    parse: number({ min: 0, below: 1 }),
  },
  ...CODE_OPTIONS,
  hidden: {
    value: "N",
    help: "units of a hidden layer between bits and labels (without it there is none)",
    parse: integer({ min: 1, max: 65536 }),
  },
  head: {
    value: "TYPE",
    help: "weights in the packed file: float, int8 or ternary",
    parse: choice(["float", "int8", "ternary"]),
    default: "float",
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
  epochs: { value: "N", help: "most passes over the training data", parse: integer({ min: 1 }), default: "10" },
  batch: { value: "N", help: "examples a step", parse: integer({ min: 1 }), default: "128" },
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
  out: {
    value: "FILE",
    help: "the packed model; with several sizes model.pnet becomes model-8x10.pnet and so on",
    parse: text,
    default: "model.pnet",
  },
} as const;

type Options = Invocation<typeof OPTIONS>["options"];

/** The file of each size. */
function outFiles(out: string, sizes: readonly BitSize[]): string[] {
  if (sizes.length === 1) return [out];
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(out) as RegExpExecArray;
  return sizes.map(({ functions, bitsPerFunction }) => `${stem}-${functions}x${bitsPerFunction}${extension ?? ""}`);
}

function projections(options: Options): ProjectionOptions[] {
  const { hidden, head } = options;
  return codeOptions(options).map((code) => ({ ...code, hidden, head }));
}

interface TrainingData {
  data: Dataset;
  validation: Dataset | number;
  test: Dataset | undefined;
}

async function openAll(options: Options, { io, signal }: { io: CliIo; signal: AbortSignal }): Promise<TrainingData> {
  const common = tableOptions(options, { dataDir: options["data-dir"], signal });
  const data = await openWithProgress(options.data, { ...common, split: "train" }, io);
  if (options.task !== undefined && options.task !== data.input.kind) {
    throw new UsageError(`--task ${options.task}: ${options.data} is ${data.input.kind} data`);
  }
  checkTableOptions(data, options);
  const openBeside = async (source: string, split: "train" | "test"): Promise<Dataset> => {
    const dataset = await openWithProgress(source, { ...common, split, labelNames: data.labelNames }, io);
    checkLength(dataset, { featureLength: data.featureLength, owner: options.data });
    checkLabels(dataset, data);
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

async function run({ options, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const networks = projections(options);
  const outs = outFiles(options.out, codeSizes(options));
  for (const out of outs) await checkWritable(out);

  const work = async (signal: AbortSignal): Promise<TrainResult> => {
    const data = await openAll(options, { io, signal });
    return await trainWithProgress({
      ...data,
      trainer: { hidden: options["trainer-hidden"], dropout: options.dropout },
      projections: networks,
      lambda: options.lambda as [number, number, number],
      temperature: options.temperature,
      trainerLearns: options["trainer-learns"],
      epochs: options.epochs,
      batchSize: options.batch,
      optimizer: { learningRate: options["learning-rate"], weightDecay: options["weight-decay"] },
      projectionOptimizer: {
        learningRate: options["projection-learning-rate"],
        weightDecay: options["projection-weight-decay"],
      },
      patience: options.patience,
      seed: options.seed,
      signal,
    }, io);
  };
  const result = await untilInterrupted(work, { io, message: "stopped by Ctrl-C; nothing was written" });
  result.networks.forEach(({ bytes }, i) => writeFileWhole(outs[i], bytes));
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
  ],
  run,
});
