/**
 * `train`: joint training of a full network and projection networks, packed into files.
 */
import { type Dataset, DatasetNotFoundError, type StoredDataset, writeFileWhole } from "../data/mod.ts";
import {
  type ProjectionOptions,
  train,
  trainNodes,
  type TrainOptions,
  type TrainResult,
  type TrainTextOptions,
  trainTexts,
} from "../joint/mod.ts";
import type { AnyModel } from "../packed/mod.ts";
import { checkBudget, runBudget } from "./budget.ts";
import { checkWritable } from "./check_writable.ts";
import { CommandCheckpoints } from "./checkpoint_options.ts";
import { codeOptions, codeSizes } from "./code_options.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { fewLabels, openNodes } from "./graph_options.ts";
import type { CliIo } from "./io.ts";
import {
  checkLabels,
  checkLength,
  checkPixels,
  checkTableOptions,
  openWithProgress,
  tableOptions,
} from "./open_data.ts";
import type { BitSize } from "./option_values.ts";
import { KNOWN_DATA_PERMISSIONS, OUT_PERMISSION } from "./permissions.ts";
import { applyKernelOptions } from "./shared_options.ts";
import { openTexts, textSizes, textTraining } from "./text_options.ts";
import { checkCombinations, checkHead, OPTIONS, type Options, trainerKind } from "./train_options.ts";
import { openTrainer, saveTrainer, trainerPath } from "./trainer_file.ts";
import { trainingJson, trainingReport, trainWithProgress } from "./training.ts";

/** The file of each size. */
function outFiles(out: string, sizes: readonly BitSize[]): string[] {
  if (sizes.length === 1) return [out];
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(out) as RegExpExecArray;
  return sizes.map(({ functions, bitsPerFunction }) => `${stem}-${functions}x${bitsPerFunction}${extension ?? ""}`);
}

/** The projection networks that are asked for. */
export function projections(options: Options): ProjectionOptions[] {
  const { hidden, head, normalize, "code-dropout": dropout, "ternary-threshold": ternaryThreshold } = options;
  return codeOptions(options).map((code) => ({ ...code, hidden, head, normalize, dropout, ternaryThreshold }));
}

/** What a training learns from, is chosen on and measured on. */
export interface TrainingData<D> {
  /** Rows to learn from. */
  data: D;
  /** Rows to choose by, or the part of the others that is set aside for it. */
  validation: D | number;
  /** Rows to report on. */
  test: D | undefined;
}

/** How the data of a training are opened. */
interface OpenContext {
  io: CliIo;
  signal: AbortSignal;
  /** Bytes above which data stay in their files; all are loaded when left out. */
  loadLimit?: number;
}

