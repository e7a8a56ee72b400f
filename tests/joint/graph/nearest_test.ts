import { assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import type { Dataset } from "../../../lib/data/mod.ts";
import { Region } from "../../../lib/kernels/mod.ts";
import { denseMetric, type MetricRows, sparseMetric } from "../../../lib/joint/graph/metric_rows.ts";
import { measureRecall, nearestNeighbours } from "../../../lib/joint/graph/nearest.ts";
import { hash32 } from "../../../lib/projection/mod.ts";
import { blobs } from "../fixtures.ts";

const table = (features: Float32Array, featureLength: number): Dataset => {
  const count = features.length / featureLength;
  const input = { kind: "table" as const, columns: Array.from({ length: featureLength }, (_, i) => `${i}`) };
  return { name: "t", input, count, featureLength, features, labels: new Uint16Array(count), labelNames: ["a"] };
};
const search = { neighbours: 5, hashes: 6, bucket: 32, seed: 1 };

/** Distances one by one, and the nearest rows by looking at all. */
function bruteForce(rows: MetricRows, row: number): { row: number; distance: number }[] {
  const others = Uint32Array.from({ length: rows.count }, (_, i) => i), distances = new Float32Array(rows.count);
  rows.distances(row, others, distances);
  return Array.from(others, (row) => ({ row, distance: distances[row] })).filter((other) => other.row !== row)
    .sort((a, b) => a.distance - b.distance);
}

Deno.test("distances between numbers are those of standardised rows, in pairs as one by one", () => {
  using region = new Region();
  const features = Float32Array.from(
    { length: 40 * 6 },
    (_, i) => (hash32(1, 2, i) % 1000) * (i % 6 === 0 ? 100 : 0.01),
  );
  const rows = region.run(() => denseMetric(table(features, 6)));
  const column = (j: number) => Array.from({ length: 40 }, (_, i) => features[i * 6 + j]);
  const scales = Array.from({ length: 6 }, (_, j) => {
    const mean = column(j).reduce((a, b) => a + b) / 40;
    return Math.sqrt(column(j).reduce((sum, x) => sum + (x - mean) ** 2, 0) / 40);
  });
  const expected = (a: number, b: number): number =>
    scales.reduce((sum, scale, j) => sum + ((features[a * 6 + j] - features[b * 6 + j]) / scale) ** 2, 0);
  const chosen = Uint32Array.of(3, 17, 39), pairs = new Float32Array(9), single = new Float32Array(3);
  rows.pairwise(chosen, pairs);
  rows.distances(17, chosen, single);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) assertAlmostEquals(pairs[3 * i + j], expected(chosen[i], chosen[j]), 1e-3);
    assertAlmostEquals(single[i], expected(17, chosen[i]), 1e-3);
  }
});

Deno.test("distances between lists are cosines in which rare features count more", () => {
  const lists = [[0, 1], [1, 2], [3], [], [0, 1]];
  const offsets = Int32Array.of(0, 2, 4, 5, 5, 7), ids = Int32Array.from(lists.flat());
  const rows = sparseMetric({ offsets, ids }, 4), pairs = new Float32Array(25);
  rows.pairwise(Uint32Array.of(0, 1, 2, 3, 4), pairs);
  const weight = [Math.log(6 / 3), Math.log(6 / 4), Math.log(6 / 2), Math.log(6 / 2)];
  const norm = (list: number[]) => Math.sqrt(list.reduce((sum, id) => sum + weight[id] ** 2, 0));
  assertAlmostEquals(pairs[1], 2 - 2 * weight[1] ** 2 / norm([0, 1]) / norm([1, 2]), 1e-6);
  assertAlmostEquals(pairs[4], 0, 1e-6);
  assertEquals([pairs[2], pairs[3]], [2, 2]);
});

Deno.test("almost all of the nearest rows are found, nearest first, and the recall says how many", async () => {
  using region = new Region();
  const rows = region.run(() => denseMetric(blobs(700)));
  const found = await nearestNeighbours(rows, search);
  let right = 0;
  for (let row = 0; row < 700; row++) {
    const listed = [...found.ids.subarray(row * 5, row * 5 + 5)], exact = bruteForce(rows, row).slice(0, 5);
    assertEquals(new Set(listed).size, 5);
    assertEquals(listed.includes(row), false);
    const distances = found.distances.subarray(row * 5, row * 5 + 5);
    assertEquals([...distances], [...distances].sort((a, b) => a - b));
    right += listed.filter((other) => exact.some(({ row }) => row === other)).length;
  }
  assertGreaterOrEqual(right / 3500, 0.95);
  // Of equally near rows another may be found.
  assertAlmostEquals(await measureRecall(rows, found, { sample: 700 }), right / 3500, 2e-3);
  const again = await nearestNeighbours(rows, search);
  assertEquals(again.ids, found.ids);
});

Deno.test("the recall counts what is missing", async () => {
  using region = new Region();
  const rows = region.run(() => denseMetric(blobs(100)));
  const found = await nearestNeighbours(rows, { ...search, bucket: 128 });
  assertEquals(await measureRecall(rows, found, { sample: 50 }), 1);
  for (let row = 0; row < 100; row++) found.ids[row * 5] = bruteForce(rows, row)[50].row;
  assertEquals(await measureRecall(rows, found, { sample: 50 }), 0.8);
});

Deno.test("few rows have all others as neighbours; equal rows are near; a search can be stopped", async () => {
  using region = new Region();
  const three = region.run(() => denseMetric(table(Float32Array.of(0, 1, 10), 1)));
  const found = await nearestNeighbours(three, search);
  assertEquals([found.width, ...found.ids], [2, 1, 2, 0, 2, 1, 0]);
  const equal = region.run(() => denseMetric(table(new Float32Array(300).fill(4), 1)));
  const { distances, ids } = await nearestNeighbours(equal, search);
  assertEquals(distances.every((distance) => distance === 0), true);
  for (let row = 0; row < 300; row++) assertEquals(new Set(ids.subarray(row * 5, row * 5 + 5)).size, 5);
  const rows = region.run(() => denseMetric(blobs(3000)));
  const stopped = nearestNeighbours(rows, { ...search, hashes: 500, signal: AbortSignal.timeout(30) });
  await assertRejects(() => stopped, DOMException);
});
