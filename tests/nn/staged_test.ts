import { assertEquals, assertThrows } from "@std/assert";
import { BatchNorm, Dense, Sequential, StagedNetwork, tensor } from "../../mod.ts";

const dense = (inputs: number, outputs: number, seed: number) => new Dense({ inputs, outputs, relu: true, seed });

Deno.test("a staged network computes what its stages compute one after the other, up to any of them", () => {
  const layers = [dense(3, 5, 1), new Sequential([dense(5, 4, 2), new BatchNorm({ channels: 4 })]), dense(4, 2, 3)];
  const network = new StagedNetwork(
    layers.map((module, i) => ({ name: "abc"[i], module, shape: [[5], [4], [2]][i] })),
  );
  const x = tensor([[1, 2, 3], [-1, 0, 5]]);
  const whole = new Sequential(layers);
  assertEquals(network.forward(x).data, whole.forward(x).data);
  assertEquals(network.parameters, whole.parameters);
  assertEquals([network.state.length, network.state], [3, whole.state]);
  network.activations(x).forEach(({ data, shape }, i) => {
    const until = network.forward(x, undefined, "abc"[i]);
    assertEquals([until.data, until.shape], [data, [2, ...network.stages[i].shape]]);
    assertEquals(shape, until.shape);
  });
});

Deno.test("a staged network refuses names that are missing or not unique", () => {
  const stage = { name: "a", module: dense(3, 5, 1), shape: [5] };
  assertThrows(() => new StagedNetwork([]), RangeError, "none found");
  assertThrows(() => new StagedNetwork([stage, stage]), RangeError, 'two of the name "a" found');
  const forward = () => new StagedNetwork([stage]).forward(tensor([[1, 2, 3]]), undefined, "b");
  assertThrows(forward, RangeError, 'one of the stages a was wanted, "b" found');
});
