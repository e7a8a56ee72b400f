import { assertEquals, assertGreaterOrEqual, assertNotEquals } from "@std/assert";
import { countParameters, splitDataset, standardize, train, zeros } from "../../mod.ts";
import { cnnTrainer, usualChannels } from "../../lib/joint/cnn_trainer.ts";
import { measureTrainer } from "../../lib/joint/fit.ts";
import { blobs } from "./fixtures.ts";

Deno.test("channels that suit an image double with each halving of its shorter side", () => {
  const channels = (width: number, height: number) => usualChannels({ width, height });
  assertEquals(channels(28, 28), [24, 48, 96]);
  assertEquals(channels(32, 40), [24, 48, 96, 192]);
  assertEquals(channels(300, 256), [24, 48, 96, 192, 384, 384, 384]);
  assertEquals([channels(1, 9), channels(4, 4), channels(8, 7)], [[24], [24], [24]]);
  const image = { width: 8, height: 8, channels: 1 };
  assertEquals(cnnTrainer({ image, classes: 2, seed: 1 }).stages.map(({ shape }) => shape), [
    [4, 4, 24],
    [2, 2, 48],
    [2],
  ]);
});

Deno.test("a convolutional trainer halves the image in each block while it can", () => {
  const image = { width: 10, height: 5, channels: 3 };
  const network = cnnTrainer({ image, classes: 7, hidden: [4, 6, 8], dropout: 0.5, seed: 1 });
  // 5×10 → 2×5 → 1×2, which is not halved again.
  const convolutions = [[3, 4], [4, 4], [4, 6], [6, 6], [6, 8], [8, 8]];
  const wanted = convolutions.reduce((sum, [inputs, outputs]) => sum + 9 * inputs * outputs + 3 * outputs, 0);
  assertEquals(countParameters(network), wanted + 2 * 8 * 7 + 7);
  assertEquals(network.forward(zeros([2, 150])).shape, [2, 7]);
  assertEquals(new Set(network.parameters.map(({ name }) => name)).size, network.parameters.length);
  const weights = (seed: number) => cnnTrainer({ image, classes: 2, hidden: [4], seed }).parameters[0].data;
  assertEquals(weights(1), weights(1));
  assertNotEquals(weights(1)[0], weights(2)[0]);
});

Deno.test("joint training with a convolutional trainer; its state in an equal network gives its accuracy", async () => {
  const data = blobs(400), test = blobs(200, { seed: 2 });
  const { trainer, networks } = await train({
    data,
    test,
    trainer: { kind: "cnn", hidden: [4, 8], dropout: 0.1 },
    projections: [{ functions: 12, bitsPerFunction: 8 }],
    epochs: 4,
    batchSize: 32,
    optimizer: { learningRate: 0.01 },
  });
  assertGreaterOrEqual(trainer.testAccuracy!, 0.95);
  assertGreaterOrEqual(networks[0].test!.accuracy, 0.85);
  const image = { width: 8, height: 8, channels: 1 };
  const copy = cnnTrainer({ image, classes: 4, hidden: [4, 8], seed: 9 });
  [...copy.parameters, ...copy.state].forEach((tensor, index) => {
    assertEquals([tensor.name, tensor.shape], [trainer.state[index].name, trainer.state[index].shape]);
    tensor.data.set(trainer.state[index].data);
  });
  const { train: training } = splitDataset(data, { fraction: 0.1, seed: 1 });
  const rows = { count: test.count, labels: test.labels, features: standardize(training)(test), codes: [] };
  assertEquals(measureTrainer(copy, rows), trainer.testAccuracy);
});
