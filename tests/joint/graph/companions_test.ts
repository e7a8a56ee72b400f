import { assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Tensor } from "../../../lib/autodiff/mod.ts";
import { type Graph, makeGraph } from "../../../lib/data/mod.ts";
import { Region } from "../../../lib/kernels/mod.ts";
import { type CompanionOptions, prepareCompanions } from "../../../lib/joint/graph/companions.ts";

const count = 60;
/** Node u and u + 1 are joined with weight 1, node 0 with every other one with weight 2. */
const graph: Graph = await makeGraph({
  nodes: count,
  from: Array.from({ length: 2 * count }, (_, i) => i < count ? i % (count - 1) : 0),
  to: Array.from({ length: 2 * count }, (_, i) => i < count ? i % (count - 1) + 1 : 1 + i % (count - 1)),
  weights: Array.from({ length: 2 * count }, (_, i) => i < count ? 1 : 2),
});
const base: CompanionOptions<Uint32Array> = {
  rows: { count, features: { gather: (rows) => rows.slice() }, codes: [] },
  networks: [],
  classes: 2,
  trainerLambda: 1,
  labelled: [0, 1],
  graph,
  alpha: 1,
  of: "logits",
  weight: 0,
  batchSize: 16,
  neighbours: 4,
  seed: 3,
};
/** Logits that tell rows apart. */
const logitsOf = (rows: Uint32Array): Tensor =>
  new Tensor(
    [rows.length, 2],
    Float32Array.from(rows, (row) => row / 10).reduce((all, value, i) => {
      all[2 * i] = value;
      return all;
    }, new Float32Array(2 * rows.length)),
  );

/** The objective of a step, and its rows. */
function step(options: CompanionOptions<Uint32Array>, number: number): { rows: Uint32Array; term: number } {
  using region = new Region();
  return region.run(() => {
    const { features, objective } = prepareCompanions(options)!.gather(number);
    return { rows: features, term: objective(logitsOf(features), [])?.item() ?? 0 };
  });
}

/** The sum over edges of weight * |h_u - h_v|^2, seen from both ends, divided by the number of rows. */
function whole(factor: (u: number, v: number) => number = () => 1): number {
  let sum = 0;
  for (let u = 0; u < count; u++) {
    for (let at = graph.offsets[u]; at < graph.offsets[u + 1]; at++) {
      const v = graph.neighbours[at];
      sum += factor(u, v) * graph.weights[at] * ((u - v) / 10) ** 2;
    }
  }
  return sum / count;
}

Deno.test("a step has rows in turn and at most so many neighbours of each, none twice", () => {
  const seen = new Set<number>();
  for (let number = 1; number <= 4; number++) {
    const { rows } = step(base, number);
    assertEquals(new Set(rows).size, rows.length);
    assertGreaterOrEqual(16 * 5, rows.length);
    for (const row of rows.subarray(0, number < 4 ? 16 : 12)) seen.add(row);
  }
  assertEquals(seen.size, count);
});

Deno.test("with all rows and all neighbours the graph term is the mean over rows of the sum over their edges", () => {
  const all = { ...base, batchSize: count, neighbours: count };
  assertAlmostEquals(step(all, 1).term, whole(), whole() * 1e-4);
  assertAlmostEquals(step({ ...all, alpha: 0.5 }, 1).term, whole() / 2, whole() * 1e-4);
  const kinds = [5, 3, 0.5] as const, isLabelled = (row: number) => Number(row < 2);
  const expected = whole((u, v) => kinds[2 - isLabelled(u) - isLabelled(v)]);
  assertAlmostEquals(step({ ...all, kinds }, 1).term, expected, expected * 1e-4);
});

Deno.test("sampled rows and neighbours give the same on average", () => {
  let sum = 0;
  const companions = prepareCompanions(base)!, steps = 4 * 400;
  using region = new Region();
  for (let number = 1; number <= steps; number++) {
    region.run(() => {
      const { features, objective } = companions.gather(number);
      // The last batch of an epoch has fewer rows, and each row counts alike.
      sum += objective(logitsOf(features), [])!.item() * (number % 4 === 0 ? 12 : 16);
    });
    region.reset();
  }
  assertAlmostEquals(sum / (400 * count), whole(), whole() * 0.05);
});

Deno.test("companions are there only when something is learnt on them", () => {
  assertEquals(prepareCompanions({ ...base, alpha: 0 }), undefined);
  assertEquals(prepareCompanions({ ...base, graph: undefined }), undefined);
  assertEquals(prepareCompanions({ ...base, graph: undefined, weight: 1 }), undefined);
  const spread = { labels: new Uint16Array(count), certainties: new Float32Array(count).fill(0.5) };
  using region = new Region();
  region.run(() => {
    const { features, objective } = prepareCompanions({ ...base, graph: undefined, weight: 2, spread })!.gather(1);
    assertEquals(features.length, 16);
    const expected = Array.from(features, (row) => Math.log(1 + Math.exp(-row / 10))).reduce((a, b) => a + b) / 16;
    assertAlmostEquals(objective(logitsOf(features), [])!.item(), expected, 1e-4);
  });
});
