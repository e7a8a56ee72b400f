import { assertEquals } from "@std/assert";
import { type ProjectionSpec, Region } from "../../mod.ts";
import { prepareRowEncoder, prepareRowProjector } from "../../lib/joint/encode_rows.ts";
import { hash32, packBits, prepareProjection } from "../../lib/projection/mod.ts";

const shape = (features: number) => ({ seed: 3, features, functions: 5, bitsPerFunction: 7 });
const specs: ProjectionSpec[] = [
  { family: "gaussian", ...shape(50) },
  { family: "sign", ...shape(50) },
  { family: "taps", taps: 9, ...shape(50) },
  { family: "hadamard", ...shape(50) },
  { family: "patch", image: { width: 10, height: 5, channels: 1 }, smallest: 2, largest: 7, ...shape(50) },
  // Small patches in a large image: most features are read by no row.
  { family: "patch", image: { width: 20, height: 20, channels: 2 }, smallest: 1, largest: 3, ...shape(800) },
  {
    family: "conv",
    image: { width: 5, height: 5, channels: 2 },
    filter: 3,
    stride: 1,
    cell: 2,
    cellStride: 2,
    filterThresholds: Int32Array.of(0, 100, -200, 500, 20),
    ...shape(50),
    bitsPerFunction: 4,
  },
  {
    family: "conv",
    image: { width: 28, height: 10, channels: 1 },
    filter: 2,
    stride: 1,
    cell: 8,
    cellStride: 6,
    filterThresholds: Int32Array.of(0, 100, -200, 500, 20),
    ...shape(280),
    bitsPerFunction: 10,
  },
  // So many features that one float32 sum could not hold every whole number.
  { family: "gaussian", ...shape(3072) },
];

Deno.test("many rows at once get the very bits of the plain projection, also at the largest inputs", () => {
  for (const spec of specs) {
    for (const fill of ["random", "largest"]) {
      const count = 300;
      const features = Uint8Array.from(
        { length: count * spec.features },
        (_, i) => fill === "largest" ? 255 : hash32(8, 0, i),
      );
      const projection = prepareProjection(spec);
      using region = new Region();
      const projector = region.run(() => prepareRowProjector(projection));
      const values = new Int32Array(count * projection.bits);
      projector.project(features, { first: 0, count }, values);
      const stride = (projection.bits + 7) >> 3;
      const expected = new Int32Array(projection.bits), code = new Uint8Array(stride);
      const thresholds = values.slice(0, projection.bits);
      const codes = new Uint8Array(count * stride);
      prepareRowEncoder(projector, thresholds)({ features, count }, codes);
      for (let row = 0; row < count; row++) {
        projection.project(features.subarray(row * spec.features, (row + 1) * spec.features), expected);
        assertEquals(values.subarray(row * projection.bits, (row + 1) * projection.bits), expected);
        packBits(expected, thresholds, code);
        assertEquals(codes.subarray(row * stride, (row + 1) * stride), code);
      }
    }
  }
});

Deno.test("no rows give no codes", () => {
  using region = new Region();
  const projector = region.run(() => prepareRowProjector(prepareProjection(specs[0])));
  const beyond = Uint8Array.of(7);
  prepareRowEncoder(projector, new Int32Array(35))({ features: new Uint8Array(0), count: 0 }, beyond);
  assertEquals(beyond, Uint8Array.of(7));
});

Deno.test("counts of many rows are the projected values", () => {
  const spec = specs[6], count = 20;
  const features = Uint8Array.from({ length: count * 50 }, (_, i) => hash32(8, 1, i));
  const projection = prepareProjection(spec);
  using region = new Region();
  const counts = new Uint8Array(count * 20);
  prepareRowEncoder(region.run(() => prepareRowProjector(projection)), null)({ features, count }, counts);
  const expected = new Int32Array(20);
  for (let row = 0; row < count; row++) {
    projection.project(features.subarray(row * 50, (row + 1) * 50), expected);
    assertEquals([...counts.subarray(row * 20, (row + 1) * 20)], [...expected]);
  }
});
