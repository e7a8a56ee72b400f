import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  Adam,
  AveragePool,
  BatchNorm,
  Conv2d,
  countParameters,
  Dense,
  fit,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  Region,
  Residual,
  Sequential,
  ShapeError,
  standardize,
  sum,
  Tape,
  tensor,
  ToImages,
  zeros,
} from "../../mod.ts";
import { quantizeColumns } from "../../lib/autodiff/mod.ts";
import { measureTrainer } from "../../lib/joint/fit.ts";
import { blobs } from "../joint/fixtures.ts";

Deno.test("layers of a convolutional network: shapes, parameters and state", () => {
  const network = new Sequential([
    new ToImages({ height: 6, width: 8, channels: 2 }),
    new Conv2d({ inputs: 2, outputs: 4, kernel: 3, padding: "same", seed: 1 }),
    new BatchNorm({ channels: 4 }),
    new MaxPool({ size: 2 }),
    new Conv2d({ inputs: 4, outputs: 5, kernel: 2, stride: 1, relu: true, seed: 2 }),
    new AveragePool({ size: 2, stride: 1 }),
  ]);
  assertEquals(network.forward(zeros([3, 96])).shape, [3, 1, 2, 5]);
  assertEquals(new Sequential([network, new Flatten()]).forward(zeros([3, 96])).shape, [3, 10]);
  assertEquals(new Sequential([network, new GlobalAveragePool()]).forward(zeros([3, 96])).shape, [3, 5]);
  assertEquals(countParameters(network), 9 * 2 * 4 + 4 + 8 + 4 * 4 * 5 + 5);
  assertEquals(network.state.map(({ shape }) => shape), [[4], [4], [1]]);
  assertThrows(() => network.forward(zeros([3, 95])), ShapeError, "reshape: [3, 95]");
  assertThrows(
    () => new Conv2d({ inputs: 3, outputs: 1, kernel: 1, seed: 1 }).forward(zeros([1, 2, 2, 2])),
    ShapeError,
  );
});

Deno.test("Conv2d: a kernel moves over the image; its first weights have He's deviation", () => {
  const layer = new Conv2d({ inputs: 1, outputs: 1, kernel: 2, seed: 1 });
  layer.weights.data.set([1, 10, 100, 1000]);
  layer.bias.data.set([0.5]);
  const image = tensor([[[[1], [2], [3]], [[4], [5], [6]]]]);
  assertEquals(Array.from(layer.forward(image).data), [5421.5, 6532.5]);
  const { data } = new Conv2d({ inputs: 20, outputs: 40, kernel: 5, seed: 1 }).weights;
  const variance = data.reduce((sum, weight) => sum + weight ** 2, 0) / data.length;
  assertLess(Math.abs(variance * 500 / 2 - 1), 0.05);
});

Deno.test("Conv2d: weights are trained as they are stored when a precision is asked for", () => {
  const options = { inputs: 2, outputs: 3, kernel: 2, seed: 4 };
  const rounded = new Conv2d({ ...options, precision: "ternary" }), plain = new Conv2d(options);
  const x = tensor(Array.from({ length: 24 }, (_, i) => Math.sin(i)), { shape: [1, 3, 4, 2] });
  const { levels, scales } = quantizeColumns(plain.weights.data, { columns: 3, precision: "ternary" });
  plain.weights.data.forEach((_, i) => plain.weights.data[i] = levels[i] * scales[i % 3]);
  assertEquals(rounded.forward(x).data, plain.forward(x).data);
  plain.precision = "ternary";
  assertEquals(rounded.forward(x).data, plain.forward(x).data);
});

Deno.test("Residual adds what it reads, passes gradients both ways and shows what is trained in its body", () => {
  const body = new Conv2d({ inputs: 1, outputs: 1, kernel: 1, seed: 1 });
  body.weights.data.set([-3]);
  const x = tensor([[[[1], [-2]]]], { requiresGradient: true });
  assertEquals(Array.from(new Residual(body).forward(x).data), [-2, 4]);
  const clipped = new Residual(new Sequential([body, new BatchNorm({ channels: 1, epsilon: 0 })]), { relu: true });
  assertEquals(Array.from(clipped.forward(x).data), [0, 4]);
  assertEquals([clipped.parameters.length, clipped.state.length, new Residual(body).state], [4, 3, []]);
  const tape = new Tape();
  tape.backward(tape.record(() => sum(new Residual(body).forward(x))));
  assertEquals(Array.from(x.gradient!), [-2, -2]);
  assertThrows(
    () => new Residual(new Conv2d({ inputs: 1, outputs: 3, kernel: 2, seed: 1 })).forward(zeros([1, 3, 3, 1])),
    ShapeError,
  );
});

Deno.test("GlobalAveragePool and Flatten keep the images apart", () => {
  const x = tensor([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]);
  assertEquals(new GlobalAveragePool().forward(x).toArray(), [[2, 3], [6, 7]]);
  assertEquals(new Flatten().forward(x).toArray(), [[1, 2, 3, 4], [5, 6, 7, 8]]);
});

Deno.test("a convolutional network with batch normalisation learns, and its best epoch comes back with its running moments", async () => {
  using region = new Region();
  const data = blobs(400), test = blobs(200, { seed: 2 });
  const norm = region.run(() => new BatchNorm({ channels: 6 }));
  const network = region.run(() =>
    new Sequential([
      new ToImages({ height: 8, width: 8, channels: 1 }),
      new Conv2d({ inputs: 1, outputs: 6, kernel: 3, padding: "same", seed: 1 }),
      norm,
      new MaxPool({ size: 2 }),
      new Flatten(),
      new Dense({ inputs: 96, outputs: 4, seed: 2 }),
    ])
  );
  const optimizer = region.run(() => new Adam(network.parameters, { learningRate: 0.01 }));
  const rows = standardize(data);
  const held = { count: test.count, labels: test.labels, features: rows(test), codes: [] };
  const moments: number[][] = [], accuracies: number[] = [];
  const { trainer } = await fit(network, {
    training: { count: data.count, labels: data.labels, features: rows(data), codes: [] },
    validation: held,
    networks: [],
    optimizers: [optimizer],
    epochs: 4,
    batchSize: 32,
    seed: 1,
    onProgress({ validation }): void {
      if (validation === undefined) return;
      accuracies.push(validation[0]);
      moments.push(Array.from(norm.state[0].data));
    },
  });
  assert(trainer.validationAccuracy! > 0.95, `${accuracies}`);
  assertEquals(Array.from(norm.state[0].data), moments[trainer.bestEpoch - 1]);
  assertEquals(measureTrainer(network, held), trainer.validationAccuracy);
});
