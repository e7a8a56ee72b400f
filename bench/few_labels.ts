/**
 * What rows without labels add to a few with: supervised training, distillation on all rows, a graph between them, and as a control a graph with as many edges between
 * random rows. Each seed draws other labels. Prints a Markdown table of means over the seeds on test data.
 *
 * - `mnist`: 10 labels of each digit, the other 59,900 images without theirs; a graph of nearest neighbours (`--edges`: one that build-graph made).
 * - `sms-spam`: 25 labels of each class among the first 70 % of SMSSpamCollection in `--data-dir`; tested on the rest.
 * - `cora`: the Planetoid split in the folder `cora` of `--data-dir`; the trainer with a graph reads features averaged over neighbours.
 *
 *     deno task bench:few-labels [--data mnist|sms-spam|cora] [--seeds N,N,…] [--edges FILE] [--threads N] [--data-dir DIR] [--json]
 */
import { choice, integer, list, text } from "../lib/cli/option_values.ts";
import { flag } from "../lib/cli/options.ts";
import { applyKernelOptions, DATA_DIR, THREADS } from "../lib/cli/shared_options.ts";
import {
  buildGraph,
  chooseLabelled,
  type Dataset,
  type Graph,
  hash32,
  loadEdges,
  loadNodes,
  loadTexts,
  makeGraph,
  openDataset,
  selectRows,
  type TextDataset,
  train,
  type TrainedProjection,
  trainNodes,
  type TrainResult,
  trainTexts,
  type UnlabelledOptions,
} from "../mod.ts";
import { parseTextFeatures } from "../lib/joint/mod.ts";
import type { AnyModel } from "../lib/packed/mod.ts";
import { markdown, percent, readBenchArguments } from "./recipes.ts";

const OPTIONS = {
  data: { value: "NAME", help: "the data set", parse: choice(["mnist", "sms-spam", "cora"]), default: "mnist" },
  seeds: {
    value: "N,N,…",
    help: "a draw of labels and a training for each",
    parse: list(integer({ min: 0, max: 0xffffffff }), { noun: "seeds" }),
    default: "1,2,3,4,5",
  },
  edges: { value: "FILE", help: "the graph (otherwise it is built)", parse: text },
  threads: THREADS,
  "data-dir": DATA_DIR,
  json: flag("print one JSON object instead of the table"),
} as const;

const { data: name, seeds, edges, threads, "data-dir": dataDir, json } = readBenchArguments(
  "bench:few-labels",
  OPTIONS,
);
applyKernelOptions({ threads, kernels: "auto" });

/** A way to train: the graph, if any, and what else is learnt from rows without labels; null for nothing. */
type Run = (unlabelled: UnlabelledOptions | null, seed: number) => Promise<TrainResult<AnyModel>>;

interface Task {
  graph: Graph;
  networks: string[];
  run: Run;
  /** What is reported of a network. */
  figure: { name: string; of: (network: TrainedProjection<AnyModel>) => number };
  /** What is learnt with a graph. */
  withGraph: UnlabelledOptions;
}

const accuracy = { name: "accuracy", of: ({ test }: TrainedProjection<AnyModel>) => test!.accuracy };
const macroF1 = { name: "macro-F1", of: ({ test }: TrainedProjection<AnyModel>) => test!.macroF1 };

async function graphOf(data: Dataset | TextDataset): Promise<Graph> {
  if (edges !== undefined) return await loadEdges(edges, { nodes: data.count });
  const { graph, recall } = await buildGraph(data);
  console.error(`graph: ${graph.edges} edges, ${percent(recall!)} of the true neighbours`);
  return graph;
}

const fewLabelled = (
  data: Dataset | TextDataset,
  perClass: number,
  unlabelled: UnlabelledOptions | null,
  seed: number,
) => ({
  labelled: chooseLabelled(data, { perClass, seed }),
  validation: 0,
  lambda: [1, 1, 1] as const,
  unlabelled: unlabelled ?? undefined,
  seed,
});

