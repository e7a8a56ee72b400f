import { assert, assertEquals, assertGreaterOrEqual, assertRejects, assertStringIncludes } from "@std/assert";
import { type FitProgress, train, TrainingError, type TrainOptions } from "../../mod.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(600), test = blobs(300, { seed: 2 });
const still = { learningRate: 1e-9 };
const small: TrainOptions = {
  data,
  test,
  trainer: { hidden: [16] },
  projections: [{ functions: 12, bitsPerFunction: 8 }],
  epochs: 6,
  batchSize: 32,
  optimizer: { learningRate: 5e-3 },
  projectionOptimizer: { learningRate: 5e-3 },
};

Deno.test("joint training learns, in the trainer and in networks of several sizes beside it", async () => {
  const result = await train({
    ...small,
    projections: [
      { functions: 12, bitsPerFunction: 8 },
      { functions: 3, bitsPerFunction: 8, family: "taps", taps: 5, thresholds: "median" },
      { functions: 12, bitsPerFunction: 8, family: "sign", hidden: 12, head: "ternary", lambda: [1, 1, 0] },
    ],
  });
  assertGreaterOrEqual(result.trainer.testAccuracy!, 0.95);
  assertEquals(result.networks.map(({ bits }) => bits), [96, 24, 96]);
  const [wide, narrow, hidden] = result.networks.map(({ test }) => test!.accuracy);
  assertGreaterOrEqual(wide, 0.9);
  assertGreaterOrEqual(narrow, 0.7);
  assertGreaterOrEqual(hidden, 0.85);
  assertEquals(result.networks[2].parameters, 96 * 12 + 12 + 12 * 4 + 4);
  assertEquals(result.trainer.parameters, 64 * 16 + 16 + 16 * 4 + 4);
});

Deno.test("the same seed gives the same file, another seed another", async () => {
  const files = await Promise.all(
    [1, 1, 2].map(async (seed) => (await train({ ...small, epochs: 2, seed })).networks[0].bytes),
  );
  assertEquals(files[0], files[1]);
  assert(files[0].some((byte, i) => byte !== files[2][i]));
});

Deno.test("a network learns the same alone and beside others, and the trainer does not notice them", async () => {
  const alone = await train({ ...small, epochs: 2 });
  const beside = await train({
    ...small,
    epochs: 2,
    projections: [...small.projections, { functions: 2, bitsPerFunction: 8 }],
  });
  assertEquals(beside.networks[0].bytes, alone.networks[0].bytes);
  assertEquals(beside.trainer, alone.trainer);
  const learning = await train({ ...small, epochs: 2, lambda: [1, 5, 1], trainerLearns: true });
  const detached = await train({ ...small, epochs: 2, lambda: [1, 5, 1] });
  assert(learning.networks[0].bytes.some((byte, i) => byte !== detached.networks[0].bytes[i]));
});

Deno.test("each network is kept at its best epoch on validation data", async () => {
  const seen: (readonly number[])[] = [];
  const result = await train({
    ...small,
    projectionOptimizer: { learningRate: 0.05 },
    onProgress: (p) => p.validation && seen.push(p.validation),
  });
  assertEquals(seen.length, result.epochs);
  [result.trainer, ...result.networks].forEach(({ bestEpoch, validationAccuracy }, index) => {
    const accuracies = seen.map((epoch) => epoch[index]);
    assertEquals(validationAccuracy, Math.max(...accuracies));
    assertEquals(bestEpoch, accuracies.indexOf(validationAccuracy!) + 1);
  });
});

Deno.test("without validation data the last epoch is kept; patience stops early", async () => {
  const last = await train({ ...small, validation: 0, epochs: 2 });
  assertEquals([last.trainer.bestEpoch, last.trainer.validationAccuracy], [2, null]);
  const patient = await train({ ...small, optimizer: still, projectionOptimizer: still, epochs: 50, patience: 2 });
  assertEquals(patient.epochs, 3);
});

Deno.test("progress tells steps, rate and time left", async () => {
  const events: FitProgress[] = [];
  await train({ ...small, epochs: 3, onProgress: (event) => events.push(event) });
  const ends = events.filter(({ validation }) => validation !== undefined);
  assertEquals(ends.map(({ epoch }) => epoch), [1, 2, 3]);
  const final = ends[2];
  assertEquals([final.step, final.steps, final.secondsLeft], [51, 51, 0]);
  assert(final.examplesPerSecond > 0 && Number.isFinite(final.loss));
});

Deno.test("a training can be aborted", async () => {
  const controller = new AbortController();
  const running = train({ ...small, epochs: 10_000, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 150);
  await assertRejects(() => running, Error, "enough");
});

Deno.test("a loss that is no number stops the training with the step named", async () => {
  const error = await assertRejects(() => train({ ...small, optimizer: { learningRate: 1e30 } }), TrainingError);
  assertStringIncludes(error.message, "in step ");
});

Deno.test("data and options that cannot be trained on are refused", async () => {
  await assertRejects(() => train({ ...small, projections: [] }), TrainingError, "at least one projection network");
  await assertRejects(
    () => train({ ...small, data: { ...data, labelNames: ["0"], labels: data.labels.map(() => 0) } }),
    TrainingError,
    "at least 2 classes",
  );
});
