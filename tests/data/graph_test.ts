import { assertEquals, assertRejects } from "@std/assert";
import { DataFormatError, formatEdges, type Graph, loadEdges, makeGraph, parseEdges } from "../../mod.ts";

const file = "edges.tsv";
const parse = (text: string, nodes: number | string[] = 5): Promise<Graph> =>
  parseEdges(new TextEncoder().encode(text), { file, nodes });
/** The edges as a list of ends and weights, each once. */
const listed = ({ nodes, offsets, neighbours, weights }: Graph): number[][] =>
  Array.from({ length: nodes }, (_, u) => u).flatMap((u) =>
    Array.from({ length: offsets[u + 1] - offsets[u] }, (_, i) => offsets[u] + i)
      .filter((at) => neighbours[at] > u).map((at) => [u, neighbours[at], weights[at]])
  );

Deno.test("an edge list is read whatever stands between its cells, with comments, a header and a byte order mark", async () => {
  const expected = [[0, 3, 0.5], [1, 2, 2]];
  for (
    const text of [
      "3\t0\t0.5\n1\t2\t2\n",
      "3,0,0.5\r\n1,2,2",
      "# a comment, with a comma\n3 0 0.5\n\n%another\n1  2   2\n",
      "source;target;weight\n3;0;0.5\n1;2;2\n",
      "\ufefffrom\tto\tweight\n3\t0\t5e-1\n1\t2\t2\n",
    ]
  ) assertEquals(listed(await parse(text)), expected, text);
  assertEquals(listed(await parse("0 1\n")), [[0, 1, 1]]);
  assertEquals(listed(await parse("a,b\nanna,otto\notto,ida\n", ["ida", "otto", "anna"])), [[0, 1, 1], [1, 2, 1]]);
});

Deno.test("a graph shows each edge from both ends, neighbours in ascending order", async () => {
  const { edges, offsets, neighbours, weights } = await parse("4 0 1\n2 4 2\n4 1 3\n");
  assertEquals(edges, 3);
  assertEquals([...offsets], [0, 1, 2, 3, 3, 6]);
  assertEquals([...neighbours], [4, 4, 4, 0, 1, 2]);
  assertEquals([...weights], [1, 3, 2, 1, 3, 2]);
});

Deno.test("self-loops, zero weights and repeated edges are left out or merged, and noted with their first row", async () => {
  const graph = await parse("0 1 1\n2 2 1\n1 0 3\n0 1 2\n3 4 0\n3 3 1\n1 2 1\n");
  assertEquals(listed(graph), [[0, 1, 3], [1, 2, 1]]);
  const notes = [...graph.notes].sort((a, b) => a.row - b.row);
  assertEquals(notes, [
    { kind: "self-loop", count: 2, row: 2 },
    { kind: "duplicate", count: 2, row: 3 },
    { kind: "zero weight", count: 1, row: 5 },
  ]);
  assertEquals((await parse("0 1\n1 2\n")).notes, []);
});

Deno.test("a bad edge is refused with its file and row", async () => {
  for (
    const [text, row, problem] of [
      ["0 1\n0 5\n", 2, 'no row of features stands for the node "5", wanted a row of features, 0...4'],
      ["0 1\nx y\n", 2, 'the node "x"'],
      ["0 1\n-1 2\n", 2, 'the node "-1"'],
      ["0 1\n0.5 2\n", 2, 'the node "0.5"'],
      ["0 7\n", 1, 'the node "7"'],
      ["7 8\n", 1, 'the node "7"'],
      ["0 1 1\n1 2 -0.5\n", 2, 'the weight is "-0.5", wanted a number of at least 0'],
      ["0 1 1\n1 2 NaN\n", 2, 'the weight is "NaN"'],
      ["0 1 1\n1 2 1e39\n", 2, 'the weight is "1e39"'],
      ["0 1\n3\n", 2, "an edge has 1 cells, wanted two nodes"],
      ["0 1 1 1\n", 1, "an edge has 4 cells"],
    ] as const
  ) {
    const error = await assertRejects(() => parse(text), DataFormatError, problem, text);
    assertEquals([error.file, error.row], [file, row], text);
  }
  await assertRejects(() => parse("a b\nb c\n", ["a", "b"]), DataFormatError, 'the node "c", wanted the name of a row');
});

Deno.test("arrays that are no edges are refused", async () => {
  const cases: [Parameters<typeof makeGraph>[0], string][] = [
    [{ nodes: 2, from: [0], to: [2] }, "edge 0 has an end 2, wanted a node of 0...1"],
    [{ nodes: 2, from: [0.5], to: [1] }, "has an end 0.5"],
    [{ nodes: 2, from: [0], to: [1], weights: [-1] }, "has the weight -1"],
    [{ nodes: 2, from: [0], to: [1], weights: [NaN] }, "has the weight NaN"],
  ];
  for (const [edges, message] of cases) await assertRejects(() => makeGraph(edges), RangeError, message);
  assertEquals((await makeGraph({ nodes: 3, from: [], to: [] })).edges, 0);
});

Deno.test("a graph is written as an edge list that gives it back", async () => {
  const random = (i: number) => (i * 2654435761 >>> 0) % 400;
  const from = Array.from({ length: 9000 }, (_, i) => random(i)), to = from.map((_, i) => random(i + 77777));
  const graph = await makeGraph({ nodes: 400, from, to, weights: from.map((_, i) => (1 + i % 8) / 8) });
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, await formatEdges(graph));
    assertEquals(await loadEdges(path, { nodes: 400 }), { ...graph, notes: [] });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("many edges take memory for edges only, sorted", async () => {
  const count = 300_000, nodes = 60_000;
  const from = Uint32Array.from({ length: count }, (_, i) => (i * 48271) % nodes);
  const to = Uint32Array.from({ length: count }, (_, i) => (i * 16807 + 12345 + Math.floor(i / nodes)) % nodes);
  const { offsets, neighbours, weights, edges } = await makeGraph({ nodes, from, to });
  assertEquals(offsets.byteLength + neighbours.byteLength + weights.byteLength, 4 * (nodes + 1) + 16 * edges);
  assertEquals(edges > count / 2, true);
  for (let node = 0; node < nodes; node++) {
    for (let at = offsets[node] + 1; at < offsets[node + 1]; at++) {
      if (neighbours[at] <= neighbours[at - 1]) throw new Error(`neighbours of ${node} are out of order`);
    }
  }
});
