import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  checkGradients,
  countParameters,
  Lstm,
  multiply,
  packSequences,
  ShapeError,
  slice,
  sum,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertClose } from "../close.ts";
import { numbers } from "../kernels/cases/case.ts";

const rows = 4, steps = 5, inputs = 3;
const lengths = [3, 5, 0, 1];
const x = (): Tensor => tensor(numbers(rows * steps * inputs, 1), { shape: [rows, steps, inputs] });

/** x with other values behind the end of each sequence. */
function padded(fill: number): Tensor {
  const changed = x();
  lengths.forEach((length, row) =>
    changed.data.fill(fill, (row * steps + length) * inputs, (row + 1) * steps * inputs)
  );
  return changed;
}

const layers = {
  "one layer": new Lstm({ inputs, units: [4], seed: 1 }),
  "two layers": new Lstm({ inputs, units: [4, 2], seed: 1 }),
  "two layers in both directions": new Lstm({ inputs, units: [3, 2], bidirectional: true, seed: 1 }),
};

for (const [name, layer] of Object.entries(layers)) {
  Deno.test(`Lstm, ${name}: padding changes no state, and each sequence is read as if it were alone`, () => {
    const read = (input: Tensor, of: ArrayLike<number>) => layer.forward(packSequences(input, of));
    for (const reading of ["lastStates", "meanStates"] as const) {
      const together = layer[reading](read(x(), lengths));
      assertEquals(together.shape, [rows, layer.width]);
      assertEquals(together.data, layer[reading](read(padded(NaN), lengths)).data);
      lengths.forEach((length, row) => {
        const alone = layer[reading](read(slice(x(), { start: row, end: row + 1 }), [length]));
        assertClose(alone.data, together.data.subarray(row * layer.width, (row + 1) * layer.width), { absolute: 1e-6 });
      });
      assert(together.data.subarray(2 * layer.width, 3 * layer.width).every((value) => value === 0));
    }
  });

  Deno.test(`Lstm, ${name}: gradients of weights and elements agree with numeric differences over time`, () => {
    const parts = [tensor(x().data, { shape: [rows, steps, inputs], requiresGradient: true }), ...layer.parameters];
    for (const reading of ["lastStates", "meanStates"] as const) {
      const weights = tensor(numbers(rows * layer.width, 9), { shape: [rows, layer.width] });
      const compute = ([input]: Tensor[]) =>
        sum(multiply(layer[reading](layer.forward(packSequences(input, lengths))), weights));
      const check = checkGradients(compute, parts);
      assert(check.largestError < 4e-3, JSON.stringify(check));
    }
  });
}

Deno.test("Lstm: parameters, their names, first values and the bias of the forget gate", () => {
  const layer = new Lstm({ inputs: 3, units: [4, 2], bidirectional: true, seed: 7, name: "reader" });
  assertEquals(countParameters(layer), 2 * (3 * 16 + 4 * 16 + 16) + 2 * (8 * 8 + 2 * 8 + 8));
  assertEquals(layer.parameters.map(({ name }) => name).filter((name) => name.endsWith("bias")), [
    "reader.0.bias",
    "reader.0.reverse.bias",
    "reader.1.bias",
    "reader.1.reverse.bias",
  ]);
  assertEquals(Array.from(layer.parameters[2].data), [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const values = (seed: number) =>
    new Lstm({ inputs: 3, units: [4], seed }).parameters.map(({ data }) => Array.from(data));
  assertEquals(values(7), values(7));
  assertNotEquals(values(7)[0], values(8)[0]);
  assertNotEquals(layer.parameters[0].data, layer.parameters[3].data);
});

Deno.test("Lstm: the reversed direction of a sequence is the direction of the reversed sequence", () => {
  const layer = new Lstm({ inputs: 2, units: [3], bidirectional: true, seed: 1 });
  const parameters = layer.parameters;
  parameters.slice(0, 3).forEach(({ data }, i) => parameters[3 + i].data.set(data));
  const sequence = [[1, 2], [3, 4], [-1, 0]];
  const [forward] = layer.lastStates(layer.forward(packSequences(tensor([sequence])))).toArray() as number[][];
  const [backward] = layer.lastStates(layer.forward(packSequences(tensor([sequence.toReversed()]))))
    .toArray() as number[][];
  assertEquals([...backward.slice(3), ...backward.slice(0, 3)], forward);
});

Deno.test("Lstm: elements of another length are refused", () => {
  assertThrows(() => layers["one layer"].forward(packSequences(tensor([[[1, 2]]]))), ShapeError, "lstm: x [1, 2]");
});