const tasks: Record<typeof name, () => Promise<Task>> = {
  async mnist() {
    const data = await openDataset("mnist", { split: "train", dataDir });
    const test = await openDataset("mnist", { split: "test", dataDir, labelNames: data.labelNames });
    return {
      graph: await graphOf(data),
      networks: ["--bits 60x12", "--projection conv --bits 45"],
      figure: accuracy,
      withGraph: { propagate: {} },
      run: (unlabelled, seed) =>
        train({
          data,
          test,
          projections: [{ functions: 60, bitsPerFunction: 12 }, { family: "conv", functions: 45 }],
          epochs: 5,
          ...fewLabelled(data, 10, unlabelled, seed),
        }),
    };
  },
  async "sms-spam"() {
    const all = await loadTexts(`${dataDir ?? "."}/SMSSpamCollection`);
    const rows = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
    const end = Math.ceil(all.count * 0.7);
    const data = selectRows(all, rows(0, end)), test = selectRows(all, rows(end, all.count));
    return {
      graph: await graphOf(data),
      networks: ["--bits 4096 --max-bytes 4000"],
      figure: macroF1,
      withGraph: { propagate: {} },
      run: (unlabelled, seed) =>
        trainTexts({
          data,
          test,
          projections: [{ functions: 4096, features: parseTextFeatures("words1-2,characters2-4"), maxBytes: 4000 }],
          ...fewLabelled(data, 25, unlabelled, seed),
        }),
    };
  },
  async cora() {
    const nodes = await loadNodes(`${dataDir ?? "."}/cora`);
    const { split, graph } = nodes;
    if (split === undefined) throw new Error("cora: has no split");
    return {
      graph,
      networks: ["--bits 2048 --thresholds mean --head int8 --code-dropout 0.3"],
      figure: accuracy,
      withGraph: { alpha: 0.3, on: "trainer" },
      run: (unlabelled, seed) =>
        trainNodes({
          nodes: unlabelled?.graph === undefined ? nodes : { ...nodes, graph: unlabelled.graph },
          split,
          average: unlabelled?.graph === undefined ? null : {},
          trainer: { hidden: [64], dropout: 0.5 },
          projections: [{ functions: 2048, thresholds: "mean", head: "int8", dropout: 0.3 }],
          // Without other rows there is nothing that the trainer could tell beyond the labels.
          lambda: unlabelled === null ? [1, 0, 1] : [1, 1, 0.1],
          epochs: 30,
          batchSize: 140,
          optimizer: { learningRate: 0.005, weightDecay: 1 },
          projectionOptimizer: { learningRate: 0.01, weightDecay: 0.1 },
          unlabelled: unlabelled ?? { weight: 0 },
          seed,
        }),
    };
  },
};

/** As many edges with the same weights, between random nodes. */
async function shuffled({ nodes, offsets, neighbours, weights }: Graph): Promise<Graph> {
  const kept: number[] = [];
  for (let node = 0; node < nodes; node++) {
    for (let at = offsets[node]; at < offsets[node + 1]; at++) if (neighbours[at] > node) kept.push(weights[at]);
  }
  const end = (which: number) => Uint32Array.from(kept, (_, i) => Math.floor(hash32(which, 0, i) / 2 ** 32 * nodes));
  return await makeGraph({ nodes, from: end(1), to: end(2), weights: kept });
}

const { graph, networks, figure, withGraph, run } = await tasks[name]();
const conditions: [name: string, unlabelled: UnlabelledOptions | null][] = [
  ["labels alone", null],
  ["and distillation on all rows", {}],
  ["and a graph", { ...withGraph, graph }],
  ["and a random graph", { ...withGraph, graph: await shuffled(graph) }],
];
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) * values.length / Math.max(1, values.length - 1));
const shown = (values: readonly number[]): string => `${percent(mean(values))} ± ${(100 * spread(values)).toFixed(2)}`;

const results = [];
for (const [condition, unlabelled] of conditions) {
  const trained: TrainResult<AnyModel>[] = [];
  for (const seed of seeds) {
    trained.push(await run(unlabelled, seed));
    const figures = trained.at(-1)!.networks.map((network) => percent(figure.of(network)));
    console.error(`${condition}, seed ${seed}: ${figures.join(", ")}`);
  }
  results.push({
    condition,
    trainer: trained.map(({ trainer }) => trainer.testAccuracy!),
    networks: networks.map((options, i) => ({
      options,
      validation: trained.map((result) => result.networks[i].validationAccuracy),
      [figure.name]: trained.map((result) => figure.of(result.networks[i])),
      bytes: Math.max(...trained.map((result) => result.networks[i].bytes.length)),
    })),
  });
}
console.log(
  json ? JSON.stringify({ data: name, seeds, results }) : markdown([
    [
      "learnt from",
      "trainer, accuracy",
      ...networks.flatMap((options) => [`\`${options}\`, ${figure.name}`, "file, bytes"]),
    ],
    ...results.map(({ condition, trainer, networks }) => [
      condition,
      shown(trainer),
      ...networks.flatMap((network) => [
        shown(network[figure.name] as number[]),
        network.bytes.toLocaleString("en"),
      ]),
    ]),
  ]),
);
