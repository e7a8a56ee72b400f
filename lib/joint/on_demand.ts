/**
 * The entrances to training. Projection networks, the fitting loop, the selection of candidates and their checks are loaded when one of these is first called,
 * so that a program which only builds networks does not wait for them.
 *
 * Deno reads ahead what it sees in `import("...")`, and would read everything before a program starts. It does not look behind `as string`, which bundlers never
 * get to see. Where programs are cut off from what Deno did not see (`deno compile`, `--cached-only`), they import `./all` as well.
 *
 * @module
 */
import type { BudgetOptions, BudgetResult } from "./budget/train_within_budget.ts";
import type { Tensor } from "../autodiff/mod.ts";
import type { Dataset, TextDataset } from "../data/mod.ts";
import type { Region } from "../kernels/mod.ts";
import type { Module } from "../nn/mod.ts";
import type { Classifier, NumericInput, TextModel } from "../packed/mod.ts";
import type { ProjectionSpec, Selection } from "../projection/mod.ts";
import type { Checkpoint } from "./checkpoint/read_checkpoint.ts";
import type { TrainerOptions, TrainerShape } from "./create_trainer.ts";
import type { SavedTrainer } from "./saved_trainer.ts";
import type { FitOptions, FitResult } from "./fit.ts";
import type { BuildGraphOptions, BuiltGraph } from "./graph/build_graph.ts";
import type { TrainNodesOptions } from "./graph/train_nodes.ts";
import type { Evaluation } from "./metrics.ts";
import type { ProjectionLayer, ProjectionLayerOptions } from "./projection_layer.ts";
import type { ProjectionNetwork } from "./projection_network.ts";
import type { ProjectionInput, ProjectionOptions } from "./projection_options.ts";
import type { SelectOptions } from "./select/select.ts";
import type { TrainOptions, TrainResult } from "./train.ts";
import type { TrainTextOptions } from "./train_texts.ts";

/**
 * Trains a full network and one or more projection networks together and packs the small ones (Ravi 2017, section 3).
 *
 * @example
 * ```ts
 * import { loadPnet, parseTable, train } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * // A table of 8 small numbers; the label says whether the first half outweighs the second.
 * const rows = Array.from({ length: 400 }, (_, i) => Array.from({ length: 8 }, (_, j) => (i * 37 + j * j * 91 + i * j * 17) % 251));
 * const half = (row: number[], from: number) => row.slice(from, from + 4).reduce((sum, x) => sum + x, 0);
 * const csv = rows.map((row) => [...row, half(row, 0) > half(row, 4) ? "left" : "right"].join(",")).join("\n");
 *
 * const { networks: [network] } = await train({
 *   data: await parseTable(new TextEncoder().encode(csv), { file: "halves.csv" }),
 *   projections: [{ functions: 8, bitsPerFunction: 8, head: "ternary" }],
 * });
 * const classifier = await loadPnet(network.bytes);
 * assertEquals(classifier.classify([200, 200, 200, 200, 1, 1, 1, 1]).label, "left");
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const training: typeof import("./train.ts") = await import("./train.ts" as string);
  return await training.train(options);
}

/**
 * Trains a full network and one or more projection networks on texts and packs the small ones. Networks with `maxBytes` are pruned in the course of the training
 * (gradual magnitude pruning: Zhu & Gupta 2017), the best epoch being one after the last pruning. On validation data the probabilities are calibrated as well.
 *
 * @example
 * ```ts
 * import { loadPnet, parseTexts, trainTexts } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const nouns = ["alarm", "clock", "timer", "song", "album", "band"];
 * const lines = nouns.flatMap((noun, i) =>
 *   ["my", "the", "a new", "some", "that"].map((word) => `${i < 3 ? "time" : "music"}\tplease set ${word} ${noun}`)
 * );
 * const { networks: [network] } = await trainTexts({
 *   data: await parseTexts(new TextEncoder().encode(lines.join("\n")), { file: "intents.tsv" }),
 *   projections: [{ functions: 512, maxBytes: 600 }],
 *   epochs: 20,
 * });
 * const classifier = await loadPnet(network.bytes);
 * assertEquals(classifier.classify("set the album please").label, "music");
 * ```
 */
export async function trainTexts(options: TrainTextOptions): Promise<TrainResult<TextModel>> {
  const training: typeof import("./train_texts.ts") = await import("./train_texts.ts" as string);
  return await training.trainTexts(options);
}

/**
 * Trains `trainer` and the projection networks together and leaves each with the parameters of its best epoch. Throws
 * {@linkcode TrainingError} when the options do not fit together, or when the loss or a parameter is no finite number any more.
 */
