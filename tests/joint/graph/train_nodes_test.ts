import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { chooseLabelled, type Dataset, makeGraph, type NodeSplit } from "../../../lib/data/mod.ts";
import { buildGraph, trainNodes, type TrainNodesOptions } from "../../../lib/joint/mod.ts";
import { loadPnet } from "../../../lib/packed/mod.ts";
import { hash32 } from "../../../lib/projection/mod.ts";

/** Nodes of two classes with words that tell little, of which nine tenths of the edges stay within a class. */
function village(count: number): { data: Dataset; from: number[]; to: number[] } {
  const words = 40, features = new Uint8Array(count * words), labels = new Uint16Array(count);
  const from: number[] = [], to: number[] = [];
  for (let node = 0; node < count; node++) {
    labels[node] = node % 2;
    for (let k = 0; k < 5; k++) {
      const own = hash32(1, k, node) % 100 < 62;
      features[node * words + (hash32(2, k, node) % 20) + (own === (node % 2 === 0) ? 0 : 20)] = 1;
    }
    for (let k = 0; k < 3; k++) {
      const other = hash32(3, k, node) % count;
      from.push(node);
      to.push(hash32(4, k, node) % 10 === 0 ? other : other - other % 2 + node % 2);
    }
  }
  const input = { kind: "table" as const, columns: Array.from({ length: words }, (_, i) => `${i}`) };
  return {
    data: { name: "village", input, count, featureLength: words, features, labels, labelNames: ["a", "b"] },
    from,
    to,
  };
}

const { data, from, to } = village(400);
const graph = await makeGraph({ nodes: 400, from, to });
const train = chooseLabelled(data, { perClass: 8, seed: 1 });
const rest = Uint32Array.from({ length: 400 }, (_, node) => node).filter((node) => !train.includes(node));
const split: NodeSplit = { train, validation: rest.subarray(0, 100), test: rest.subarray(100) };
const options: TrainNodesOptions = {
  nodes: { data, graph },
  split,
  trainer: { hidden: [16] },
  projections: [{ functions: 256, thresholds: "mean", head: "int8" }],
  lambda: [1, 1, 0.1],
  epochs: 20,
  batchSize: 16,
  optimizer: { learningRate: 0.01 },
  unlabelled: { batchSize: 64 },
};

Deno.test("with the graph the trainer is better, and the projection network with it, on a node's own features alone", async () => {
  const joined = await trainNodes(options);
  const alone = await trainNodes({ ...options, average: null, unlabelled: { weight: 0, batchSize: 64 } });
  const test = ({ networks, trainer }: typeof joined) => [trainer.testAccuracy!, networks[0].test!.accuracy];
  const [[trainer, network], [ownTrainer, ownNetwork]] = [test(joined), test(alone)];
  assertGreaterOrEqual(trainer, ownTrainer + 0.05);
  assertGreaterOrEqual(network, ownNetwork + 0.05);
  // The file alone, a node at a time.
  const classifier = loadPnet(joined.networks[0].bytes);
  const right = Array.from(split.test).filter((node) =>
    classifier.classify(data.features.subarray(node * 40, node * 40 + 40)).index === data.labels[node]
  );
  assertEquals(right.length / split.test.length, network);
});

Deno.test("labels of nodes that are not learnt do not change what is trained", async () => {
  const labels = data.labels.map((label, node) => train.includes(node) || split.validation.includes(node) ? label : 0);
  const first = await trainNodes({ ...options, epochs: 3 });
  const second = await trainNodes({ ...options, epochs: 3, nodes: { graph, data: { ...data, labels } } });
  assertEquals(second.networks[0].bytes, first.networks[0].bytes);
});

Deno.test("without nodes to choose by the last epoch is kept", async () => {
  const none = new Uint32Array(0);
  const { networks, epochs } = await trainNodes({
    ...options,
    epochs: 2,
    split: { train, validation: none, test: none },
  });
  assertEquals([networks[0].bestEpoch, networks[0].validationAccuracy, networks[0].test], [epochs, null, null]);
});

Deno.test("a graph can be built from the nodes' own features", async () => {
  const built = await buildGraph(data, { neighbours: 6 });
  assertEquals([built.graph.nodes, built.recall], [400, 1]);
  const { networks } = await trainNodes({ ...options, epochs: 2, nodes: { data, graph: built.graph } });
  assertGreaterOrEqual(networks[0].test!.accuracy, 0.4);
});
