import { assertAlmostEquals, assertEquals } from "@std/assert";
import { makeGraph } from "../../../lib/data/mod.ts";
import { averageFeatures, propagateLabels } from "../../../lib/joint/graph/propagate.ts";

/** H <- (1 - restart)*S*H + restart*X with whole matrices. */
function reference(adjacency: number[][], features: number[][], { hops, restart }: { hops: number; restart: number }) {
  const degrees = adjacency.map((row) => row.reduce((a, b) => a + b));
  let current = features;
  for (let hop = 0; hop < hops; hop++) {
    current = adjacency.map((row, u) =>
      features[u].map((own, j) =>
        restart * own + (1 - restart) *
          row.reduce(
            (sum, weight, v) => sum + (weight === 0 ? 0 : weight / Math.sqrt(degrees[u] * degrees[v]) * current[v][j]),
            0,
          )
      )
    );
  }
  return current;
}

Deno.test("features are averaged over neighbours and the node itself", async () => {
  const graph = await makeGraph({ nodes: 4, from: [0, 1], to: [1, 2], weights: [2, 0.5] });
  const features = [[1, 0], [0, 3], [-2, 1], [5, 7]];
  // Each node is its own neighbour, as near as the nearest.
  const adjacency = [[2, 2, 0, 0], [2, 2, 0.5, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]];
  for (const options of [{ hops: 1, restart: 0 }, { hops: 3, restart: 0.25 }]) {
    const found = averageFeatures(graph, features.flat(), options), expected = reference(adjacency, features, options);
    expected.flat().forEach((value, i) => assertAlmostEquals(found[i], value, 1e-5));
  }
  assertEquals([...averageFeatures(graph, features.flat(), { hops: 0 })], features.flat());
});

Deno.test("labels spread as far as edges reach, the less certain the farther", async () => {
  // A chain 0-1-2-3-5-4, and a node without edges.
  const graph = await makeGraph({ nodes: 7, from: [0, 1, 2, 4, 5], to: [1, 2, 3, 5, 3] });
  const { labels, certainties } = propagateLabels(graph, { nodes: [0, 4], labels: [1, 0] }, { classes: 2, steps: 200 });
  assertEquals([...labels.subarray(0, 6)], [1, 1, 1, 0, 0, 0]);
  assertEquals([certainties[0], certainties[4], certainties[6]], [1, 1, 0]);
  assertEquals(certainties[1] > certainties[2] && certainties[5] > certainties[3] && certainties[3] > 0, true);
  assertAlmostEquals(certainties[2], certainties[3], 1e-5);
});

Deno.test("what labels spread to is what the closed form says", async () => {
  const graph = await makeGraph({ nodes: 3, from: [0, 1], to: [1, 2], weights: [1, 3] });
  const adjacency = [[0, 1, 0], [1, 0, 3], [0, 3, 0]], own = [[1, 0, 0], [0, 0, 0], [0, 1, 0]];
  const spread = reference(adjacency, own, { hops: 50, restart: 0.2 })[1];
  const sum = spread.reduce((a, b) => a + b);
  const entropy = -spread.reduce((total, value) => total + (value > 0 ? value / sum * Math.log(value / sum) : 0), 0);
  const { labels, certainties } = propagateLabels(graph, { nodes: [0, 2], labels: [0, 1] }, { classes: 3, reach: 0.8 });
  assertEquals(labels[1], 1);
  assertAlmostEquals(certainties[1], 1 - entropy / Math.log(3), 1e-5);
});
