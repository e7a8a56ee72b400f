import { assertEquals } from "@std/assert";
import { prepareQuantizer } from "../../lib/packed/quantize.ts";

function quantize(samples: number[], offset: number, scale: number): number[] {
  const input = { kind: "table", features: samples.length, quantization: { rule: "shared", offset, scale } } as const;
  const out = new Uint8Array(samples.length).fill(77);
  prepareQuantizer(input)(samples, 0, out);
  return [...out];
}

Deno.test("prepareQuantizer: halves go up, and the ends are held", () => {
  assertEquals(quantize([-1, -0.5, -0.51, 0.49, 0.5, 1.5, 254.5, 254.4, 1000], 0, 1), [
    0,
    0,
    0,
    0,
    1,
    2,
    255,
    254,
    255,
  ]);
});

Deno.test("prepareQuantizer: offset first, then scale, in float64", () => {
  assertEquals(quantize([10, 11, 12], 10, 50), [0, 50, 100]);
  assertEquals(quantize([1000000.25, 1000001.25], 1000000, 100), [25, 125]);
});

Deno.test("prepareQuantizer: the greatest numbers give no NaN", () => {
  const most = Number.MAX_VALUE;
  assertEquals(quantize([most, -most], -3.4028234663852886e38, 3.4028234663852886e38), [255, 0]);
  assertEquals(quantize([most, -most], 0, 0), [0, 0]);
  assertEquals(quantize([most, -most], 0, -1), [0, 255]);
});

Deno.test("prepareQuantizer: one offset and scale a column, sample by sample", () => {
  const quantizer = prepareQuantizer({
    kind: "table",
    features: 2,
    quantization: { rule: "columns", offsets: Float32Array.of(0, 100), scales: Float32Array.of(10, -1) },
  });
  const out = new Uint8Array(2);
  quantizer([1, 100, 2, 90], 0, out);
  assertEquals([...out], [10, 0]);
  quantizer([1, 100, 2, 90], 1, out);
  assertEquals([...out], [20, 10]);
});

Deno.test("prepareQuantizer: a table of bytes keeps its bytes, rounds and limits other numbers", () => {
  const out = new Uint8Array(6);
  prepareQuantizer({ kind: "table", features: 6, quantization: { rule: "none" } })([0, 255, -3, 256, 0.5, 7.4], 0, out);
  assertEquals([...out], [0, 255, 0, 255, 1, 7]);
});
