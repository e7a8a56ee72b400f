/**
 * `train --trainer onnx:FILE` and `--save-trainer FILE`: trainer networks that were there before a training, and that are kept after it. The room for ONNX is
 * loaded when one of them is used.
 */
import { type Dataset, resolveDataDir, writeFileWhole } from "../data/mod.ts";
import { sha256, type TrainOptions, type TrainResult } from "../joint/mod.ts";
import type { FeatureScaling, PixelMoments, TeacherLayout } from "../onnx/mod.ts";
import type { AnyModel } from "../packed/mod.ts";
import { UsageError } from "./errors.ts";
import { percent } from "./format.ts";
import type { CliIo } from "./io.ts";
import { readModelBytes } from "./model.ts";
import { choice, list, number, type ParseValue, text, ValueError } from "./option_values.ts";
import { flag, type OptionValues } from "./options.ts";
import { Progress } from "./progress.ts";

/** Begins a trainer that is a file. */
const prefix = "onnx:";

/** Name of a trainer network, or `onnx:FILE`. */
export function trainerOrFile<const Kind extends string>(kinds: readonly Kind[]): ParseValue<Kind | `onnx:${string}`> {
  return (given) => {
    if (isFile(given) && given.length > prefix.length) return given;
    const found = kinds.find((kind) => kind === given);
    if (found === undefined) throw new ValueError(`one of ${kinds.join(", ")}, or onnx:FILE`);
    return found;
  };
}

function isFile(trainer: string | undefined): trainer is `onnx:${string}` {
  return trainer?.startsWith(prefix) ?? false;
}

/** The file that `--trainer` names, if it does. */
export function trainerPath({ trainer }: { readonly trainer?: string }): string | undefined {
  return isFile(trainer) ? trainer.slice(prefix.length) : undefined;
}

const SCALINGS = ["raw", "unit", "signed", "standard"] as const satisfies readonly FeatureScaling[];
const LAYOUTS = ["nchw", "nhwc", "flat"] as const satisfies readonly TeacherLayout[];

/** One of the scalings, or moments such as `0.1307/0.3081` or `0.49,0.48,0.45/0.25,0.24,0.26`. */
export const scaling: ParseValue<FeatureScaling | PixelMoments> = (given) => {
  const [mean, deviation, ...more] = given.split("/");
  try {
    if (deviation === undefined) return choice(SCALINGS)(given);
    if (more.length === 0) {
      return {
        mean: list(number(), { noun: "numbers" })(mean),
        deviation: list(number({ above: 0 }), { noun: "numbers" })(deviation),
      };
    }
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
  }
  throw new ValueError(`one of ${SCALINGS.join(", ")}, or means and deviations of pixels in 0…1 such as 0.1307/0.3081`);
};

/** Options of trainer networks in files. */
export const TRAINER_FILE_OPTIONS = {
  "fine-tune": flag(
    "train the network of --trainer onnx:FILE further, which --save-trainer wrote; otherwise it teaches as it is",
  ),
  "teacher-layout": {
    value: "ORDER",
    help: "axes of the input of --trainer onnx:FILE: nchw, nhwc, or flat rows (otherwise as its graph says)",
    parse: choice(LAYOUTS),
  },
  "teacher-scaling": {
    value: "RULE",
    help:
      "what the input of --trainer onnx:FILE is: raw features, pixels in 0…1 (unit) or -1…1 (signed), standard (mean 0, deviation 1), or MEAN/DEVIATION " +
      "of pixels in 0…1, for each channel with commas (otherwise as the file says, or what gets most labels right)",
    parse: scaling,
  },
  "teacher-output": {
    value: "NAME",
    help: "output of --trainer onnx:FILE to learn from (otherwise found out)",
    parse: text,
  },
  "save-trainer": {
    value: "FILE",
    help: "write the full network as ONNX, to run it elsewhere, to teach, or to be trained further",
    parse: text,
  },
} as const;

/** What the commands know of the options. */
export type TrainerFileValues = OptionValues<typeof TRAINER_FILE_OPTIONS> & {
  readonly trainer?: string;
  readonly "data-dir"?: string;
};

/** Options of a network that is made here. */
const OF_FRESH = [
  "project-from",
  "trunk-precision",
  "trainer-hidden",
  "dropout",
  "element",
  "bidirectional",
  "trainer-reads",
];
/** Options of a network that is changed. */
const OF_TRAINED = ["learning-rate", "weight-decay", "augment", "trainer-learns", "save-trainer"];
/** Options of one that is not. */
const OF_TEACHER = ["teacher-layout", "teacher-scaling", "teacher-output"];