export async function fit<Input = Tensor>(trainer: Module<Input>, options: FitOptions<Input>): Promise<FitResult> {
  const fitting: typeof import("./fit.ts") = await import("./fit.ts" as string);
  return await fitting.fit(trainer, options);
}

/**
 * The trainer network that {@linkcode train} makes for data like `data`, with fresh weights in `region`, or outside of any when it is left out. Throws
 * {@linkcode TrainingError} naming the first option that does not fit the data.
 */
export async function createTrainer(
  options: TrainerOptions,
  { data, seed, region }: { data: Omit<TrainerShape, "bytes">; seed: number; region?: Region },
): Promise<Module> {
  const trainers: typeof import("./create_trainer.ts") = await import("./create_trainer.ts" as string);
  trainers.checkTrainer(options, data);
  const create = (): Module => trainers.createTrainer(options, { data, seed });
  return region === undefined ? create() : region.run(create);
}

/**
 * A trainer network as it was saved, in `region`, or outside of any when it is left out. Throws {@linkcode TrainingError} when its values are not those of the
 * network that it describes.
 */
export async function restoreTrainer(saved: SavedTrainer, { region }: { region?: Region } = {}): Promise<Module> {
  const trainers: typeof import("./saved_trainer.ts") = await import("./saved_trainer.ts" as string);
  return region === undefined ? trainers.restoreTrainer(saved) : region.run(() => trainers.restoreTrainer(saved));
}

/**
 * Reads a checkpoint of a training: how far it is, and its networks without the data.
 *
 * @param path a folder of checkpoints, whose newest whole one is read, or one of its files
 * @throws {CheckpointError} when there is none, when it is damaged, or of another version
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const reading: typeof import("./checkpoint/read_checkpoint.ts") = await import(
    "./checkpoint/read_checkpoint.ts" as string
  );
  return await reading.readCheckpoint(path);
}

/**
 * A projection network with fresh weights in `region`, or outside of any when it is left out; its thresholds are zero until they are fitted.
 *
 * @example
 * ```ts
 * import { createProjectionNetwork } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const network = await createProjectionNetwork({ functions: 8, bitsPerFunction: 4, head: "ternary", features: 6, classes: 3, seed: 1 });
 * const codes = network.encode({ features: Uint8Array.of(0, 50, 100, 150, 200, 250), count: 1 });
 * assertEquals(network.forward(network.gather(codes, Uint32Array.of(0))).shape, [1, 3]);
 * ```
 *
 * @param options shape and kind of the network, the length of its rows and their layout, and the seed
 * @throws {TrainingError} naming the first option that does not fit the others
 */
export async function createProjectionNetwork(
  options: ProjectionOptions & ProjectionInput & { readonly classes: number },
  { region }: { readonly region?: Region } = {},
): Promise<ProjectionNetwork> {
  const networks: typeof import("./projection_network.ts") = await import("./projection_network.ts" as string);
  const create = (): ProjectionNetwork => new networks.ProjectionNetwork(options);
  return region === undefined ? create() : region.run(create);
}

/**
 * The random projection as a layer in `region`, or outside of any when it is left out: it can stand on raw inputs, on the activations of any layer, or between
 * the layers of a network.
 *
 * @example
 * ```ts
 * import { createProjectionLayer, Dense, Sequential, tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const network = new Sequential([
 *   await createProjectionLayer({ features: 4, functions: 32, seed: 1, thresholds: "zero" }),
 *   new Dense({ inputs: 32, outputs: 8, relu: true, seed: 2 }),
 *   await createProjectionLayer({ features: 8, functions: 16, seed: 3, thresholds: "zero" }),
 *   new Dense({ inputs: 16, outputs: 3, seed: 4 }),
 * ]);
 * assertEquals(network.forward(tensor([[1, 2, 3, 4]])).shape, [1, 3]);
 * ```
 *
 * @param options the projection and where it is cut
 * @throws {TrainingError} when there is no such projection
 */
export async function createProjectionLayer(
  options: ProjectionLayerOptions,
  { region }: { readonly region?: Region } = {},
): Promise<ProjectionLayer> {
  const layers: typeof import("./projection_layer.ts") = await import("./projection_layer.ts" as string);
  const create = (): ProjectionLayer => new layers.ProjectionLayer(options);
  return region === undefined ? create() : region.run(create);
}

/**
 * The input description for data like `training`. Images are bytes already. Tables of bytes whose columns have comparable ranges stay as they
 * are; others are scaled column by column so that mean +- 3 standard deviations, within the column's range, covers 0...255.
 */
export async function describeInput(training: Dataset): Promise<NumericInput> {
  const inputs: typeof import("./describe_input.ts") = await import("./describe_input.ts" as string);
  return inputs.describeInput(training);
}

