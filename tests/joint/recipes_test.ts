import { assert, assertEquals } from "@std/assert";
import type { Dataset } from "../../mod.ts";
import { mostFunctions, type Recipe, sizeRecipe, startingRecipes, variations } from "../../lib/joint/budget/recipes.ts";
import { describeProjection, projectionSpec } from "../../lib/joint/projection_options.ts";

const image = (width: number, height: number, channels: number): Dataset["input"] => ({
  kind: "image",
  width,
  height,
  channels,
});
const inputs: [Dataset["input"], number][] = [
  [image(28, 28, 1), 784],
  [image(32, 32, 3), 3072],
  [image(8, 8, 1), 64],
  [image(2, 3, 1), 6],
  [image(96, 64, 1), 6144],
  [{ kind: "table", columns: ["a", "b", "c"] }, 3],
];

Deno.test("recipes: all starting points suit images of any size and tables, their variations too", () => {
  for (const [input, features] of inputs) {
    for (const recipe of startingRecipes(input)) {
      for (const each of [recipe, ...variations(recipe, input)]) {
        for (const functions of [1, 7]) {
          const options = sizeRecipe(each, functions);
          const spec = projectionSpec(options, {
            features,
            image: input.kind === "image" ? input : undefined,
            seed: 1,
          });
          assertEquals(spec.functions, functions);
        }
      }
    }
  }
});

Deno.test("recipes: a variation changes one option, and one step back leads back", () => {
  const difference = (a: Recipe, b: Recipe): string[] => {
    const flat = ({ options: { conv, select, ...rest }, hiddenRatio }: Recipe): Record<string, unknown> => ({
      ...rest,
      ...conv,
      ...select,
      hiddenRatio,
    });
    const [left, right] = [flat(a), flat(b)];
    return Object.keys({ ...left, ...right }).filter((key) => String(left[key]) !== String(right[key]));
  };
  for (const [input] of inputs) {
    for (const recipe of startingRecipes(input)) {
      const near = variations(recipe, input);
      assert(near.length >= 3);
      for (const other of near) {
        const changed = difference(recipe, other);
        // Cells keep their number, not their side, when the filters change.
        assert(changed.length === 1 || changed.join() === "filter,cell", `${changed}`);
        const back = variations(other, input).some((third) => difference(recipe, third).length === 0);
        assert(back || changed.join() === "head" || changed.includes("filter"), `${changed}: no way back`);
      }
    }
  }
});

Deno.test("recipes: a size brings a pool of at least twice as many and a hidden layer in proportion", () => {
  const recipe: Recipe = { options: { family: "sign", select: { pool: 100, by: "prune" } }, hiddenRatio: 0.1 };
  assertEquals(sizeRecipe(recipe, 50).select, { pool: 128, by: "prune" });
  assertEquals(sizeRecipe(recipe, 10).select, { pool: 100, by: "prune" });
  assertEquals([sizeRecipe(recipe, 50).hidden, sizeRecipe(recipe, 3).hidden], [5, 2]);
  assert(!("hidden" in sizeRecipe({ options: {} }, 3)));
  assert(mostFunctions(recipe) > mostFunctions({ options: { family: "conv" } }));
});

Deno.test("describeProjection: says what matters", () => {
  const conv = { filter: 5, stride: 1, cell: 6, quantile: 0.95 };
  assertEquals(
    describeProjection({
      family: "conv",
      functions: 24,
      conv,
      reads: "counts",
      select: { pool: 256 },
      head: "ternary",
    }),
    "conv 5x5, cells of 6, quantile 0.95, counts, 24 of 256 by greedy, ternary",
  );
  assertEquals(
    describeProjection({ functions: 60, bitsPerFunction: 12, thresholds: "zero", hidden: 8, head: ["int4", "int8"] }),
    "gaussian, 60x12, cut at zero, hidden 8, int4+int8",
  );
});
