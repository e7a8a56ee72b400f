import { assert, assertEquals, assertThrows } from "@std/assert";
import { packSequences, SequenceLayout, ShapeError, sum, Tape, tensor } from "../../mod.ts";
import { hash32 } from "../../lib/projection/mod.ts";

Deno.test("a layout puts every element in one place: longest first, step by step, equal lengths in their order", () => {
  const layout = new SequenceLayout([2, 0, 3, 2, 1]);
  assertEquals([Array.from(layout.sizes), layout.elements], [[4, 3, 1], 8]);
  const places = [[0, 0], [0, 1], [2, 0], [2, 1], [2, 2], [3, 0], [3, 1], [4, 0]];
  assertEquals(places.map(([row, step]) => layout.position(row, step)), [1, 5, 0, 4, 7, 2, 6, 3]);
  // Rows stored one after the other: row 0 at 0, row 2 at 2, row 3 at 5, row 4 at 7.
  assertEquals(Array.from(layout.order([0, 2, 2, 5, 7])), [2, 0, 5, 7, 3, 1, 6, 4]);
});

Deno.test("a layout of many random lengths is a permutation of the elements", () => {
  const lengths = Array.from({ length: 200 }, (_, row) => hash32(1, 2, row) % 17);
  const layout = new SequenceLayout(lengths), starts: number[] = [];
  let elements = 0;
  for (const length of lengths) {
    starts.push(elements);
    elements += length;
  }
  const order = layout.order(starts);
  assertEquals(Array.from(order).sort((a, b) => a - b), Array.from({ length: elements }, (_, i) => i));
  assertEquals(layout.sizes.reduce((a, b) => a + b, 0), elements);
  assert(layout.sizes.every((size, step) => step === 0 || size <= layout.sizes[step - 1]));
});

Deno.test("no sequence, and sequences without elements, have no step", () => {
  for (const lengths of [[], [0, 0]]) {
    const layout = new SequenceLayout(lengths);
    assertEquals([layout.elements, layout.sizes.length, layout.order(lengths).length], [0, 0, 0]);
  }
});

Deno.test("packing leaves padding out, and it gets no gradient", () => {
  const x = tensor([[[1, 2], [3, 4]], [[5, 6], [NaN, NaN]], [[7, 8], [9, 10]]], { requiresGradient: true });
  const tape = new Tape();
  const loss = tape.record(() => {
    const { values } = packSequences(x, [2, 1, 2]);
    assertEquals(values.toArray(), [[1, 2], [7, 8], [5, 6], [3, 4], [9, 10]]);
    return sum(values);
  });
  tape.backward(loss);
  assertEquals(Array.from(x.gradient!), [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1]);
  assertEquals(packSequences(tensor([[[1], [2]], [[3], [4]]])).values.toArray(), [[1], [3], [2], [4]]);
});

Deno.test("lengths that are none, or do not fit, are refused", () => {
  for (const length of [-1, 0.5, NaN]) {
    assertThrows(() => new SequenceLayout([1, length]), ShapeError, `${length} for row 1 found`);
  }
  const x = tensor([[[1], [2]], [[3], [4]]]);
  assertThrows(() => packSequences(x, [1]), ShapeError, "2 lengths of at most 2 were wanted, 1 of at most 1 found");
  assertThrows(() => packSequences(x, [1, 3]), ShapeError, "2 of at most 3 found");
  assertThrows(
    () => packSequences(tensor([[1]])),
    ShapeError,
    "packSequences: [rows, steps, width] was wanted, [1, 1]",
  );
});
