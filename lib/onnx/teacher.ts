/**
 * Any ONNX classifier as the trainer network of a training: its answers are computed once for all rows, kept on disk when asked, and learnt from.
 *
 * @module
 */
import type { Dataset } from "../data/mod.ts";
import type { Teacher } from "../joint/mod.ts";
import { decodeOnnx } from "./decode.ts";
import { OnnxModelError } from "./errors.ts";
import { parametersOf } from "./inspect.ts";
import { describeShape, type OnnxModel } from "./model.ts";
import { AnswerCache } from "./answer_cache.ts";
import { type OnnxSession, openSession } from "./session.ts";
import {
  type FeatureScaling,
  type InputPlan,
  type PixelMoments,
  planInput,
  possibleScalings,
  prepareRows,
  type RowWriter,
  type TeacherLayout,
  toldScaling,
} from "./teacher_input.ts";

/** Options of {@linkcode onnxTeacher}. */
export interface OnnxTeacherOptions {
  /** The training data: the model's input and labels have to go with them. */
  readonly data: Dataset;
  /** What messages call the model, such as its file; "teacher" when left out. */
  readonly name?: string;
  /** Order of the input's axes; read from the graph when left out, channels first where both would fit. */
  readonly layout?: TeacherLayout;
  /**
   * What the input's numbers are. When left out, as the file says, or else that of the usual ones with which the model gets most labels right on rows of the
   * training data.
   */
  readonly scaling?: FeatureScaling | PixelMoments;
  /** Name of the output with a number for each class; the first one of that shape when left out, one called `logits` before others. */
  readonly output?: string;
  /** A folder in which answers are kept by the hash of model and data; they are not kept when left out. */
  readonly cache?: string;
  /** Rows that are run at once, where the model does not have that fixed; 256 when left out. */
  readonly batchSize?: number;
  /** Called after each batch with the number of rows that are done, and of how many of which data. */
  readonly onProgress?: (progress: TeacherProgress) => void;
  /** Ends the work with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How far a teacher is. */
export interface TeacherProgress {
  /** Name of the data set. */
  readonly data: string;
  /** Rows that are done. */
  readonly done: number;
  /** Rows in all. */
  readonly rows: number;
}

/** A teacher, and how it is used. */
export interface OnnxTeacher extends Teacher {
  /** Order of the input's axes. */
  readonly layout: TeacherLayout;
  /** What the input's numbers are. */
  readonly scaling: FeatureScaling | PixelMoments;
  /** Name of the output that is read. */
  readonly output: string;
  /** What that output holds. */
  readonly gives: "logits" | "probabilities";
  /** Share of right labels on some rows of the training data. */
  readonly sampleAccuracy: number;
  /** Ends the runtime's session, if there is one. */
  release(): Promise<void>;
}

/** Most rows of the training data on which it is found out how a model is meant. */
const sampleRows = 512;

/** Logarithms of smaller probabilities are not told apart. */
const leastProbability = 1e-12;

/**
 * Prepares an ONNX classifier as a teacher (`teacher` of `train`). It is run in onnxruntime-web, on one thread. Outputs that are probabilities (none negative,
 * each row's sum 1) count by their logarithms.
 *
 * @param bytes an ONNX file with one input and an output [batch, classes]
 * @param options the data, and what the file does not say
 * @returns the teacher; `release` it after the training
 * @throws {OnnxFormatError} when the bytes are no ONNX model
 * @throws {OnnxModelError} when its shapes or labels do not go with the data, or the runtime refuses it
 */
export async function onnxTeacher(bytes: Uint8Array, options: OnnxTeacherOptions): Promise<OnnxTeacher> {
  const { data, name = "teacher", batchSize = 256 } = options;
  const model = decodeOnnx(bytes);
  const outside = model.initializers.find(({ external }) => external);
  if (outside !== undefined) {
    throw new OnnxModelError(
      `${name}: the values of ${JSON.stringify(outside.name)} stand in another file, wanted all in one`,
    );
  }
  const plan = planInput(model, data, { name, layout: options.layout });
  const classes = data.labelNames.length;
  const output = chooseOutput(model, { name, classes, asked: options.output });
  const order = labelOrder(model, data, name);
  const cache = new AnswerCache(options.cache, bytes);
  let session: Promise<OnnxSession> | undefined;
  const answer = async (write: RowWriter, rows: Uint32Array, of: Dataset): Promise<Float32Array> => {
    session ??= openSession(bytes, name);
    return await runRows(await session, { ...options, write, rows, of, plan, output, order, name, batchSize });
  };
  const usage = await cache.usage(
    data,
    { layout: plan.layout, output, scaling: options.scaling },
    () => findUsage({ data, plan, model, answer, scaling: options.scaling }),
  );
  const { scaling, gives } = usage;
  const write = prepareRows(data, plan, scaling);
  return {
    name,
    parameters: parametersOf(model.initializers),
    layout: plan.layout,
    output,
    ...usage,
    async logits(of): Promise<Float32Array> {
      planInput(model, of, { name, layout: plan.layout });
      if (of.labelNames.slice(0, classes).join("\n") !== data.labelNames.slice(0, of.labelNames.length).join("\n")) {
        throw new OnnxModelError(`${name}: ${of.name} has other labels than ${data.name}`);
      }
      return await cache.answers(of, { ...usage, layout: plan.layout, output, order }, async () => {
        const values = await answer(write, Uint32Array.from({ length: of.count }, (_, row) => row), of);
        if (gives === "logits") return values;
        return values.map(logarithm);
      });
    },
    async release(): Promise<void> {
      const open = await session?.catch(() => undefined);
      session = undefined;
      await open?.release();
    },
  };
}

/** How a model is used, as far as it had to be found out. */
export interface TeacherUsage {
  /** What the input's numbers are. */
  readonly scaling: FeatureScaling | PixelMoments;
  /** What the output holds. */
  readonly gives: "logits" | "probabilities";
  /** Share of right labels on some rows of the training data. */
  readonly sampleAccuracy: number;
}

async function findUsage(
  { data, plan, model, answer, scaling }: {
    data: Dataset;
    plan: InputPlan;
    model: OnnxModel;
    answer: (write: RowWriter, rows: Uint32Array, of: Dataset) => Promise<Float32Array>;
    scaling: FeatureScaling | PixelMoments | undefined;
  },
): Promise<TeacherUsage> {
  const known = scaling ?? toldScaling(model, plan);
  const count = Math.min(data.count, sampleRows), classes = data.labelNames.length;
  const rows = Uint32Array.from({ length: count }, (_, i) => Math.floor(i * data.count / count));
  let best: TeacherUsage | undefined, leastLoss = Infinity;
  for (const candidate of known === undefined ? possibleScalings(data) : [known]) {
    const values = await answer(prepareRows(data, plan, candidate), rows, data);
    const gives = areProbabilities(values, classes) ? "probabilities" : "logits";
    const logits = gives === "logits" ? values : values.map(logarithm);
    const { accuracy: sampleAccuracy, loss } = measure(logits, classes, (i) => data.labels[rows[i]]);
    const gain = sampleAccuracy - (best?.sampleAccuracy ?? -1);
    if (gain > 0 || (gain === 0 && loss < leastLoss)) {
      best = { scaling: candidate, sampleAccuracy, gives };
      leastLoss = loss;
    }
  }
  return best!;
}

function logarithm(probability: number): number {
  return Math.log(Math.max(probability, leastProbability));
}

/** Share of right labels, and the mean cross-entropy. */
function measure(
  logits: Float32Array,
  classes: number,
  label: (row: number) => number,
): { accuracy: number; loss: number } {
  const rows = logits.length / classes;
  let right = 0, loss = 0;
  for (let row = 0; row < rows; row++) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    let best = 0, sum = 0;
    for (let j = 1; j < classes; j++) if (own[j] > own[best]) best = j;
    for (let j = 0; j < classes; j++) sum += Math.exp(own[j] - own[best]);
    right += Number(best === label(row));
    loss += own[best] + Math.log(sum) - own[label(row)];
  }
  return { accuracy: right / rows, loss: loss / rows };
}

