import { assert, assertEquals, assertThrows } from "@std/assert";
import { type HeadKind, type ProjectionOptions, train, TrainingError } from "../../mod.ts";
import type { Recipe } from "../../lib/joint/budget/recipes.ts";
import { Sizing } from "../../lib/joint/budget/sizing.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(700);
const sizing = new Sizing(data, 1);
const conv = { filter: 3, cell: 3 };

Deno.test("an estimate is never below the trained file, and close to it for small weights", async () => {
  const kinds: ProjectionOptions[] = [
    { family: "gaussian", functions: 60, select: { pool: 200 } },
    { family: "sign", functions: 20, bitsPerFunction: 4, thresholds: "median" },
    { family: "taps", functions: 300 },
    { family: "hadamard", functions: 40, thresholds: "zero" },
    { family: "patch", functions: 50, hidden: 6, select: { pool: 128, by: "prune" } },
    { family: "conv", functions: 12, conv },
    { family: "conv", functions: 9, conv, reads: "counts", select: { pool: 30 } },
    { family: "conv", functions: 9, conv, reads: "counts", hidden: 7 },
  ];
  const heads: (HeadKind | HeadKind[])[] = ["float", "int8", "int4", "ternary", "binary"];
  const projections = [
    ...kinds.flatMap((kind) => heads.map((head) => ({ ...kind, head }))),
    { family: "sign", functions: 20, bitsPerFunction: 3, head: "table-ternary" },
    { family: "sign", functions: 20, bitsPerFunction: 3, hidden: 5, head: ["table", "int4"] },
  ] as const;
  const { networks } = await train({
    data,
    trainer: { hidden: [] },
    projections,
    epochs: 3,
    batchSize: 32,
    projectionOptimizer: { learningRate: 0.02 },
  });
  for (const [index, { bytes }] of networks.entries()) {
    const options = projections[index];
    const estimate = sizing.estimate(options);
    const words = `${JSON.stringify(options)}: ${bytes.length} bytes, ${estimate} estimated`;
    assert(bytes.length <= estimate, words);
    const isSmall = options.head === "ternary" || options.head === "binary" || options.head === "float";
    assert(estimate <= (isSmall ? 1.25 : 1.6) * bytes.length + 16, words);
  }
});

Deno.test("the largest network of a recipe fits, and one function more does not", () => {
  const recipes: Recipe[] = [
    { options: { family: "conv", conv, reads: "counts", head: "ternary" }, hiddenRatio: 1 },
    { options: { family: "gaussian", select: { pool: 256 }, thresholds: "spread", head: "int4" } },
    { options: { family: "sign", thresholds: "zero", head: "ternary" }, hiddenRatio: 0.1 },
  ];
  for (const recipe of recipes) {
    for (const budget of [150, 400, 2000]) {
      const largest = sizing.largest(recipe, budget)!;
      assert(sizing.estimate(largest) <= budget);
      const filled = sizing.largest(recipe, budget, 0.8)!;
      assert(sizing.estimate(filled) > budget && filled.functions > largest.functions);
    }
    assertEquals(sizing.largest(recipe, sizing.least(recipe) - 1), undefined);
    assertEquals(sizing.estimate(sizing.largest(recipe, sizing.least(recipe))!), sizing.least(recipe));
  }
});

Deno.test("what does not suit the data has no size", () => {
  const table = new Sizing(
    { ...data, input: { kind: "table", columns: Array.from({ length: 64 }, (_, i) => `${i}`) } },
    1,
  );
  const recipe: Recipe = { options: { family: "patch" } };
  assertEquals(table.least(recipe), Infinity);
  assertEquals(table.largest(recipe, 100_000), undefined);
  assertThrows(() => table.estimate({ family: "patch", functions: 1 }), TrainingError, "needs images");
});
