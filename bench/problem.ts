/**
 * What the contestants train: a fully connected network, ReLU between its layers, softmax and cross-entropy at its end, stochastic gradient descent
 * with momentum. All start from the same weights and see the same batches.
 *
 * @module
 */
import { glorotUniform, hash32, heUniform } from "../mod.ts";

/** A batch in the forms that libraries want. */
export interface Batch {
  /** [batchSize × inputs], pixels as they are in an image: 0…1 in steps of 1/255. */
  readonly features: Float32Array<ArrayBuffer>;
  /** The class of each row. */
  readonly labels: Int32Array<ArrayBuffer>;
}

/** A training task. */
export interface Problem {
  /** Such as `784-128-10`. */
  readonly name: string;
  /** Widths of input, hidden layers and output. */
  readonly widths: readonly number[];
  /** Rows in a step. */
  readonly batchSize: number;
  /** Step size. */
  readonly learningRate: number;
  /** Part of the velocity that is kept. */
  readonly momentum: number;
  /** First weights of each layer, [inputs × outputs]; biases start at zero. */
  readonly weights: readonly Float32Array<ArrayBuffer>[];
  /** The batches; a training goes through them again and again. */
  readonly batches: readonly Batch[];
}

/** What a training needs to know of a problem beside its network. */
export type TrainingSettings = Pick<Problem, "batches" | "batchSize" | "learningRate" | "momentum">;

/** A library, or one way to run it. */
export interface Contestant<Task = Problem> {
  /** Name for reports and for `--only`. */
  readonly name: string;
  /** Threads that compute. */
  readonly threads: number;
  /** Sets a training up, outside the timing. */
  prepare(problem: Task): Promise<Training>;
}

/** A training that goes on from call to call. */
export interface Training {
  /** Makes this library, with its threads, the one that runs. */
  activate?(): Promise<void>;
  /** Runs some steps and gives the loss of the last. */
  run(steps: number): Promise<number>;
  /** Ends the training. */
  dispose(): void;
}

/** Batches of a problem. */
export const batchCount = 8;

/** Makes a task from a text such as `784-128-10@32`: the widths, then the batch size. Labels are random, so that the loss falls slowly. */
export function makeProblem(text: string): Problem {
  const match = /^(\d+(?:-\d+)+)@(\d+)$/.exec(text);
  if (match === null) {
    throw new RangeError(`--networks: "${text}" found, widths and batch size such as 784-128-10@32 wanted`);
  }
  const name = match[1];
  const widths = name.split("-").map(Number);
  const batchSize = Number(match[2]);
  const inputs = widths[0], classes = widths[widths.length - 1];
  const weights = widths.slice(1).map((outputs, layer) => {
    const values = new Float32Array(widths[layer] * outputs);
    const initialize = layer < widths.length - 2 ? heUniform : glorotUniform;
    initialize(values, { inputs: widths[layer], outputs, seed: layer + 1 });
    return values;
  });
  const batches = Array.from({ length: batchCount }, (_, batch) => ({
    features: Float32Array.from({ length: batchSize * inputs }, (_, i) => (hash32(91, batch, i) & 255) / 255),
    labels: Int32Array.from({ length: batchSize }, (_, i) => hash32(92, batch, i) % classes),
  }));
  return { name, widths, batchSize, learningRate: 0.01, momentum: 0.9, weights, batches };
}

/** A matrix product of a training step. */
export interface Product {
  /** Index of the layer. */
  readonly layer: number;
  /** Which of the layer's products: its output, its weights' gradient or its input's gradient. */
  readonly kind: "forward" | "weights" | "inputs";
}

/** The matrix products of a step in their order: three a layer, but no gradient of the first layer's input. */
export function productsOf({ weights }: Problem): Product[] {
  const layers = weights.map((_, layer) => layer);
  const forward = layers.map((layer): Product => ({ layer, kind: "forward" }));
  const backward = layers.toReversed().flatMap((layer): Product[] =>
    layer === 0 ? [{ layer, kind: "weights" }] : [{ layer, kind: "weights" }, { layer, kind: "inputs" }]
  );
  return [...forward, ...backward];
}

/** Floating-point operations in the matrix products of a step; an addition and a multiplication count as two. */
export function operationsOf(problem: Problem): number {
  return productsOf(problem).reduce((sum, { layer }) => sum + 2 * problem.batchSize * problem.weights[layer].length, 0);
}

/** The labels of a batch as rows of 0 and 1. */
export function oneHot({ labels }: Batch, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => rows[row * classes + label] = 1);
  return rows;
}
