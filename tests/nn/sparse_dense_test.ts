import { assert, assertEquals, assertThrows } from "@std/assert";
import { crossEntropy, quantizeColumns, Tape } from "../../lib/autodiff/mod.ts";
import { Region } from "../../lib/kernels/mod.ts";
import { SparseDense, type TokenLists } from "../../lib/nn/mod.ts";
import { assertClose } from "../close.ts";

const LISTS: TokenLists = { offsets: Int32Array.of(0, 3, 3, 5), ids: Int32Array.of(4, 0, 2, 1, 4) };

Deno.test("SparseDense: the bias and the sums of the named rows, of the weights as they are stored", () => {
  using region = new Region();
  region.run(() => {
    for (const precision of ["float", "int4"] as const) {
      for (const relu of [false, true]) {
        const layer = new SparseDense({ inputs: 5, outputs: 2, seed: 1, relu, precision });
        layer.weights.data.forEach((_, i) => layer.weights.data[i] = Math.sin(i) * 3);
        layer.bias.data.set([0.5, -1]);
        const { levels, scales } = quantizeColumns(layer.weights.data, { columns: 2, precision: "int4" });
        const weight = (k: number, j: number): number =>
          precision === "float" ? layer.weights.data[2 * k + j] : levels[2 * k + j] * scales[j];
        const wanted = [[4, 0, 2], [], [1, 4]].flatMap((list) =>
          [0, 1].map((j) => {
            const sum = list.reduce((sum, k) => sum + weight(k, j), layer.bias.data[j]);
            return relu ? Math.max(0, sum) : sum;
          })
        );
        assertClose(layer.forward(LISTS).data, wanted, { absolute: 1e-5 });
      }
    }
    const layer = new SparseDense({ inputs: 4, outputs: 2, seed: 1 });
    assertThrows(() => layer.forward(LISTS), RangeError, "index 4");
  });
});

Deno.test("SparseDense: behind a ReLU every output passes gradients from the first step on, and inputs never met stay without weight", () => {
  using region = new Region();
  region.run(() => {
    const layer = new SparseDense({ inputs: 5, outputs: 2, seed: 1, relu: true });
    assertEquals([...layer.weights.data, ...layer.bias.data], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    const tape = new Tape();
    tape.backward(
      tape.record(() => crossEntropy(layer.forward({ ...LISTS, ids: Int32Array.of(4, 0, 2, 2, 4) }), [0, 1, 0])),
    );
    const { gradient } = layer.weights;
    assertEquals([...gradient!].map((value) => value !== 0), [1, 1, 0, 0, 1, 1, 0, 0, 1, 1].map(Boolean));
  });
});

Deno.test("SparseDense: pruned weights stay zero whatever is done to them", () => {
  using region = new Region();
  region.run(() => {
    const layer = new SparseDense({ inputs: 5, outputs: 2, seed: 1, relu: true });
    layer.weights.data.fill(1);
    layer.prune(Float32Array.of(0.1, 2, 2, 2, 2, 2, 2, 2, 2, 0.5), 0.5);
    assertEquals([...layer.weights.data], [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    layer.weights.data.fill(1);
    layer.forward(LISTS);
    assertEquals([...layer.weights.data], [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  });
});

Deno.test("SparseDense: in training a part of the features is dropped, the same for the same step", () => {
  using region = new Region();
  region.run(() => {
    const layer = new SparseDense({ inputs: 1, outputs: 1, seed: 3, dropout: 0.25 });
    layer.weights.data.fill(1);
    const many = { offsets: Int32Array.of(0, 1000, 4000), ids: new Int32Array(4000) };
    const counts = (step: number): number[] => [...layer.forward(many, { training: true, step }).data];
    const [short, long] = counts(1);
    assert(Math.abs(short - 750) < 60 && Math.abs(long - 2250) < 100, `${short}, ${long}`);
    assertEquals(counts(1), [short, long]);
    assert(counts(2).join() !== [short, long].join());
    assertEquals([...layer.forward(many).data], [1000, 3000]);
  });
});

Deno.test("SparseDense: gradients reach weights and bias", () => {
  using region = new Region();
  region.run(() => {
    const layer = new SparseDense({ inputs: 5, outputs: 2, seed: 1 });
    const tape = new Tape();
    tape.backward(tape.record(() => crossEntropy(layer.forward(LISTS), [0, 1, 1])));
    // With weights of zero every probability is a half: a row's gradient is ±1/2, over three rows.
    assertClose(layer.bias.gradient!, [1 / 6, -1 / 6], { absolute: 1e-6 });
    assertClose(layer.weights.gradient!, [-1, 1, 1, -1, -1, 1, 0, 0, 0, 0].map((x) => x / 6), { absolute: 1e-6 });
  });
});
