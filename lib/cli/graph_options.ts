/**
 * The options for graphs and for few labels (`--task graph`, `--labeled`), and what they ask of a training.
 */
import {
  type AnyDataset,
  chooseLabelled,
  type Graph,
  loadEdges,
  loadNodes,
  type NodeData,
  type NodeSplit,
  selectRows,
  splitRows,
} from "../data/mod.ts";
import type { TrainNodesOptions, UnlabelledOptions } from "../joint/mod.ts";
import { UsageError } from "./errors.ts";
import { count } from "./format.ts";
import type { CliIo } from "./io.ts";
import { tableOptions } from "./open_data.ts";
import { choice, integer, list, number, text } from "./option_values.ts";

/** Options that are for graphs and few labels only. */
export const GRAPH_OPTIONS = {
  labeled: {
    value: "N",
    help:
      "learn the labels of only N training examples, as many of each class, and the others without theirs (--validation is then otherwise 0)",
    parse: integer({ min: 1 }),
  },
  edges: {
    value: "FILE",
    help:
      "a graph between the training examples, for --task graph and --labeled: lines of two rows, from 0, and a weight or none (build-graph makes one)",
    parse: text,
  },
  "node-labels": { value: "FILE", help: "for --task graph: lines of a node and its label", parse: text },
  split: {
    value: "FILE",
    help:
      "for --task graph: JSON with the nodes of train, val and test (otherwise the folder's, or chosen by --labels-per-class)",
    parse: text,
  },
  "labels-per-class": {
    value: "N",
    help: "for --task graph: learn the labels of only N nodes of each class",
    parse: integer({ min: 1 }),
  },
  hops: {
    value: "N",
    help:
      "for --task graph: steps from neighbour to neighbour over which the trainer's features are averaged, 0 for a node's own (otherwise 10)",
    parse: integer({ min: 0, max: 1000 }),
  },
  restart: {
    value: "P",
    help: "for --task graph: share of a node's own features that stays in each of the --hops (otherwise 0.1)",
    parse: number({ min: 0, below: 1 }),
  },
  spread: {
    value: "P",
    help:
      "spread the known labels over the --edges: share of a label that goes on from neighbour to neighbour, 0 for none (otherwise 0.95, for --task graph 0)",
    parse: number({ min: 0, below: 1 }),
  },
  alpha: {
    value: "A",
    help: "weight of the graph loss, which draws the outputs of neighbours together (otherwise 0)",
    parse: number({ min: 0 }),
  },
  "graph-distance": {
    value: "KIND",
    help:
      "distance that the graph loss measures: squared, cosine, kl or cross-entropy of probabilities (otherwise squared)",
    parse: choice(["squared", "cosine", "kl", "cross-entropy"]),
  },
  "graph-on": {
    value: "KIND",
    help: "whose outputs the graph loss draws together: trainer, projection or both (otherwise both)",
    parse: choice(["trainer", "projection", "both"]),
  },
  "edge-weights": {
    value: "A,B,C",
    help:
      "factors of edges between two labelled examples, a labelled and an unlabelled one, and two unlabelled ones (otherwise 1,1,1)",
    parse: list(number({ min: 0 }), { length: 3, noun: "numbers" }),
  },
  "neighbors": {
    value: "N",
    help: "most neighbours of an example that the graph loss draws in a step (otherwise 5)",
    parse: integer({ min: 1, max: 1024 }),
  },
  "unlabeled-weight": {
    value: "W",
    help: "weight of what is learnt from examples without their labels, beside the labelled ones (otherwise 1)",
    parse: number({ min: 0 }),
  },
  "unlabeled-batch": {
    value: "N",
    help: "examples without their labels in a step (otherwise 256)",
    parse: integer({ min: 1 }),
  },
} as const;

/** The values of options that graphs and few labels look at. */
export interface GraphValues {
  data: string;
  validation: string | number;
  seed: number;
  label?: string;
  header?: "yes" | "no";
  labeled?: number;
  edges?: string;
  "node-labels"?: string;
  split?: string;
  "labels-per-class"?: number;
  hops?: number;
  restart?: number;
  spread?: number;
  alpha?: number;
  "graph-distance"?: UnlabelledOptions["distance"];
  "graph-on"?: UnlabelledOptions["on"];
  "edge-weights"?: number[];
  neighbors?: number;
  "unlabeled-weight"?: number;
  "unlabeled-batch"?: number;
}

const FOR_NODES = ["node-labels", "split", "labels-per-class", "hops", "restart"];
const FOR_LOSS = ["graph-distance", "graph-on", "edge-weights", "neighbors"];
const FOR_EDGES = ["spread", "alpha", ...FOR_LOSS];
const NOT_FOR_NODES = [
  ...["test", "augment", "budget", "minutes", "data-dir", "labeled"],
  ...["project-from", "trunk-precision", "fine-tune", "save-trainer"],
];

/**
 * Refuses options that are for graphs alone, or not for graphs.
 *
 * @throws {UsageError} naming the option
 */
