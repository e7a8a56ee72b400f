import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  Dense,
  fit,
  isTextModel,
  mlpTrainer,
  Sgd,
  tensor,
  train,
  TrainingError,
  type TrainOptions,
} from "../../mod.ts";
import { evaluate } from "../../lib/joint/mod.ts";
import { decodePnet, inspectPnet, loadPnet } from "../../lib/packed/mod.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(500), test = blobs(200, { seed: 2 });
const cnn: TrainOptions = {
  data,
  test,
  trainer: { kind: "cnn", hidden: [4, 6] },
  projectFrom: { stage: "hidden" },
  projections: [{ functions: 40, bitsPerFunction: 2, head: "int8" }],
  epochs: 4,
  batchSize: 25,
  optimizer: { learningRate: 0.01 },
  projectionOptimizer: { learningRate: 0.01 },
};

Deno.test("projections of a cnn's activations: what is reported is what the packed file does, to the last label", async () => {
  const seen: (readonly number[])[] = [];
  const result = await train({
    ...cnn,
    projections: [
      { functions: 40, bitsPerFunction: 2, head: "int8" },
      { functions: 30, family: "patch", hidden: 6, head: ["ternary", "int4"] },
      { functions: 20, thresholds: "zero", head: "table-int4", bitsPerFunction: 3 },
    ],
    onProgress: ({ validation }) => validation && seen.push(validation),
  });
  for (const [index, network] of result.networks.entries()) {
    const model = decodePnet(network.bytes);
    assertEquals(model, network.model);
    assert(!isTextModel(model));
    const kinds = model.trunk?.layers.map(({ kind }) => kind).join();
    assertEquals(kinds, "convolution,largest,convolution,convolution,largest,convolution");
    const found = evaluate(loadPnet(network.bytes), test);
    assertEquals([found.correct, found.confusion], [network.test!.correct, network.test!.confusion]);
    assertGreaterOrEqual(network.test!.accuracy, [0.97, 0.9, 0.9][index]);
    // The epoch that was kept is the one that was packed.
    assertEquals(network.validationAccuracy, seen[network.bestEpoch - 1][index + 1]);
  }
  const [first] = result.networks;
  assertEquals(first.model.projection.features, 2 * 2 * 6);
  assertEquals(first.parameters, 80 * 4 + 4 + (9 * 4 + 4) + (36 * 4 + 4) + (36 * 6 + 6) + (54 * 6 + 6) + 4 * (4 + 6));
  assertEquals(inspectPnet(first.bytes)[2].name, "trunk");
});

Deno.test("the validation accuracy of a network on a trunk is that of the file", async () => {
  const held = blobs(150, { seed: 3 });
  for (const options of [cnn, { ...cnn, augment: { shift: 1 }, epochs: 2 }]) {
    const { networks: [network] } = await train({ ...options, validation: held, test: undefined });
    assertEquals(network.validationAccuracy, evaluate(loadPnet(network.bytes), held).accuracy);
    assertEquals(network.test, null);
  }
});

Deno.test("both losses reach the layers below, and the same seed gives the same file", async () => {
  const options: TrainOptions = {
    ...cnn,
    trainer: { hidden: [24, 16] },
    projectFrom: { stage: "hidden1", precision: "ternary" },
    validation: 0,
    epochs: 3,
  };
  const files = [];
  for (const lambda of [[0, 0, 1], [0, 0, 1], [1, 0, 0]] as const) {
    const { networks: [network], trainer } = await train({ ...options, lambda });
    files.push(network.bytes);
    const trained = lambda[0] === 0 ? network.test!.accuracy : trainer.testAccuracy!;
    assertGreaterOrEqual(trained, 0.9);
    // The other one stands on layers that were made for it by nobody, and its own layers did not learn.
    const other = lambda[0] === 0 ? trainer.testAccuracy! : network.test!.accuracy;
    assertLess(other, 0.8);
  }
  assertEquals(files[0], files[1]);
  const trunks = files.map((bytes) => (decodePnet(bytes) as { trunk?: unknown }).trunk);
  assert(JSON.stringify(trunks[0]) !== JSON.stringify(trunks[2]));
});

Deno.test("a table's columns are quantised before they reach trunk and trainer", async () => {
  const rows = 300;
  const features = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i * i) * [1, 1000, 0.001][i % 3]);
  const labels = Uint16Array.from({ length: rows }, (_, i) => Number(features[3 * i] > features[3 * i + 1] / 1000));
  const table = { ...data, input: { kind: "table" as const, columns: ["a", "b", "c"] }, features, featureLength: 3 };
  const whole = { ...table, name: "waves", count: rows, labels, labelNames: ["no", "yes"] };
  const { networks: [network] } = await train({
    ...cnn,
    ...{ data: whole, test: whole, trainer: { hidden: [16, 16] }, epochs: 12 },
    projectFrom: { stage: "hidden", precision: "int8" },
  });
  assertEquals(evaluate(loadPnet(network.bytes), whole).correct, network.test!.correct);
  assertGreaterOrEqual(network.test!.accuracy, 0.93);
});

Deno.test("what activations cannot be projected is refused before the training", async () => {
  const refused = async (options: Partial<TrainOptions>, wanted: string): Promise<void> => {
    const error = await assertRejects(() => train({ ...cnn, ...options }), TrainingError);
    assertStringIncludes(error.message, wanted);
  };
  const [network] = cnn.projections;
  await refused(
    { projectFrom: { stage: "block3" } },
    "hidden or one of the stages block1, block2 was wanted, block3 found",
  );
  await refused({ projectFrom: { stage: "logits" } }, "logits found");
  await refused({ trainer: { hidden: [] } }, "(none) was wanted, hidden found");
  await refused({ trainer: { kind: "lstm" } }, "with stages was wanted");
  await refused({ projections: [{ ...network, select: { pool: 500 } }] }, "select: rows are chosen before");
  await refused({ projections: [{ functions: 4, family: "conv" }] }, "the family conv counts");
  await refused(
    { projections: [{ ...network, thresholds: "median" }] },
    "mean or zero was wanted for activations, median",
  );
});

Deno.test("fit: a network that reads activations wants a trainer with stages", async () => {
  const dense = new Dense({ inputs: 2, outputs: 2, seed: 1 }), head = new Dense({ inputs: 2, outputs: 2, seed: 2 });
  const x = tensor([[1, 2]]);
  const training = { count: 1, labels: [0], features: { gather: () => x }, codes: [null] };
  const network = {
    head,
    gather: () => x,
    lambda: [0, 1] as const,
    tap: { stage: 0, read: () => x },
  };
  const optimizers = [new Sgd([...dense.parameters, ...head.parameters], { learningRate: 0.1 })];
  const options = { training, networks: [network], optimizers, epochs: 1, batchSize: 1, seed: 1 };
  const error = await assertRejects(() => fit(dense, options), TrainingError);
  assertStringIncludes(error.message, "stage 0, and the trainer network has no stages");
  const staged = mlpTrainer({ inputs: 2, classes: 2, hidden: [2], seed: 1 });
  for (const stage of [-1, 2]) {
    const beyond = [{ ...network, tap: { stage, read: () => x } }];
    const error = await assertRejects(() => fit(staged, { ...options, networks: beyond }), TrainingError);
    assertStringIncludes(error.message, `stage ${stage}, and the trainer network has 2 stages`);
  }
});
