import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  Dense,
  fit,
  type FitOptions,
  type FitProgress,
  InputError,
  mlpTrainer,
  type Module,
  Sgd,
  splitDataset,
  standardize,
  train,
  TrainingError,
  type TrainOptions,
  zeros,
} from "../../mod.ts";
import { parseTable } from "../../lib/data/table.ts";
import { measureTrainer } from "../../lib/joint/fit.ts";
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
      { functions: 12, bitsPerFunction: 8, family: "sign", hidden: 12, head: "ternary", lambda: [1, 0] },
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

Deno.test("networks that differ in their heads only share a code, and are the same as alone", async () => {
  const code = { functions: 12, family: "taps", taps: 5, select: { pool: 40 } } as const;
  const projections = [
    { ...code, head: "ternary" as const },
    { ...code, head: "int8" as const, hidden: 5 },
    { ...code, select: { pool: 40, by: "prune" as const }, head: "int8" as const },
  ];
  let selections = 0;
  const { networks } = await train({
    ...small,
    epochs: 2,
    projections,
    onSelect: ({ chosen }) => selections += Number(chosen === 1),
  });
  assertEquals(selections, 1);
  assertNotEquals(networks[2].model.projection.selection, networks[1].model.projection.selection);
  for (const [index, projection] of projections.entries()) {
    const alone = await train({ ...small, epochs: 2, projections: [projection] });
    assertEquals(alone.networks[0].bytes, networks[index].bytes);
  }
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

Deno.test("the running averages of a normalised head are those of the epoch that is kept", async () => {
  const validation = blobs(150, { seed: 3 });
  const result = await train({
    ...small,
    validation,
    test: validation,
    projections: [{ functions: 12, bitsPerFunction: 8, normalize: true }],
    projectionOptimizer: { learningRate: 0.05 },
  });
  const [network] = result.networks;
  assertNotEquals(network.bestEpoch, result.epochs);
  assertEquals(network.test!.accuracy, network.validationAccuracy);
});

Deno.test("dropout of the code and the ternary threshold change what is learned", async () => {
  const files = [];
  for (const options of [{}, { dropout: 0.3 }, { ternaryThreshold: 1.5 }]) {
    const projections = [{ functions: 12, bitsPerFunction: 8, head: "ternary" as const, ...options }];
    const { networks: [network] } = await train({ ...small, epochs: 2, projections });
    files.push(network.model.head[0].weights as Int8Array);
  }
  const zeros = files.map((weights) => weights.filter((weight) => weight === 0).length);
  assertNotEquals(files[0], files[1]);
  assertGreaterOrEqual(zeros[2], zeros[0] + 50);
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

Deno.test("λ1 weighs the trainer's loss whatever the projection networks' own λs are", async () => {
  const without = await train({ ...small, epochs: 2, lambda: [0, 0.1, 1] });
  const fresh = await train({ ...small, epochs: 1, optimizer: still, lambda: [0, 0.1, 1] });
  assertEquals(without.trainer.state, fresh.trainer.state);
  const own = await train({ ...small, epochs: 2, projections: [{ ...small.projections[0], lambda: [0.1, 1] }] });
  assertEquals(own.trainer, (await train({ ...small, epochs: 2 })).trainer);
});

Deno.test("the trained trainer comes out: its state in an equal network gives its accuracy", async () => {
  const { trainer } = await train({ ...small, epochs: 3 });
  const copy = mlpTrainer({ inputs: 64, classes: 4, hidden: [16], seed: 9 });
  trainer.state.forEach(({ name, shape, data }, index) => {
    assertEquals([name, shape], [copy.parameters[index].name, copy.parameters[index].shape]);
    copy.parameters[index].data.set(data);
  });
  const { train: training } = splitDataset(data, { fraction: 0.1, seed: 1 });
  const rows = { count: test.count, labels: test.labels, features: standardize(training)(test), codes: [] };
  assertEquals(measureTrainer(copy, rows), trainer.testAccuracy);
});

Deno.test("a signal that is aborted already stops even a short training, and learning rates are put back", async () => {
  const aborted = AbortSignal.abort(new Error("before"));
  await assertRejects(() => train({ ...small, epochs: 1, signal: aborted }), Error, "before");
  const trainer = mlpTrainer({ inputs: 64, classes: 4, hidden: [4], seed: 1 });
  const optimizer = new Sgd(trainer.parameters, { learningRate: 0.01 });
  const training = { count: data.count, labels: data.labels, features: standardize(data)(data), codes: [] };
  const controller = new AbortController();
  await assertRejects(() =>
    fit(trainer, {
      training,
      networks: [],
      optimizers: [optimizer],
      epochs: 3,
      batchSize: 32,
      seed: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
  );
  assertEquals(optimizer.learningRate, 0.01);
});

Deno.test("a parameter that is no number after the last step is found", async () => {
  const broken = {
    ...small,
    validation: 0,
    batchSize: 600,
    epochs: 1,
    projectionOptimizer: { learningRate: 1e38, weightDecay: 1e38 },
  };
  await assertRejects(() => train(broken), TrainingError, "in step 1");
});

Deno.test("data and options that cannot be trained on are refused before training, by name", async () => {
  const shuffled = { ...test, labelNames: ["1", "0", "2", "3"] };
  const refused: [Partial<TrainOptions>, string][] = [
    [{ projections: [] }, "at least one projection network"],
    [{ data: { ...data, labelNames: ["0"], labels: data.labels.map(() => 0) } }, "at least 2 classes"],
    [{ data: { ...data, labelNames: ["0", "1"] } }, "is not one of its 2 classes"],
    [{ data: { ...data, count: 0 } }, "data: at least one row"],
    [{ test: { ...test, count: 0 } }, "test: at least one row"],
    [{ test: { ...test, featureLength: 32 } }, "test: 64 features a row were wanted, 32 found"],
    [{ test: shuffled }, "test: class 0 of blobs is 1 where 0 was wanted"],
    [{ validation: shuffled }, "validation: class 0"],
    [{ validation: 1 }, "validation: a data set or a part"],
    [{ data: blobs(5, { classes: 4 }), validation: 0.01 }, "validation 0 trains without"],
    [{ epochs: 0 }, "epochs"],
    [{ epochs: NaN }, "epochs"],
    [{ epochs: 1.5 }, "epochs"],
    [{ batchSize: 0 }, "batchSize"],
    [{ patience: NaN }, "patience"],
    [{ patience: 1, validation: 0 }, "patience: needs validation data"],
    [{ lambda: [1, -1, 1] }, "lambda"],
    [{ temperature: 0 }, "temperature"],
    [{ trainer: { hidden: [0] } }, "trainer.hidden"],
    [{ projections: [{ functions: 2, bitsPerFunction: 2, hidden: 0 }] }, "hidden of projection network 0"],
    [{ projections: [{ functions: 2, select: { pool: NaN } }] }, "select.pool of projection network 0"],
    [{ projections: [{ functions: 2, conv: { quantile: 2 } }] }, "conv.quantile of projection network 0"],
    [
      { projections: [{ functions: 2, conv: { quantile: [0.9, 0.5] } }] },
      "or two in ascending order, was wanted, 0.9,0.5",
    ],
    [{ projections: [{ functions: 2, dropout: 1 }] }, "dropout of projection network 0"],
    [{ projections: [{ functions: 2, ternaryThreshold: -1 }] }, "ternaryThreshold of projection network 0"],
    [{ projections: [{ functions: 2, family: "sign", taps: 3 }] }, "taps: is for the family taps only"],
    [
      { projections: [{ functions: 2, patch: { smallest: 1, largest: 2 } }] },
      "patch: is for the family patch only, and the family is gaussian",
    ],
    [{ projections: [{ functions: 2, family: "patch", conv: { cell: 2 } }] }, "conv: is for the family conv only"],
    [{ projections: [{ functions: 2, normalize: true }], batchSize: 1 }, "normalize: batches of at least 2 rows"],
    [{ projections: [{ functions: 2, head: "int8", ternaryThreshold: 1 }] }, "ternaryThreshold: is for ternary"],
    [{ seed: -1 }, "seed"],
  ];
  for (const [options, message] of refused) {
    await assertRejects(() => train({ ...small, ...options }), TrainingError, message);
  }
  const wide = parseTable(new TextEncoder().encode("1,2,a\n3,4,b\n5,6,a\n7,8,b\n1,1,a\n9,9,b"), { file: "t.csv" });
  const odd = { ...wide, features: Float32Array.from(wide.features, (value, i) => i === 3 ? NaN : value) };
  let began = false;
  await assertRejects(
    () => train({ ...small, data: wide, validation: 0, test: odd, onProgress: () => began = true }),
    InputError,
  );
  assertEquals(began, false);
});

/** A trainer network, and a head whose codes tell nothing. */
function blindFit(): { trainer: Module; head: Dense; options: FitOptions } {
  const trainer = mlpTrainer({ inputs: 64, classes: 4, hidden: [4], seed: 1 });
  const head = new Dense({ inputs: 8, outputs: 4, seed: 2, name: "head" });
  const optimizer = new Sgd([...trainer.parameters, ...head.parameters], { learningRate: 0.01 });
  const training = {
    count: data.count,
    labels: data.labels,
    features: standardize(data)(data),
    codes: [new Uint8Array(600)],
  };
  const options: FitOptions = {
    training,
    networks: [{
      head,
      codeBytes: 1,
      gather: (_, rows) => zeros([rows.length, 8]),
      lambda: [0.1, 1],
    }],
    optimizers: [optimizer],
    epochs: 1,
    batchSize: 32,
    seed: 1,
  };
  return { trainer, head, options };
}

Deno.test("a network is told of each step, and kept from where it is settled on", async () => {
  const { trainer, head, options } = blindFit();
  const told: number[] = [];
  const network = { ...options.networks[0], settledFrom: 0.6, prepareStep: (progress: number) => told.push(progress) };
  const optimizers = [new Sgd([...trainer.parameters, ...head.parameters], { learningRate: 1e-9 })];
  const fitted = { ...options, networks: [network], optimizers, validation: options.training };
  const result = await fit(trainer, { ...fitted, epochs: 5, patience: 1 });
  assertEquals(told, Array.from({ length: 19 * 4 }, (_, step) => step / (19 * 5)));
  assertEquals([result.trainer.bestEpoch, result.networks[0].bestEpoch, result.epochs], [1, 3, 4]);
  assertEquals((await fit(trainer, { ...fitted, epochs: 1 })).networks[0].bestEpoch, 1);
});

Deno.test("fit refuses parts that do not belong together", async () => {
  const { trainer, options } = blindFit(), { training } = options;
  const refused: [Partial<FitOptions>, string][] = [
    [
      { optimizers: [new Sgd(trainer.parameters, { learningRate: 1 })] },
      "none of them changes the parameter head.weights",
    ],
    [{ training: { ...training, codes: [] } }, "codes for 1 projection networks"],
    [{ training: { ...training, codes: [new Uint8Array(7)] } }, "600 bytes of codes"],
    [{ networks: [{ ...options.networks[0], codeBytes: 8 }] }, "4800 bytes of codes"],
    [{ training: { ...training, labels: [1] } }, "600 labels were wanted, 1 found"],
    [{ validation: { ...training, count: 0 } }, "validation: at least one row"],
  ];
  for (const [more, message] of refused) {
    await assertRejects(() => fit(trainer, { ...options, ...more }), TrainingError, message);
  }
  assertEquals((await fit(trainer, options)).epochs, 1);
});