export function checkGraphOptions(task: string | undefined, values: GraphValues, given: ReadonlySet<string>): void {
  const find = (names: string[]): string | undefined => names.find((name) => given.has(name));
  const isGraph = task === "graph";
  const stray = isGraph ? undefined : find(FOR_NODES);
  if (stray !== undefined) throw new UsageError(`--${stray} is for --task graph`);
  const foreign = isGraph ? find(NOT_FOR_NODES) : undefined;
  if (foreign !== undefined) throw new UsageError(`--${foreign} is not for --task graph`);
  if (isGraph && typeof values.validation !== "number") {
    throw new UsageError(`--validation ${values.validation}: wanted a share of the nodes, for --task graph`);
  }
  if (!isGraph && values.labeled === undefined) {
    const early = find(["edges", "unlabeled-weight", "unlabeled-batch", ...FOR_EDGES]);
    if (early !== undefined) throw new UsageError(`--${early} is for --task graph, or for --labeled`);
  }
  const edgeless = isGraph || values.edges !== undefined ? undefined : find(FOR_EDGES);
  if (edgeless !== undefined) throw new UsageError(`--${edgeless} needs a graph: --edges FILE`);
  const lossless = (values.alpha ?? 0) > 0 ? undefined : find(FOR_LOSS);
  if (lossless !== undefined) throw new UsageError(`--${lossless} is for the graph loss: --alpha A, above 0`);
  if (values.hops === 0 && given.has("restart")) throw new UsageError("--restart is for --hops of at least 1");
}

/** What is learnt without labels, but for the graph. */
function unlabelled(values: GraphValues, spread: number): UnlabelledOptions {
  return {
    ...(spread > 0 && { propagate: { reach: spread } }),
    alpha: values.alpha,
    distance: values["graph-distance"],
    on: values["graph-on"],
    kinds: values["edge-weights"] as [number, number, number] | undefined,
    neighbours: values.neighbors,
    weight: values["unlabeled-weight"],
    batchSize: values["unlabeled-batch"],
  };
}

/** For `--labeled`: the examples whose labels are learnt, and what is learnt from the others; nothing without it. */
export async function fewLabels(
  data: AnyDataset,
  values: GraphValues,
  io: CliIo,
): Promise<{ labelled?: Uint32Array; unlabelled?: UnlabelledOptions }> {
  const { labeled, edges, seed } = values;
  if (labeled === undefined) return {};
  const classes = data.labelNames.length, perClass = labeled / classes;
  if (!Number.isInteger(perClass)) {
    throw new UsageError(`--labeled ${labeled}: wanted as many of each of the ${classes} classes of ${values.data}`);
  }
  const graph = edges === undefined ? undefined : await loadEdges(edges, { nodes: data.count });
  if (graph !== undefined) io.writeError(graphNotes(edges as string, graph));
  const spread = graph === undefined ? 0 : values.spread ?? 0.95;
  return {
    labelled: chooseLabelled(data, { perClass, seed }),
    unlabelled: { graph, ...unlabelled(values, spread) },
  };
}

/** The nodes to train on, and what is learnt on them. */
export async function openNodes(
  values: GraphValues,
  { given, io }: { given: ReadonlySet<string>; io: CliIo },
): Promise<Pick<TrainNodesOptions, "nodes" | "split" | "average" | "unlabelled">> {
  const { edges, split, hops = 10, restart = 0.1, spread = 0 } = values;
  const nodes = await loadNodes(values.data, tableOptions(values, { edges, labels: values["node-labels"], split }));
  if (nodes.split !== undefined && given.has("validation")) {
    throw new UsageError(`--validation is for nodes without a split, and ${split ?? values.data} has one`);
  }
  io.writeError(graphNotes(edges ?? values.data, nodes.graph));
  if (nodes.empty.length > 0) {
    io.writeError(`${values.data}: ${rowsOf(nodes.empty.length)} without features (first in row ${nodes.empty[0]})\n`);
  }
  return {
    nodes,
    split: splitNodes(nodes, values),
    average: hops === 0 ? null : { hops, restart },
    unlabelled: unlabelled(values, spread),
  };
}

/** The split of the files, with fewer labels when that is asked for; or labels of each class, the rest shared out between validation and test. */
function splitNodes(
  { data, labelled, split }: NodeData,
  { data: source, validation, seed, "labels-per-class": perClass }: GraphValues,
): NodeSplit {
  if (split !== undefined) {
    const known = new Set(labelled);
    for (const [part, nodes] of Object.entries(split) as [string, Uint32Array][]) {
      const node = nodes.find((node) => !known.has(node));
      if (node !== undefined) throw new Error(`${source}: node ${node} of the split's ${part} part has no label`);
    }
    return perClass === undefined ? split : { ...split, train: chooseLabelled(data, { perClass, seed }, split.train) };
  }
  if (perClass === undefined) throw new UsageError("--task graph needs --split FILE or --labels-per-class N");
  const train = chooseLabelled(data, { perClass, seed }, labelled);
  const taken = new Set(train), others = labelled.filter((node) => !taken.has(node));
  if (others.length === 0 || validation === 0) return { train, validation: new Uint32Array(0), test: others };
  const parts = splitRows(selectRows(data, others), { fraction: validation as number, seed });
  return { train, validation: parts.validation.map((i) => others[i]), test: parts.train.map((i) => others[i]) };
}

const rowsOf = (number: number): string => `${count(number)} ${number === 1 ? "row" : "rows"}`;

/** What a graph holds, and what of its list does not count. */
export function graphNotes(name: string, { nodes, edges, offsets, notes }: Graph): string {
  let lonely = 0;
  for (let node = 0; node < nodes; node++) lonely += Number(offsets[node] === offsets[node + 1]);
  const rules = { "self-loop": "left out", "zero weight": "left out", duplicate: "merged, the largest weight counts" };
  const lines = notes.map(({ kind, count: found, row }) =>
    `${name}: ${rowsOf(found)} with a ${kind}, ${rules[kind]} (first in row ${row})`
  );
  return [
    `${name}: ${count(nodes)} nodes, ${count(edges)} edges${lonely > 0 ? `, ${count(lonely)} nodes without any` : ""}`,
    ...lines,
    "",
  ].join("\n");
}
