import { assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { type Graph, parseTexts, selectRows } from "../../../lib/data/mod.ts";
import { buildGraph, TrainingError } from "../../../lib/joint/mod.ts";
import { joinNearest } from "../../../lib/joint/graph/build_graph.ts";
import { blobs } from "../fixtures.ts";

const neighboursOf = ({ offsets, neighbours }: Graph, node: number): number[] => [
  ...neighbours.subarray(offsets[node], offsets[node + 1]),
];

Deno.test("an edge weighs what its length is among the neighbours of both ends", async () => {
  const graph = await joinNearest({
    count: 3,
    width: 2,
    ids: Uint32Array.of(1, 2, 0, 2, 1, 0),
    distances: Float32Array.of(0, 9, 0, 4, 4, 9),
  });
  assertEquals([...graph.neighbours], [1, 2, 0, 2, 0, 1]);
  const [equal, far, , near] = graph.weights;
  assertEquals(equal, 1);
  assertAlmostEquals(far, Math.exp(-9 / (3 * 3)), 1e-6);
  assertAlmostEquals(near, Math.exp(-4 / (2 * 3)), 1e-6);
  assertEquals(graph.notes, []);
});

Deno.test("images are joined within their class, by filters or values", async () => {
  const data = blobs(300);
  const within: number[] = [];
  for (const compare of ["filters", "values"] as const) {
    const { graph, recall } = await buildGraph(data, { neighbours: 4, compare });
    assertEquals([graph.nodes, recall], [300, 1]);
    let same = 0;
    for (let node = 0; node < 300; node++) {
      for (const other of neighboursOf(graph, node)) same += Number(data.labels[node] === data.labels[other]);
    }
    within.push(same / (2 * graph.edges));
  }
  for (const share of within) assertGreaterOrEqual(share, 0.8);
  assertEquals(within[0] === within[1], false);
});

Deno.test("texts are joined by the words that they share, rare ones first", async () => {
  const texts = ["the cat sat", "the dog ran", "a cat sat there", "the dog ran off", "the the the"];
  const lines = texts.map((text) => `x\t${text}`).join("\n");
  const { graph } = await buildGraph(
    await parseTexts(new TextEncoder().encode(`y\tzebra\n${lines}`), { file: "t.tsv" }),
    {
      neighbours: 1,
      features: [{ kind: "words", from: 1, to: 1 }],
    },
  );
  assertEquals(neighboursOf(graph, 1).includes(3), true);
  assertEquals(neighboursOf(graph, 2).includes(4), true);
});

Deno.test("options that fit no search are refused", async () => {
  const data = blobs(20);
  for (const name of ["neighbours", "hashes", "bucket"]) {
    await assertRejects(() => buildGraph(data, { [name]: 0 }), TrainingError, `${name}: a whole number of at least 1`);
  }
  await assertRejects(() => buildGraph(data, { recallRows: -1 }), TrainingError, "recallRows");
  await assertRejects(() => buildGraph(data, { seed: 0.5 }), TrainingError, "seed");
  await assertRejects(() => buildGraph(selectRows(data, [0])), TrainingError, "at least 2 rows were wanted, 1 found");
  assertEquals((await buildGraph(data, { recallRows: 0 })).recall, null);
});
