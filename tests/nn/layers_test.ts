import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import {
  BatchNorm,
  countParameters,
  Dense,
  Dropout,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  LookupTables,
  mlpTrainer,
  Sequential,
  ShapeError,
  square,
  sum,
  Tape,
  tensor,
  zeros,
  zerosInitializer,
} from "../../mod.ts";
import { assertClose } from "../close.ts";

Deno.test("initialisers have their mean, deviation and bound, and depend on the seed alone", () => {
  const inputs = 300, outputs = 100;
  const cases = [
    { fill: heUniform, variance: 2 / inputs, bound: Math.sqrt(6 / inputs) },
    { fill: heNormal, variance: 2 / inputs, bound: Infinity },
    { fill: glorotUniform, variance: 2 / (inputs + outputs), bound: Math.sqrt(6 / (inputs + outputs)) },
    { fill: glorotNormal, variance: 2 / (inputs + outputs), bound: Infinity },
  ];
  for (const { fill, variance, bound } of cases) {
    const weights = new Float32Array(inputs * outputs), again = new Float32Array(inputs * outputs);
    fill(weights, { inputs, outputs, seed: 5 });
    fill(again, { inputs, outputs, seed: 5 });
    assertEquals(weights, again);
    fill(again, { inputs, outputs, seed: 6 });
    assertNotEquals(weights[0], again[0]);
    const mean = weights.reduce((a, b) => a + b) / weights.length;
    const spread = weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length;
    assertLess(Math.abs(mean), 4 * Math.sqrt(variance / weights.length));
    assertLess(Math.abs(spread / variance - 1), 0.03);
    assert(weights.every((w) => Math.abs(w) <= bound));
  }
  const ones = new Float32Array(3).fill(1);
  zerosInitializer(ones);
  assertEquals(Array.from(ones), [0, 0, 0]);
});

Deno.test("Dense computes x·w + b, in float and as it will be stored", () => {
  const layer = new Dense({ inputs: 2, outputs: 2, seed: 1 });
  layer.weights.data.set([1, -2, 3, 4]);
  layer.bias.data.set([10, 20]);
  assertEquals(Array.from(layer.forward(tensor([[1, 1], [0, 2]])).data), [14, 22, 16, 28]);
  const ternary = new Dense({ inputs: 2, outputs: 2, seed: 1, precision: "ternary", relu: true });
  ternary.weights.data.set([1, -2, 0.1, -4]);
  assertClose(ternary.forward(tensor([[1, 1], [1, -1]])).data, [1, 0, 1, 4], { absolute: 1e-6 });
  assertThrows(() => layer.forward(tensor([[1, 2, 3]])), ShapeError, "linear: x [1, 3]");
});

Deno.test("Sequential chains layers and counts parameters; the paper's trainer has 2,797,010", () => {
  const widths = [784, 1000, 1000, 1000, 10];
  const layers = widths.slice(1).map((outputs, i) => new Dense({ inputs: widths[i], outputs, relu: i < 3, seed: i }));
  const model = new Sequential(layers);
  assertEquals(countParameters(model), 2_797_010);
  assertEquals(model.forward(zeros([2, 784])).shape, [2, 10]);
});

Deno.test("Dropout drops in training only, other entries in each step", () => {
  const layer = new Dropout(0.5, 7);
  const x = tensor(new Float32Array(1000).fill(1), { shape: [10, 100] });
  assertEquals(layer.forward(x), x);
  const first = layer.forward(x, { training: true, step: 1 }), second = layer.forward(x, { training: true, step: 2 });
  const kept = first.data.filter((value) => value === 2).length;
  assertEquals(first.data.filter((value) => value === 0).length, 1000 - kept);
  assertLess(Math.abs(kept - 500), 80);
  assertNotEquals(Array.from(first.data), Array.from(second.data));
});

Deno.test("layers of neighbouring seeds share no weights, and a seed out of range is refused", () => {
  const layer = (seed: number, index: number) =>
    mlpTrainer({ inputs: 8, classes: 8, hidden: [8, 8], seed }).parameters[2 * index].data;
  for (const [a, b] of [[layer(1, 1), layer(2, 0)], [layer(1, 0), layer(1, 1)], [layer(1, 0), layer(2, 0)]]) {
    assert(a.every((weight, i) => weight !== b[i]));
  }
  for (const seed of [-1, 2 ** 32, NaN, 0.5]) {
    assertThrows(() => new Dense({ inputs: 1, outputs: 1, seed }), RangeError, "seed");
  }
});