function areProbabilities(values: Float32Array, classes: number): boolean {
  for (let row = 0; row < values.length; row += classes) {
    let sum = 0;
    for (let at = row; at < row + classes; at++) {
      if (!(values[at] >= 0)) return false;
      sum += values[at];
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

/** The output with a number for each class. */
function chooseOutput(
  { outputs }: OnnxModel,
  { name, classes, asked }: { name: string; classes: number; asked?: string },
): string {
  const describe = (): string =>
    outputs.map(({ name, type, shape }) => `${JSON.stringify(name)} ${describeShape(shape)} of ${type}`).join(", ");
  if (asked !== undefined) {
    if (outputs.some(({ name }) => name === asked)) return asked;
    throw new OnnxModelError(`${name}: there is no output ${JSON.stringify(asked)}; there are ${describe()}`);
  }
  const fitting = outputs.filter(({ type, shape }) => {
    if (type !== "float32" && type !== "float64") return false;
    return shape === null ||
      shape.every((length, axis) =>
          typeof length !== "number" || axis === 0 || length === (axis === 1 ? classes : 1)
        ) && shape.length >= 2;
  });
  const chosen = fitting.find(({ name }) => name === "logits") ?? fitting[0];
  if (chosen === undefined) {
    throw new OnnxModelError(`${name}: an output [batch, ${classes}] of float32 was wanted, ${describe()} found`);
  }
  return chosen.name;
}

/** For each class of the data its place in the model's output, where the model names its labels; else as they stand. */
function labelOrder({ metadata }: OnnxModel, { labelNames, name: dataName }: Dataset, name: string): number[] {
  let labels: unknown;
  try {
    labels = Object.hasOwn(metadata, "labels") ? JSON.parse(metadata.labels) : undefined;
  } catch {
    // Some other use of the word.
  }
  if (!Array.isArray(labels) || labels.length !== labelNames.length) return labelNames.map((_, j) => j);
  const order = labelNames.map((label) => (labels as unknown[]).indexOf(label));
  if (new Set(order).size === order.length && !order.includes(-1)) return order;
  throw new OnnxModelError(
    `${name}: the labels are ${JSON.stringify(labels)}, those of ${dataName} are ${JSON.stringify(labelNames)}`,
  );
}

/** Runs rows through the model, batch by batch. */
async function runRows(
  session: OnnxSession,
  { write, rows, of, plan, output, order, name, batchSize, onProgress, signal }: {
    write: RowWriter;
    rows: Uint32Array;
    of: Dataset;
    plan: InputPlan;
    output: string;
    order: readonly number[];
    name: string;
    batchSize: number;
  } & Pick<OnnxTeacherOptions, "onProgress" | "signal">,
): Promise<Float32Array> {
  const classes = order.length, values = new Float32Array(rows.length * classes);
  const size = plan.batch ?? batchSize;
  for (let start = 0; start < rows.length; start += size) {
    signal?.throwIfAborted();
    let batch = rows.subarray(start, start + size);
    const count = batch.length;
    if (plan.batch !== undefined && count < size) {
      batch = Uint32Array.from({ length: size }, (_, i) => rows[Math.min(start + i, rows.length - 1)]);
    }
    const data = write(of, batch) as Float32Array;
    const results = await session.run({ [plan.name]: { type: plan.type, data, dims: [batch.length, ...plan.dims] } }, [
      output,
    ]);
    const { data: found, dims } = results[output];
    if (found.length !== batch.length * classes || dims[0] !== batch.length) {
      throw new OnnxModelError(
        `${name}: output ${JSON.stringify(output)} is ${describeShape(dims)} for ${batch.length} rows, wanted ${
          describeShape([batch.length, classes])
        }`,
      );
    }
    for (let i = 0, at = start * classes; i < count; i++) {
      for (let j = 0; j < classes; j++, at++) values[at] = Number(found[i * classes + order[j]]);
    }
    onProgress?.({ data: of.name, done: start + count, rows: rows.length });
  }
  return values;
}
