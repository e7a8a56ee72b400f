/**
 * Recipes of projection networks, written as the options of `train`, and what they reach with several seeds: each seed is one training of all of them beside
 * one trainer network.
 *
 * @module
 */
import { CODE_OPTIONS, codeOptions } from "../lib/cli/code_options.ts";
import { UsageError } from "../lib/cli/errors.ts";
import { choice, integer, list, number } from "../lib/cli/option_values.ts";
import { flag, type OptionTable, type OptionValues, readOptions } from "../lib/cli/options.ts";
import { applyKernelOptions, DATA_DIR, THREADS } from "../lib/cli/shared_options.ts";
import { type Dataset, headKinds, openDataset, train, type TrainOptions } from "../mod.ts";
import { median } from "./statistics.ts";

/** A projection network as {@linkcode train} takes it. */
export type Recipe = TrainOptions["projections"][number];

/** What a recipe is written with. */
const RECIPE_OPTIONS = {
  ...CODE_OPTIONS,
  hidden: { value: "N", help: "hidden units", parse: integer({ min: 1 }) },
  head: { value: "TYPE", help: "weights", parse: list(choice(headKinds), { noun: "types" }), default: "float" },
  lambda: {
    value: "A,B,C",
    help: "weights of the losses",
    parse: list(number({ min: 0 }), { length: 3, noun: "numbers" }),
    default: "1,0.1,1",
  },
} as const;

/** Reads the options of one network as `train` would. */
export function parseRecipe(options: string): Recipe {
  const { values } = readOptions(options.split(" "), RECIPE_OPTIONS);
  const { hidden, head, lambda: [, distillation, labels] } = values;
  const codes = codeOptions(values);
  if (codes.length > 1) throw new UsageError(`${options}: one size was wanted`);
  return { ...codes[0], hidden, head, lambda: [distillation, labels] };
}

/** The options of a benchmark of recipes. */
const RECIPE_BENCH_OPTIONS = {
  seeds: {
    value: "N,N,…",
    help: "seeds, each of one training",
    parse: list(integer({ min: 0, max: 0xffffffff }), { noun: "seeds" }),
    default: "1,2,3",
  },
  epochs: { value: "N", help: "passes over the training data", parse: integer({ min: 1 }), default: "10" },
  threads: THREADS,
  "data-dir": DATA_DIR,
  json: flag("print one JSON object after the table"),
} as const;

/** Reads a benchmark's arguments; what it does not know ends the process with exit code 2. */
export function readBenchArguments<T extends OptionTable>(name: string, options: T): OptionValues<T> {
  try {
    const { values, positionals } = readOptions(Deno.args, options);
    if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`);
    return values;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${name}: ${error.message}`);
    Deno.exit(2);
  }
}

/** What one recipe reached. */
export interface RecipeResult {
  /** Bits of the code. */
  readonly bits: number;
  /** Bytes of the file, the median over the seeds. */
  readonly bytes: number;
  /** Accuracy on validation data with each seed. */
  readonly validation: readonly number[];
  /** Accuracy on test data with each seed. */
  readonly test: readonly number[];
}

/** What recipes are measured with. */
export interface MeasureOptions {
  /** Rows to learn from. */
  readonly data: Dataset;
  /** Rows to report on. */
  readonly test: Dataset;
  /** Seeds, each of one training. */
  readonly seeds: readonly number[];
  /** Passes over the training rows. */
  readonly epochs: number;
}

/** Trains the recipes with each seed. */
export async function measureRecipes(
  recipes: readonly Recipe[],
  { data, test, seeds, epochs }: MeasureOptions,
): Promise<RecipeResult[]> {
  const networks: { bits: number; bytes: number; validation: number; test: number }[][] = recipes.map(() => []);
  for (const seed of seeds) {
    const progress = { onSelect: showSelections(), onProgress: showEpoch };
    const result = await train({ data, test, projections: recipes, epochs, seed, ...progress });
    result.networks.forEach(({ bits, bytes, validationAccuracy, test }, index) =>
      networks[index].push({ bits, bytes: bytes.length, validation: validationAccuracy!, test: test!.accuracy })
    );
    const trainer = [result.trainer.validationAccuracy, result.trainer.testAccuracy].map(percent).join(" and ");
    console.error(`seed ${seed}: ${result.seconds.toFixed(0)} s; trainer ${trainer} on validation and test data`);
  }
  return networks.map((ofSeeds) => ({
    bits: ofSeeds[0].bits,
    bytes: median(ofSeeds.map(({ bytes }) => bytes)),
    validation: ofSeeds.map(({ validation }) => validation),
    test: ofSeeds.map(({ test }) => test),
  }));
}

/** Reads a benchmark's arguments, opens MNIST and trains the recipes as the arguments say. */
export async function runRecipes(
  name: string,
  rows: readonly string[],
): Promise<{ seeds: readonly number[]; epochs: number; json: boolean; recipes: Recipe[]; results: RecipeResult[] }> {
  const { seeds, epochs, threads, json, "data-dir": dataDir } = readBenchArguments(name, RECIPE_BENCH_OPTIONS);
  applyKernelOptions({ threads, kernels: "auto" });
  const recipes = rows.map(parseRecipe);
  const [data, test] = await Promise.all(
    (["train", "test"] as const).map((split) => openDataset("mnist", { split, dataDir })),
  );
  return { seeds, epochs, json, recipes, results: await measureRecipes(recipes, { data, test, seeds, epochs }) };
}

/** Shows the accuracies at the end of an epoch on standard error. */
export const showEpoch: NonNullable<TrainOptions["onProgress"]> = ({ epoch, epochs, validation, secondsLeft }) => {
  if (validation === undefined) return;
  console.error(
    `epoch ${epoch}/${epochs}: validation ${validation.map(percent).join(" ")}; ${secondsLeft.toFixed(0)} s left`,
  );
};

/** Shows on standard error that a selection has begun. */
function showSelections(): NonNullable<TrainOptions["onSelect"]> {
  let before = "";
  return ({ wanted, pool }) => {
    const selection = `selecting ${wanted} of ${pool.toLocaleString("en")}`;
    if (selection !== before) console.error(selection);
    before = selection;
  };
}

/** A share of one in percent. */
export function percent(share: number | null): string {
  return (100 * (share ?? NaN)).toFixed(2);
}

/** A Markdown table. */
export function markdown(rows: readonly (readonly (string | number)[])[]): string {
  const [head, ...body] = rows;
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