/**
 * Refuses options that do not go with the trainer.
 *
 * @throws {UsageError} that names them
 */
export function checkTrainerFile(
  options: TrainerFileValues & { readonly task?: string; readonly budget?: number },
  given: ReadonlySet<string>,
): void {
  const refuse = (names: readonly string[], why: string): void => {
    const found = names.find((name) => given.has(name));
    if (found !== undefined) throw new UsageError(`--${found} ${why}`);
  };
  if (options.task === "text") {
    refuse(["save-trainer"], "is not for --task text: ONNX has no operator that hashes words");
  }
  if (options.budget !== undefined) refuse(["save-trainer"], "is not for --budget, which trains many trainers");
  if (given.has("project-from")) {
    refuse(["save-trainer"], "is not for --project-from, which rounds the trainer's layers");
  }
  if (trainerPath(options) === undefined) return refuse(["fine-tune", ...OF_TEACHER], "is for --trainer onnx:FILE");
  if (options.task === "text") throw new UsageError("--trainer onnx:FILE is not for --task text");
  if (options.budget !== undefined) {
    throw new UsageError("--trainer onnx:FILE is not for --budget, which trains trainers of its own");
  }
  refuse(OF_FRESH, "is for a trainer that is made here, and --trainer is a file");
  if (options["fine-tune"]) refuse(OF_TEACHER, "is for a teacher, and --fine-tune trains the network further");
  else refuse(OF_TRAINED, "is for a trainer that is trained, and the one in the file is not (--fine-tune does that)");
}

/** The trainer of a training, and what has to be done after it. */
export interface OpenTrainer {
  /** The part of the training's options. */
  readonly options: Pick<TrainOptions, "teacher" | "continueFrom">;
  /** Digest of its file. */
  readonly sha256: string;
  /** Ends what was opened. */
  close(): Promise<void>;
}

/** Where answers are kept: nowhere, where the environment may not be looked at to find out. */
function cacheFolder(dataDir?: string): string | undefined {
  try {
    return `${resolveDataDir(dataDir)}/teachers`;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Opens the network of `--trainer onnx:FILE` for the training data. */
export async function openTrainer(
  path: string,
  options: TrainerFileValues,
  { data, io, signal }: { data: Dataset; io: CliIo; signal: AbortSignal },
): Promise<OpenTrainer> {
  const bytes = await readModelBytes(path), digest = await sha256(bytes);
  const { importTrainer, onnxTeacher, OnnxFormatError, OnnxModelError } = await import("../onnx/mod.ts");
  const progress = new Progress(io);
  try {
    if (options["fine-tune"]) {
      return { options: { continueFrom: await importTrainer(bytes) }, sha256: digest, close: () => Promise.resolve() };
    }
    const teacher = await onnxTeacher(bytes, {
      data,
      name: path,
      layout: options["teacher-layout"],
      scaling: options["teacher-scaling"],
      output: options["teacher-output"],
      cache: cacheFolder(options["data-dir"]),
      onProgress: ({ data, done, rows }) =>
        progress.update({ label: `teacher on ${data}`, fraction: done / rows, unit: "examples" }),
      signal,
    });
    const { layout, scaling, output, gives, sampleAccuracy } = teacher;
    progress.end();
    const numbers = typeof scaling === "string" ? scaling : `${scaling.mean}/${scaling.deviation}`;
    io.writeError(
      `teacher ${path}: input ${layout}, ${numbers}; output ${output}, ${gives}; right on ${
        percent(sampleAccuracy)
      } of some training rows\n`,
    );
    const close = async (): Promise<void> => {
      progress.end();
      await teacher.release();
    };
    return { options: { teacher }, sha256: digest, close };
  } catch (error) {
    const isOfFile = error instanceof OnnxFormatError || error instanceof OnnxModelError;
    if (!isOfFile || error.message.startsWith(path)) throw error;
    throw new Error(`${path}: ${error.message}`, { cause: error });
  }
}

/** Writes the trainer network for `--save-trainer`. */
export async function saveTrainer(path: string, { trainer }: Pick<TrainResult<AnyModel>, "trainer">): Promise<void> {
  const { exportTrainer } = await import("../onnx/mod.ts");
  const { description, state } = trainer;
  if (description === undefined) throw new Error("--save-trainer: this trainer network has no form outside");
  await writeFileWhole(path, await exportTrainer({ ...description, state }));
}
