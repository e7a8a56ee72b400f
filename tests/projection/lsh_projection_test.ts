import { assertEquals, assertThrows } from "@std/assert";
import { lshProjection, type LshProjectionOptions } from "../../lib/projection/text.ts";

// The vectors of TensorFlow Lite's own test of the operator.
const seeds = Float32Array.of(0.123, 0.456, -0.321, 1.234, 5.678, -4.321);
const options = { seeds, functions: 3, count: 5 };
const numbers = Int32Array.of(12345, 54321, 67890, 9876, -12345678);

Deno.test("lshProjection: TensorFlow Lite's vectors, dense and sparse, with and without weights", () => {
  const weights = new Float32Array(5).fill(1);
  assertEquals([...lshProjection({ ...options, items: numbers, weights, type: "dense" })], [0, 0, 0, 1, 0, 0]);
  assertEquals([...lshProjection({ ...options, items: numbers, type: "sparse" })], [0, 4 + 1, 8 + 0]);
  const items = Int32Array.of(
    ...[1234, 2345, 3456, 1234, 4567, 5678, 6789, 4567, 7891, 8912, 9123, 7890],
    ...[-987, -876, -765, -987, -543, -432, -321, -543],
  );
  const some = Float32Array.of(0.12, 0.34, 0.56, 0.67, 0.78);
  assertEquals([...lshProjection({ ...options, items, weights: some, type: "sparse" })], [0 + 2, 4 + 1, 8 + 1]);
});

Deno.test("lshProjection: numbers are their little-endian bytes", () => {
  const bytes = new Uint8Array(20);
  numbers.forEach((number, i) => new DataView(bytes.buffer).setInt32(4 * i, number, true));
  assertEquals(
    lshProjection({ ...options, items: bytes, type: "dense" }),
    lshProjection({ ...options, items: numbers, type: "dense" }),
  );
});

Deno.test("lshProjection: what does not fit is refused", () => {
  const cases: [string, Partial<LshProjectionOptions>][] = [
    ["6 seeds for 4 functions", { functions: 4 }],
    ["0 seeds", { seeds: new Float32Array(0) }],
    ["20 bytes for 3 items", { count: 3 }],
    ["20 bytes for 0 items", { count: 0 }],
    ["1 weights for 5 items", { weights: Float32Array.of(1) }],
    ["1 codes of 32 bits", { seeds: new Float32Array(32), functions: 1, type: "sparse" }],
  ];
  for (const [message, change] of cases) {
    assertThrows(() => lshProjection({ ...options, items: numbers, type: "dense", ...change }), RangeError, message);
  }
});
