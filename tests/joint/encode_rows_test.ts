import { assertEquals } from "@std/assert";
import {
  encodeRows,
  packBits,
  prepareProjection,
  prepareRowProjector,
  type ProjectionSpec,
  Region,
} from "../../mod.ts";
import { hash32 } from "../../lib/projection/mod.ts";

const shape = (features: number) => ({ seed: 3, features, functions: 5, bitsPerFunction: 7 });
const specs: ProjectionSpec[] = [
  { family: "gaussian", ...shape(50) },
  { family: "sign", ...shape(50) },
  { family: "taps", taps: 9, ...shape(50) },
  { family: "hadamard", ...shape(50) },
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
      const expected = new Int32Array(projection.bits), code = new Uint8Array(5);
      const thresholds = values.slice(0, projection.bits);
      const codes = encodeRows(projector, thresholds, { features, count });
      for (let row = 0; row < count; row++) {
        projection.project(features.subarray(row * spec.features, (row + 1) * spec.features), expected);
        assertEquals(values.subarray(row * projection.bits, (row + 1) * projection.bits), expected);
        packBits(expected, thresholds, code);
        assertEquals(codes.subarray(row * 5, row * 5 + 5), code);
      }
    }
  }
});

Deno.test("no rows give no codes", () => {
  using region = new Region();
  const projector = region.run(() => prepareRowProjector(prepareProjection(specs[0])));
  assertEquals(encodeRows(projector, new Int32Array(35), { features: new Uint8Array(0), count: 0 }).length, 0);
});