async function openAll(
  options: Options,
  { io, signal, loadLimit }: OpenContext,
): Promise<TrainingData<Dataset | StoredDataset>> {
  if (/\.jsonl$/i.test(options.data)) {
    throw new UsageError(`${options.data} holds JSON lines by its name, which --task text reads`);
  }
  const common = tableOptions(options, { dataDir: options["data-dir"], signal, loadLimit });
  const data = await openWithProgress(options.data, { ...common, split: "train" }, io);
  if (options.task !== undefined && options.task !== "sequence" && options.task !== data.input.kind) {
    throw new UsageError(`--task ${options.task}: ${options.data} is ${data.input.kind} data`);
  }
  checkTableOptions(data, options);
  if (options.augment !== undefined && data.input.kind !== "image") {
    throw new UsageError(`--augment distorts images, and ${options.data} is ${data.input.kind} data`);
  }
  const openBeside = async (source: string, split: "train" | "test"): Promise<Dataset | StoredDataset> => {
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

  async function openTest(): Promise<Dataset | StoredDataset | undefined> {
    if (options.test !== undefined) return await openBeside(options.test, "test");
    if (data.split === undefined) return undefined;
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

/** What trainings on numbers share. */
function numberOptions(options: Options, signal: AbortSignal) {
  return {
    ...commonOptions(options, signal),
    trainer: trainerPath(options) === undefined
      ? {
        kind: trainerKind(options),
        hidden: options.trainer === "linear" ? [] : options["trainer-hidden"],
        dropout: options.dropout,
        elementLength: options.element,
        bidirectional: options.bidirectional,
        reads: options["trainer-reads"],
      }
      : undefined,
    projectFrom: options["project-from"] === undefined
      ? undefined
      : { stage: options["project-from"], precision: options["trunk-precision"] },
    batchSize: options.batch,
    optimizer: { learningRate: options["learning-rate"], weightDecay: options["weight-decay"] },
    projectionOptimizer: {
      learningRate: options["projection-learning-rate"],
      weightDecay: options["projection-weight-decay"],
    },
  };
}

/** What trainings on images or tables share: one of given networks, a search within a budget, a study. */
export async function openTraining(
  options: Options,
  context: OpenContext & { loadLimit?: undefined },
): Promise<Omit<TrainOptions, "projections" | "onProgress" | keyof TrainingData<Dataset>> & TrainingData<Dataset>>;
/** The same with `loadLimit`: what is larger stays in its files. */
export async function openTraining(
  options: Options,
  context: OpenContext,
): Promise<Omit<TrainOptions, "projections" | "onProgress">>;
export async function openTraining(
  options: Options,
  context: OpenContext,
): Promise<Omit<TrainOptions, "projections" | "onProgress">> {
  const { augment } = options;
  return { ...await openAll(options, context), ...numberOptions(options, context.signal), augment };
}

type Work = (signal: AbortSignal) => Promise<TrainResult<AnyModel>>;

function workOnNumbers({ options, given, io }: Invocation<typeof OPTIONS>, checkpoints: CommandCheckpoints): Work {
  const networks = projections(options);
  if (options.task === "graph") {
    return async (signal) => {
      const training = {
        ...await openNodes(options, { given, io }),
        ...numberOptions(options, signal),
        projections: networks,
        checkpoint: checkpoints.options(),
      };
      return await trainWithProgress(trainNodes, training, io);
    };
  }
  const path = trainerPath(options);
  return async (signal) => {
    if (path === undefined) {
      const loadLimit = options.labeled === undefined ? options["load-limit"] : undefined;
      const opened = await openTraining(options, { io, signal, loadLimit });
      const training = {
        ...opened,
        ...await fewLabels(opened.data, options, io),
        projections: networks,
        checkpoint: checkpoints.options(),
      };
      return await trainWithProgress(train, training, io);
    }
    const opened = await openTraining(options, { io, signal });
    const training = { ...opened, ...await fewLabels(opened.data, options, io), projections: networks };
    const trainer = await openTrainer(path, options, { data: training.data, io, signal });
    try {
      const checkpoint = checkpoints.options({ trainer: trainer.sha256 });
      return await trainWithProgress(train, { ...training, ...trainer.options, checkpoint }, io);
    } finally {
      await trainer.close();
    }
  };
}

function workOnTexts(invocation: Invocation<typeof OPTIONS>, checkpoints: CommandCheckpoints): Work {
  const asked = openTextTraining(invocation);
  return async (signal) => {
    const training = { ...await asked(signal), checkpoint: checkpoints.options() };
    return await trainWithProgress(trainTexts, training, invocation.io);
  };
}

/** Refuses what does not go together, and gives a function that opens the texts of a training. */
export function openTextTraining(
  { options, given, io }: Pick<Invocation<typeof OPTIONS>, "options" | "given" | "io">,
): (signal: AbortSignal) => Promise<TrainTextOptions> {
  const asked = textTraining(options, given);
  // Otherwise the defaults for texts hold, which are not those for numbers.
  const ifGiven = <Name extends keyof Options>(name: Name): Options[Name] | undefined =>
    given.has(name) ? options[name] : undefined;
  return async (signal) => {
    const texts = await openTexts(options);
    return {
      ...texts,
      ...await fewLabels(texts.data, options, io),
      ...asked,
      ...commonOptions(options, signal),
      batchSize: ifGiven("batch"),
      optimizer: { learningRate: options["learning-rate"], weightDecay: options["weight-decay"] },
      projectionOptimizer: {
        learningRate: ifGiven("projection-learning-rate"),
        weightDecay: ifGiven("projection-weight-decay"),
      },
    };
  };
}

/** Few labels are all learnt, unless some are asked for to choose by. */
function withFewLabels(invocation: Invocation<typeof OPTIONS>): Invocation<typeof OPTIONS> {
  const { options, given } = invocation;
  if (options.labeled === undefined || given.has("validation")) return invocation;
  return { ...invocation, options: { ...options, validation: 0 } };
}

async function run(asked: Invocation<typeof OPTIONS>): Promise<number> {
  const invocation = withFewLabels(asked);
  const { options, given, args, io, output } = invocation;
  const { budget, minutes, out } = options;
  checkBudget(options, given);
  checkCombinations(invocation);
  checkHead(options);
  applyKernelOptions(options);
  const checkpoints = new CommandCheckpoints(options, io);
  if (budget !== undefined) {
    await checkWritable(out);
    return await runBudget(async (signal) => ({
      ...await openTraining(options, { io, signal, loadLimit: options["load-limit"] }),
      ...(given.has("epochs") ? {} : { epochs: undefined }),
      ...(given.has("batch") ? {} : { batchSize: undefined }),
      budget,
      minutes,
      checkpoint: checkpoints.options(),
    }), { out, args, checkpoints, io, output });
  }
  const isText = options.task === "text";
  const outs = outFiles(out, isText ? textSizes(options) : codeSizes(options));
  const saved = options["save-trainer"];
  for (const file of saved === undefined ? outs : [...outs, saved]) await checkWritable(file);
  const work = isText ? workOnTexts(invocation, checkpoints) : workOnNumbers(invocation, checkpoints);
  const result = await checkpoints.untilInterrupted(work, args);
  for (const [i, { bytes }] of result.networks.entries()) await writeFileWhole(outs[i], bytes);
  if (saved !== undefined) await saveTrainer(saved, result);
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
  permissions: [["--allow-read=DATA", "the data, edges and networks that options name"], OUT_PERMISSION, [
    "--allow-read=STATE --allow-write=STATE",
    "the folder of --checkpoint",
  ], [
    "--allow-read=DENO_DIR",
    "with --trainer onnx:FILE, whose runtime is a package",
  ], ...KNOWN_DATA_PERMISSIONS],
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
    "% train --data cora --task graph --bits 1024 --thresholds mean --head int8 --out cora.pnet",
    "% train --data mnist --labeled 100 --edges mnist-edges.tsv --lambda 1,1,1 --out mnist.pnet",
    "% train --data mnist --trainer-hidden 1000,1000,1000 --save-trainer trainer.onnx",
    "% train --data mnist --trainer onnx:trainer.onnx --projection conv --bits 24 --lambda 1,1,1",
    "% train --data mnist --trainer cnn --trainer-hidden 16,32 --project-from hidden --trunk-precision ternary",
    "% train --data mnist --epochs 100 --checkpoint mnist-state --resume --out mnist.pnet",
    "% train --data mnist --task sequence --trainer-hidden 128 --learning-rate 0.003 --out mnist.pnet",
  ],
  run,
});
