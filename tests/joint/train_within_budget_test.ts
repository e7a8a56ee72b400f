import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  type BudgetOptions,
  type BudgetProgress,
  type Dataset,
  evaluate,
  loadPnet,
  type Recipe,
  train,
  TrainingError,
  trainWithinBudget,
} from "../../mod.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(600), test = blobs(200, { seed: 2 });
const table: Dataset = { ...data, input: { kind: "table", columns: Array.from({ length: 64 }, (_, i) => `${i}`) } };

/** Two recipes and few epochs: seconds. */
const recipes: Recipe[] = [
  { options: { family: "sign", thresholds: "median", head: "ternary" } },
  { options: { family: "gaussian", select: { pool: 32 }, thresholds: "median", head: "ternary" } },
];
const base: BudgetOptions = {
  data,
  test,
  budget: 120,
  recipes,
  epochs: 3,
  optimizer: { learningRate: 0.01 },
  trainer: { hidden: [16] },
  validation: 0.2,
};

Deno.test("the best network fits, is what its options say, and leads the frontier", async () => {
  const progress: BudgetProgress[] = [];
  const sizes: number[] = [];
  const result = await trainWithinBudget({
    ...base,
    onProgress: (event) => progress.push(event),
    onBest: ({ bytes }) => sizes.push(bytes.length),
  });
  const { networks: [network], frontier, options, omitted } = result;
  assertEquals(result.networks.length, 1);
  assert(network.bytes.length <= 120 && network.bytes.length > 80, `${network.bytes.length} bytes`);
  assert(sizes.length > 0 && sizes.every((size) => size <= 120), `${sizes}`);
  assertEquals(omitted, []);
  assert(frontier.length > 1, "no smaller network");
  for (const [i, { bytes, validationAccuracy }] of frontier.entries()) {
    const before = frontier[i - 1];
    assert(before === undefined || before.bytes < bytes && before.validationAccuracy < validationAccuracy);
  }
  const last = frontier.at(-1)!;
  assertEquals([last.bytes, last.validationAccuracy], [network.bytes.length, network.validationAccuracy]);
  assertEquals(last.options, options);
  assert(network.validationAccuracy! > 0.6, `${network.validationAccuracy}`);
  const { accuracy } = await evaluate(await loadPnet(network.bytes), test);
  assertEquals(network.test?.accuracy, accuracy);
  assert(result.trainer.testAccuracy! > 0.5 && result.trainer.parameters === 64 * 16 + 16 + 16 * 4 + 4);
  assertEquals(new Set(progress.map(({ stage }) => stage)), new Set(["screening", "varying", "halving", "finals"]));
  assert(progress.every(({ done, planned, candidates }) => done < planned && candidates.length > 0));
  // The same network comes from training it alone, with what the search chose.
  const { epochs, optimizer, trainer: { hidden } = {}, validation } = base;
  const { networks: [alone] } = await train({
    data,
    trainer: { hidden },
    optimizer,
    validation,
    epochs,
    batchSize: 32,
    projections: [options],
  });
  assertEquals(alone.bytes, network.bytes);
});

Deno.test("a table finds its network; the same seed gives the same file, another seed another", async () => {
  const bytesOf = async (seed: number): Promise<Uint8Array> => {
    const search = { ...base, recipes: recipes.slice(0, 1), data: table, test: undefined, seed };
    const { networks: [{ bytes, model }], seed: reported } = await trainWithinBudget(search);
    assertEquals([model.projection.seed, reported], [seed, seed]);
    return bytes;
  };
  const first = await bytesOf(5);
  assertEquals(await bytesOf(5), first);
  assertNotEquals(await bytesOf(6), first);
});

Deno.test("time cuts the list of candidates short and the result says so", async () => {
  const { networks: [network], omitted, tried, frontier } = await trainWithinBudget({ ...base, minutes: 1e-6 });
  assert(network.bytes.length <= 120);
  assert(omitted.length >= 3, `${omitted}`);
  assertEquals([tried, frontier.length], [2, 1]);
});

Deno.test("a budget that nothing fits in is refused with the smallest size that does", async () => {
  const error = await assertRejects(() => trainWithinBudget({ ...base, budget: 40 }), TrainingError);
  const least = Number(/fits in 40 bytes; the smallest takes (\d+)/.exec(error.message)?.[1]);
  const { networks: [{ bytes }] } = await trainWithinBudget({ ...base, budget: least });
  assert(bytes.length <= least);
  await assertRejects(() => trainWithinBudget({ ...base, budget: least - 1 }), TrainingError, `${least}`);
});

Deno.test("bad options are refused by name, and an abort ends the search", async () => {
  await assertRejects(() => trainWithinBudget({ ...base, budget: 0.5 }), TrainingError, "budget");
  await assertRejects(() => trainWithinBudget({ ...base, minutes: NaN }), TrainingError, "minutes");
  await assertRejects(() => trainWithinBudget({ ...base, validation: 0 }), TrainingError, "validation");
  const controller = new AbortController();
  const searching = trainWithinBudget({
    ...base,
    epochs: 100_000,
    signal: controller.signal,
    onProgress: ({ stage }) => stage === "halving" && controller.abort(new Error("enough")),
  });
  await assertRejects(() => searching, Error, "enough");
});
