import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { markdown, measureRecipes, parseRecipe, percent } from "../../bench/recipes.ts";
import { UsageError } from "../../lib/cli/errors.ts";
import { train } from "../../mod.ts";
import { blobs } from "../joint/fixtures.ts";
import { runBench } from "./run_bench.ts";

Deno.test("a recipe is read as train reads its options", () => {
  const recipe = parseRecipe("--projection conv --bits 24 --cell 5 --select 320 --hidden 128 --head ternary,int4");
  const { family, functions, conv, select, hidden, head, lambda } = recipe;
  assertEquals([family, functions, conv?.cell, select?.pool, hidden], ["conv", 24, 5, 320, 128]);
  assertEquals([head, lambda], [["ternary", "int4"], [0.1, 1]]);
  assertEquals(parseRecipe("--bits 60x12 --lambda 1,0,2").lambda, [0, 2]);
  for (const wrong of ["--bits 8,9", "--bits 8 --select 7", "--bites 8", "--head half"]) {
    assertThrows(() => parseRecipe(wrong), UsageError);
  }
});

Deno.test("recipes are measured seed by seed, each as in a training of its own", async () => {
  const data = blobs(400), test = blobs(200, { seed: 2 });
  const recipes = ["--bits 12", "--projection patch --bits 6 --select 30 --head ternary"].map(parseRecipe);
  const results = await measureRecipes(recipes, { data, test, seeds: [4, 9], epochs: 2 });
  assertEquals(results.map(({ bits }) => bits), [12, 6]);
  for (const [row, recipe] of recipes.entries()) {
    const alone = await Promise.all(
      [4, 9].map(async (seed) => (await train({ data, test, projections: [recipe], epochs: 2, seed })).networks[0]),
    );
    assertEquals(results[row].validation, alone.map(({ validationAccuracy }) => validationAccuracy!));
    assertEquals(results[row].test, alone.map(({ test }) => test!.accuracy));
    assertAlmostEquals(results[row].bytes, (alone[0].bytes.length + alone[1].bytes.length) / 2);
  }
});

Deno.test("shares and tables", () => {
  assertEquals([percent(0.98765), percent(null)], ["98.77", "NaN"]);
  assertEquals(markdown([["a", "b"], [1, "x"]]), "| a | b |\n| --- | --- |\n| 1 | x |");
});

Deno.test("bench:bits and bench:ablation refuse what they do not know by name with exit code 2", async () => {
  const wrong: [file: string, args: string[], message: string][] = [
    ["bits_table.ts", ["--seeds", "1,x"], "bench:bits: --seeds 1,x: wanted one or more seeds separated by commas"],
    ["bits_table.ts", ["mnist"], 'bench:bits: unexpected argument "mnist"'],
    ["ablation.ts", ["--seed", "3"], "bench:ablation: unknown option --seed"],
  ];
  for (const [file, args, message] of wrong) {
    const { code, out, err } = await runBench(file, args);
    assertStringIncludes(err, message);
    assertEquals([code, out], [2, ""]);
  }
});
