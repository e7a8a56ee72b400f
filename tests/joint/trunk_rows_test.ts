import { assertEquals } from "@std/assert";
import { imageOf, type Trunk } from "../../lib/packed/mod.ts";
import { runTrunkRows } from "../../lib/joint/trunk_rows.ts";
import { testNumbers } from "../projection/reference.ts";
import { makeConvolution, makeTrunks, runTrunkReference } from "../packed/trunk_models.ts";

Deno.test("runTrunkRows: many rows give the bytes of an independent version, in blocks and alone", () => {
  const next = testNumbers(11);
  for (const { input, trunk } of [...makeTrunks(1), ...makeTrunks(2)]) {
    const image = imageOf(input);
    const width = image.width * image.height * image.channels;
    // More rows than go through the layers together.
    const count = 67;
    const features = Uint8Array.from({ length: count * width }, () => next() * 256);
    const found = runTrunkRows(trunk, { image, features, count });
    const size = found.length / count;
    for (const row of [0, 1, 63, 64, 66]) {
      const bytes = features.subarray(row * width, (row + 1) * width);
      assertEquals(
        [...found.subarray(row * size, (row + 1) * size)],
        runTrunkReference(trunk, input, [...bytes]).values,
      );
      assertEquals(
        runTrunkRows(trunk, { image, features: bytes, count: 1 }),
        found.subarray(row * size, (row + 1) * size),
      );
    }
    assertEquals(runTrunkRows(trunk, { image, features: new Uint8Array(0), count: 0 }).length, 0);
  }
});

Deno.test("runTrunkRows: sums beyond what float32 holds exactly", () => {
  const next = testNumbers(12);
  const layer = makeConvolution({ precision: "int8", kernel: 1, channels: 3000, outputs: 5, next });
  if (layer.kind !== "convolution") throw new Error(layer.kind);
  // The sums are about 95 million, where float32 knows every eighth whole number only, and eight of them make a byte.
  layer.weights.weights.fill(127);
  for (let j = 0; j < 5; j++) layer.weights.weights[3001 * j] -= j;
  layer.weights.scales.fill(1 / 8);
  layer.weights.bias.fill(Math.round(-3000 * 127 * 251 / 8) + 200);
  const trunk: Trunk = { zeroPoint: 0, layers: [layer] };
  const bytes = new Array(3000).fill(251);
  const image = { width: 1, height: 1, channels: 3000 };
  const input = { kind: "table" as const, features: 3000, quantization: { rule: "none" as const } };
  const found = runTrunkRows(trunk, { image, features: Uint8Array.from(bytes), count: 1 });
  assertEquals([...found], runTrunkReference(trunk, input, bytes).values);
  assertEquals(new Set(found).size, 5);
});