/** The bytes that a projection reads, [count x features]: the same as the runtime makes of each row. */
export async function quantizeRows(description: NumericInput, data: Dataset): Promise<Uint8Array> {
  const inputs: typeof import("./describe_input.ts") = await import("./describe_input.ts" as string);
  return inputs.quantizeRows(description, data);
}

/**
 * Classifies every row of a data set. The data set's first label names must be the classifier's, in its order (see `openDataset`'s
 * `labelNames`); a row with a further label counts as wrong. Throws {@linkcode TrainingError} when they are not, or when there is no row.
 */
export async function evaluate(classifier: Classifier, data: Dataset | TextDataset): Promise<Evaluation> {
  const metrics: typeof import("./metrics.ts") = await import("./metrics.ts" as string);
  return metrics.evaluate(classifier, data);
}

/**
 * Chooses the rows of a projection (family conv: its filters) from a pool.
 *
 * @param spec the projection, whose code says how many; a selection in it does not count
 * @param options pool, data, rule and how to choose
 * @returns the selection; the same arguments give the same one
 */
export async function selectCandidates(spec: ProjectionSpec, options: SelectOptions): Promise<Selection> {
  const selection: typeof import("./select/select.ts") = await import("./select/select.ts" as string);
  return await selection.selectCandidates(spec, options);
}

/**
 * Finds the best network whose file takes at most `budget` bytes, on validation data: projection, selection, size, hidden layer, precision and thresholds. The
 * larger trainer network stands beside the candidates from the second rung on. Test data are read once, for the network that is returned and the trainer.
 * Throws {@linkcode TrainingError} when nothing fits, with the smallest size that does.
 *
 * @example
 * ```ts
 * import { parseTable, trainWithinBudget } from "@neuralbits/projectionnet";
 *
 * const rows = Array.from({ length: 300 }, (_, i) => Array.from({ length: 4 }, (_, j) => (i * 37 + j * 91 + i * j * 17) % 251));
 * const csv = rows.map((row) => [...row, row[0] > row[1] ? "fall" : "rise"].join(",")).join("\n");
 * const { networks: [{ bytes }], frontier } = await trainWithinBudget({
 *   data: await parseTable(new TextEncoder().encode(csv), { file: "slopes.csv" }),
 *   budget: 150,
 *   minutes: 0.01,
 *   epochs: 5,
 * });
 * if (bytes.length > 150 || frontier.length === 0) throw new Error(`${bytes.length}`);
 * ```
 */
export async function trainWithinBudget(options: BudgetOptions): Promise<BudgetResult> {
  const search: typeof import("./budget/train_within_budget.ts") = await import(
    "./budget/train_within_budget.ts" as string
  );
  return await search.trainWithinBudget(options);
}

/**
 * Trains on the nodes of a graph (Ravi 2017, section 3.3): the trainer network reads features averaged over neighbours; the projection network, which reads a node's
 * own features alone, learns from it on all nodes, labelled or not.
 *
 * @example
 * ```ts
 * import { makeGraph, parseTable, trainNodes } from "@neuralbits/projectionnet";
 *
 * const rows = Array.from({ length: 60 }, (_, i) => `${i < 30 ? 9 : 0},${i % 7},${i < 30 ? "a" : "b"}`);
 * const data = await parseTable(new TextEncoder().encode(rows.join("\n")), { file: "nodes.csv" });
 * const from = Array.from({ length: 58 }, (_, i) => i);
 * const graph = await makeGraph({ nodes: 60, from, to: from.map((i) => i + 2) });
 * const split = { train: Uint32Array.of(0, 1, 58, 59), validation: Uint32Array.of(5, 50), test: Uint32Array.of(10, 40) };
 * await trainNodes({ nodes: { data, graph }, split, projections: [{ functions: 64 }], epochs: 5 });
 * ```
 */
export async function trainNodes(options: TrainNodesOptions): Promise<TrainResult> {
  const nodes: typeof import("./graph/train_nodes.ts") = await import("./graph/train_nodes.ts" as string);
  return await nodes.trainNodes(options);
}

/**
 * Joins every row of a data set with its nearest ones, so that any data get a graph to train with: by the Euclidean distance of standardised numbers, for texts by
 * the cosine of their features, rare ones more. An index of projections finds almost all.
 */
export async function buildGraph(data: Dataset | TextDataset, options: BuildGraphOptions = {}): Promise<BuiltGraph> {
  const building: typeof import("./graph/build_graph.ts") = await import("./graph/build_graph.ts" as string);
  return await building.buildGraph(data, options);
}
