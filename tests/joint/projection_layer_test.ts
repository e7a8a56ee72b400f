import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import {
  crossEntropy,
  Dense,
  multiply,
  type ProjectionLayerOptions,
  Region,
  Sequential,
  Sgd,
  ShapeError,
  sum,
  Tape,
  tensor,
  TrainingError,
} from "../../mod.ts";
import { ProjectionLayer } from "../../lib/joint/mod.ts";
import { prepareProjection } from "../../lib/projection/mod.ts";
import { rowReference, testNumbers } from "../projection/reference.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

const image = { width: 4, height: 3, channels: 2 };
const base: ProjectionLayerOptions = { features: 24, image, functions: 5, bitsPerFunction: 3, seed: 7 };
const kinds: Partial<ProjectionLayerOptions>[] = [
  {},
  { family: "sign" },
  { family: "taps", taps: 5 },
  { family: "patch" },
  { family: "hadamard" },
];

Deno.test("a layer cut at zero gives the bits of the packed projection, whatever the scale of what it reads", () => {
  const next = testNumbers(3);
  for (const kind of kinds) {
    const layer = new ProjectionLayer({ ...base, ...kind, thresholds: "zero" });
    const projection = prepareProjection(layer.projection);
    const values = new Int32Array(layer.bits);
    let set = 0;
    for (let sample = 0; sample < 10; sample++) {
      const bytes = Array.from({ length: 24 }, () => Math.floor(next() * 256));
      projection.project(bytes, values);
      // A sum of 0 may be a little off in float32.
      for (const unit of [1, 1 / 64]) {
        const { data } = layer.forward(tensor([bytes.map((byte) => byte * unit)]));
        values.forEach((value, k) => value !== 0 && assertEquals(data[k], value > 0 ? 1 : -1));
      }
      set += values.filter((value) => value > 0).length;
    }
    assert(set > 20 && set < 130, `${set}`);
    assertEquals([layer.parameters, layer.state], [[], []]);
  }
});

Deno.test("a layer cut at the mean splits each batch in training and uses running averages outside it", () => {
  const next = testNumbers(4);
  const layer = new ProjectionLayer({ ...base, functions: 40 });
  const x = tensor(Array.from({ length: 64 }, () => Array.from({ length: 24 }, () => 5 + next())));
  const trained = layer.forward(x, { training: true, step: 1 });
  assertEquals(trained.shape, [64, 120]);
  for (let k = 0; k < 120; k++) {
    let set = 0;
    for (let row = 0; row < 64; row++) set += Number(trained.data[row * 120 + k] > 0);
    assert(set > 12 && set < 52, `bit ${k} is set in ${set} of 64 rows`);
  }
  // After one batch the averages are its moments.
  assertEquals(layer.forward(x).data, trained.data);
  const far = tensor([new Array(24).fill(50)]);
  layer.forward(x, { training: true, step: 2 });
  const before = [...layer.state.map(({ data }) => [...data])];
  layer.forward(far);
  assertEquals([...layer.state.map(({ data }) => [...data])], before);
});

/** The surrogate whose derivative the layer passes on: sum of g * clip(v, -1, 1) over its normalised values v, in double precision. */
function surrogate(rows: number[][], directions: number[][], weights: number[][], centred: boolean): number {
  let total = 0;
  directions.forEach((direction, k) => {
    const length = Math.hypot(...direction);
    const values = rows.map((row) => row.reduce((sum, x, i) => sum + x * direction[i] / length, 0));
    const mean = centred ? values.reduce((a, b) => a + b) / values.length : 0;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    values.forEach((v, i) => {
      total += weights[i][k] * Math.max(-1, Math.min(1, (v - mean) / Math.sqrt(variance + 1e-5)));
    });
  });
  return total;
}

