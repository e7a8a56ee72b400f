/**
 * From rows of bytes to packed codes, as training does it, and packing itself: `deno bench -A bench/projection_bench.ts`. The plain projection, row by row,
 * is the baseline of each group.
 */
import { hash32, type ProjectionSpec, Region, useKernels } from "../mod.ts";
import { decodePnet, encodePnet } from "../lib/packed/mod.ts";
import { packBits, prepareProjection } from "../lib/projection/mod.ts";
import { prepareRowEncoder, prepareRowProjector } from "../lib/joint/encode_rows.ts";
import { packModel } from "./packed_model.ts";

const count = 256, features = 784, functions = 60, bitsPerFunction = 12, bits = functions * bitsPerFunction;
const rows = Uint8Array.from(
  { length: count * features },
  (_, i) => hash32(1, 0, i) % 5 === 0 ? hash32(1, 1, i) & 255 : 0,
);
const thresholds = new Int32Array(bits);
const shape = { seed: 1, features, functions, bitsPerFunction };
const specs: ProjectionSpec[] = [
  { family: "gaussian", ...shape },
  { family: "sign", ...shape },
  { family: "taps", taps: 28, ...shape },
  { family: "hadamard", ...shape },
];

const region = new Region();
for (const spec of specs) {
  const group = `${count} rows of ${features} bytes to ${bits} bits, ${spec.family}`;
  const projection = prepareProjection(spec);
  const projector = region.run(() => prepareRowProjector(projection));
  const values = new Int32Array(bits), code = new Uint8Array(bits / 8);
  Deno.bench({
    name: "row by row, plain",
    group,
    baseline: true,
    fn() {
      for (let row = 0; row < count; row++) {
        projection.project(rows.subarray(row * features, (row + 1) * features), values);
        packBits(values, thresholds, code);
      }
    },
  });
  const encode = prepareRowEncoder(projector, thresholds);
  const codes = new Uint8Array(count * ((bits + 7) >> 3));
  Deno.bench({
    name: "many at once",
    group,
    fn() {
      useKernels({ threads: 1 });
      encode({ features: rows, count }, codes);
    },
  });
}

for (const head of ["ternary", "int8", "float"] as const) {
  const { model } = packModel({ family: "gaussian", head, bits });
  const bytes = encodePnet(model);
  Deno.bench({
    name: `encodePnet, ${head}`,
    group: "packing",
    baseline: head === "ternary",
    fn: () => void encodePnet(model),
  });
  Deno.bench({ name: `decodePnet, ${head}`, group: "packing", fn: () => void decodePnet(bytes) });
}