Deno.test("BatchNorm: gain and bias that are fixed are no parameters and take no gradient", () => {
  const fixed = new BatchNorm({ channels: 2, gain: 3, fixed: true }), trained = new BatchNorm({ channels: 2, gain: 3 });
  assertEquals([fixed.parameters.length, trained.parameters.length, fixed.state.length], [0, 2, 3]);
  const gradients = [fixed, trained].map((layer) => {
    const x = tensor([[1, 2], [3, 5], [4, 9]], { requiresGradient: true });
    const tape = new Tape();
    tape.backward(tape.record(() => sum(square(layer.forward(x, { training: true, step: 1 })))));
    return x.gradient;
  });
  assertEquals(gradients[0], gradients[1]);
  assertEquals(fixed.gain.gradient, null);
});

Deno.test("BatchNorm normalises by the batch in training, and by running averages outside it", () => {
  const layer = new BatchNorm({ channels: 2, gain: 3, momentum: 0.75, name: "norm" });
  assertEquals(layer.parameters.map(({ name }) => name), ["norm.gain", "norm.bias"]);
  layer.bias.data.set([10, 20]);
  const training = { training: true, step: 1 };
  assertClose(layer.forward(tensor([[1, 4], [3, 8]]), training).data, [7, 17, 13, 23], { absolute: 1e-4 });
  assertClose(layer.mean.data, [2, 6], { absolute: 1e-6 });
  assertClose(layer.variance.data, [1, 4], { absolute: 1e-6 });
  // The second batch counts as much as the first; from the fourth on each counts a quarter.
  layer.forward(tensor([[4, 6], [4, 6]]), training);
  assertClose(layer.mean.data, [3, 6], { absolute: 1e-6 });
  assertClose(layer.variance.data, [0.5, 2], { absolute: 1e-6 });
  for (let batch = 0; batch < 3; batch++) layer.forward(tensor([[3, 6]]), training);
  assertClose(layer.variance.data, [0.25 * 0.75, 0.75], { absolute: 1e-6 });
  layer.mean.data.set([3, 6]);
  layer.variance.data.set([4, 1]);
  assertClose(layer.forward(tensor([[5, 6], [1, 7]])).data, [13, 20, 7, 23], { absolute: 1e-3 });
  const { factors, offsets } = layer.affine();
  assertClose(factors, [1.5, 3], { absolute: 1e-4 });
  assertClose(offsets, [5.5, 2], { absolute: 1e-3 });
  assertEquals(layer.state.slice(0, 2), [layer.mean, layer.variance]);
  assertEquals([...layer.state[2].data], [5]);
  assertEquals(new Sequential([layer, new Dropout(0.5, 1)]).state, layer.state);
  const clipped = new BatchNorm({ channels: 1, relu: true });
  assertClose(clipped.forward(tensor([[-1], [1]]), training).data, [0, 1], { absolute: 1e-4 });
  assertThrows(() => layer.forward(tensor([[1, 2, 3]]), training), ShapeError, "batchNorm: x [1, 3]");
  assertThrows(() => layer.forward(zeros([0, 2]), training), ShapeError, "at least one row");
  const pixels = new BatchNorm({ channels: 2, epsilon: 0 });
  assertClose(pixels.forward(tensor([[[[1, 10]], [[3, 30]]]]), training).data, [-1, -1, 1, 1], { absolute: 1e-6 });
  assertClose(pixels.forward(tensor([[2, 50]])).data, [0, 3], { absolute: 1e-5 });
});

Deno.test("lookup tables: the rows that the bits select are added up, with the bias and ReLU", () => {
  const layer = new LookupTables({ tables: 2, bitsPerTable: 2, outputs: 2, seed: 1 });
  assertEquals(layer.weights.shape, [8, 2]);
  assertEquals(countParameters(layer), 18);
  layer.weights.data.set([0, 1, 10, 11, 20, 21, 30, 31, 400, 401, 500, 501, 600, 601, 700, 701]);
  layer.bias.data.set([-600, 0.5]);
  // Table 0 is read at 1 (its first bit is the lowest), table 1 at 2; then 0 and 3.
  const bits = tensor([[1, -1, -1, 1], [-1, -1, 1, 1]]);
  assertEquals(Array.from(layer.forward(bits).data), [10, 612.5, 100, 702.5]);
  assertThrows(() => layer.forward(tensor([[1, -1, 1]])), ShapeError, "[rows, 4] was wanted, [1, 3] found");
  const clipped = new LookupTables({
    tables: 1,
    bitsPerTable: 1,
    outputs: 2,
    relu: true,
    precision: "ternary",
    seed: 1,
  });
  clipped.weights.data.set([2, -2, 0.25, 2]);
  assertEquals(Array.from(clipped.forward(tensor([[-1], [1]])).data), [2, 0, 0, 2]);
});