Deno.test("the gradient is that of the clipped values, against numeric differences of an independent version", () => {
  const next = testNumbers(5);
  const draw = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => next() * 2 - 1));
  for (const kind of kinds) {
    const layer = new ProjectionLayer({ ...base, ...kind });
    const rows = draw(6, 24), weights = draw(6, layer.bits);
    const directions = Array.from({ length: layer.bits }, (_, k) => {
      if (layer.projection.family !== "hadamard") return rowReference(layer.projection, k);
      const { project, bits } = prepareProjection(layer.projection), values = new Int32Array(bits);
      return Array.from({ length: 24 }, (_, i) => {
        project(Array.from({ length: 24 }, (_, j) => Number(i === j)), values);
        return values[k];
      });
    });
    const x = tensor(rows, { requiresGradient: true });
    const tape = new Tape();
    tape.backward(tape.record(() => sum(multiply(layer.forward(x, { training: true, step: 1 }), tensor(weights)))));
    const h = 1e-6;
    const numeric = rows.flatMap((row, i) =>
      row.map((value, j) => {
        const at = (shift: number): number =>
          surrogate(rows.with(i, row.with(j, value + shift)), directions, weights, true);
        return (at(h) - at(-h)) / (2 * h);
      })
    );
    assertClose(x.gradient!, numeric, { absolute: 2e-4, relative: 1e-3, message: JSON.stringify(kind) });

    // At zero the scale is no function of x: its part of the difference is left out by taking it at x itself.
    const zero = new ProjectionLayer({ ...base, ...kind, thresholds: "zero" });
    const y = tensor(rows, { requiresGradient: true });
    const second = new Tape();
    second.backward(second.record(() => sum(multiply(zero.forward(y, { training: true, step: 1 }), tensor(weights)))));
    const expected = rows.map((row) => row.map(() => 0));
    directions.forEach((direction, k) => {
      const length = Math.hypot(...direction);
      const values = rows.map((row) => row.reduce((sum, x, i) => sum + x * direction[i] / length, 0));
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length + 1e-5);
      values.forEach((v, i) => {
        if (Math.abs(v) > deviation) return;
        direction.forEach((entry, j) => expected[i][j] += weights[i][k] * entry / length / deviation);
      });
    });
    assertClose(y.gradient!, expected.flat(), { absolute: 1e-4, relative: 1e-4, message: JSON.stringify(kind) });
  }
});

Deno.test("layers stand between the layers of a network: bits, hidden values, bits, logits", () => {
  const data = blobs(256);
  using region = new Region();
  const network = region.run(() =>
    new Sequential([
      new ProjectionLayer({ features: 64, functions: 96, seed: 1 }),
      new Dense({ inputs: 96, outputs: 24, relu: true, seed: 2 }),
      new ProjectionLayer({ features: 24, functions: 64, seed: 3 }),
      new Dense({ inputs: 64, outputs: 4, seed: 4 }),
    ])
  );
  const first = network.parameters[0].data.slice();
  const optimizer = region.run(() => new Sgd(network.parameters, { learningRate: 0.1, momentum: 0.9 }));
  const x = tensor(Float32Array.from(data.features, (byte) => byte / 128 - 1), { shape: [256, 64] });
  const step = new Region();
  const losses = Array.from({ length: 40 }, (_, i) =>
    step.run(() => {
      const tape = new Tape();
      const loss = tape.record(() => crossEntropy(network.forward(x, { training: true, step: i }), data.labels));
      tape.backward(loss);
      optimizer.step();
      step.reset();
      return loss.item();
    }));
  step[Symbol.dispose]();
  assertLess(losses[39], 0.1);
  // The layer below the second projection has learned too.
  assertLess(0.1, network.parameters[0].data.reduce((most, value, i) => Math.max(most, Math.abs(value - first[i])), 0));
  const { data: logits } = network.forward(x);
  let correct = 0;
  for (let row = 0; row < 256; row++) {
    const own = logits.subarray(4 * row, 4 * row + 4);
    correct += Number(own.indexOf(Math.max(...own)) === data.labels[row]);
  }
  assertLess(240, correct);
});

Deno.test("what a layer cannot be or read is refused", () => {
  assertThrows(() => new ProjectionLayer({ ...base, family: "conv" }), TrainingError, "no gradient");
  assertThrows(() => new ProjectionLayer({ ...base, functions: 0 }), TrainingError, "functions");
  const layer = new ProjectionLayer(base);
  for (const x of [tensor([[1, 2]]), tensor(new Array(24).fill(1)), tensor([new Array(25).fill(0)])]) {
    const error = assertThrows(() => layer.forward(x), ShapeError);
    assertStringIncludes(error.message, "rows of 24 values were wanted");
  }
  assertEquals(layer.forward(tensor(new Float32Array(48), { shape: [2, 3, 4, 2] })).shape, [2, 15]);
  assertEquals(layer.forward(tensor(new Float32Array(0), { shape: [0, 24] })).shape, [0, 15]);
  assertEquals(layer.forward(tensor([new Array(24).fill(NaN)])).data.every(Number.isNaN), true);
});
