/**
 * The entrances to training. The fitting loop, the selection of candidates and their checks are loaded when one of these is first called, so that a program
 * which only builds networks, or only runs them, does not wait for them.
 *
 * @module
 */
import type { BudgetOptions, BudgetResult } from "./budget/train_within_budget.ts";
import type { Tensor } from "../autodiff/mod.ts";
import type { Dataset, TextDataset } from "../data/mod.ts";
import type { Region } from "../kernels/mod.ts";
import type { Module } from "../nn/mod.ts";
import type { TextModel } from "../packed/mod.ts";
import type { ProjectionSpec, Selection } from "../projection/mod.ts";
import type { TrainerOptions } from "./create_trainer.ts";
import type { FitOptions, FitResult } from "./fit.ts";
import type { BuildGraphOptions, BuiltGraph } from "./graph/build_graph.ts";
import type { TrainNodesOptions } from "./graph/train_nodes.ts";
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
 * const classifier = loadPnet(network.bytes);
 * assertEquals(classifier.classify([200, 200, 200, 200, 1, 1, 1, 1]).label, "left");
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const training = await import("./train.ts");
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
 * assertEquals(loadPnet(network.bytes).classify("set the album please").label, "music");
 * ```
 */
export async function trainTexts(options: TrainTextOptions): Promise<TrainResult<TextModel>> {
  const training = await import("./train_texts.ts");
  return await training.trainTexts(options);
}

/**
 * Trains `trainer` and the projection networks together and leaves each with the parameters of its best epoch. Throws
 * {@linkcode TrainingError} when the options do not fit together, or when the loss or a parameter is no finite number any more.
 */
export async function fit<Input = Tensor>(trainer: Module<Input>, options: FitOptions<Input>): Promise<FitResult> {
  const fitting = await import("./fit.ts");
  return await fitting.fit(trainer, options);
}

/**
 * The trainer network that {@linkcode train} makes for data like `data`, with fresh weights in `region`, or outside of any when it is left out. Throws
 * {@linkcode TrainingError} naming the first option that does not fit the data.
 */
export async function createTrainer(
  options: TrainerOptions,
  { data, seed, region }: { data: Dataset; seed: number; region?: Region },
): Promise<Module> {
  const trainers = await import("./create_trainer.ts");
  trainers.checkTrainer(options, data);
  const create = (): Module => trainers.createTrainer(options, { data, seed });
  return region === undefined ? create() : region.run(create);
}

/**
 * Chooses the rows of a projection (family conv: its filters) from a pool.
 *
 * @param spec the projection, whose code says how many; a selection in it does not count
 * @param options pool, data, rule and how to choose
 * @returns the selection; the same arguments give the same one
 */
export async function selectCandidates(spec: ProjectionSpec, options: SelectOptions): Promise<Selection> {
  const selection = await import("./select/select.ts");
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
  const search = await import("./budget/train_within_budget.ts");
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
  const nodes = await import("./graph/train_nodes.ts");
  return await nodes.trainNodes(options);
}

/**
 * Joins every row of a data set with its nearest ones, so that any data get a graph to train with: by the Euclidean distance of standardised numbers, for texts by
 * the cosine of their features, rare ones more. An index of projections finds almost all.
 */
export async function buildGraph(data: Dataset | TextDataset, options: BuildGraphOptions = {}): Promise<BuiltGraph> {
  const building = await import("./graph/build_graph.ts");
  return await building.buildGraph(data, options);
}
