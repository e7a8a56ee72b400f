import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodePnet, estimatePnetBytes, PnetFormatError, type PnetModel } from "../../lib/packed/mod.ts";
import { FAMILIES, HEADS, INPUTS, makeModel, type ModelOptions, suits } from "./models.ts";

/** A model whose whole-number layers have scales and biases in two bytes each, as training gives them. */
function trainedModel(options: ModelOptions): PnetModel {
  const model = makeModel(options);
  const short = (values: Float32Array): Float32Array => values.map((_, i) => 1 + i % 64);
  const head = model.head.map((layer) =>
    layer.precision === "float" ? layer : { ...layer, scales: short(layer.scales), bias: short(layer.bias) }
  );
  return { ...model, head };
}

/** What is estimated for a model, from its shape alone. */
function estimateOf(model: PnetModel, thresholdBits: number): number {
  const { selection, ...projection } = model.projection;
  const head = model.head.map(({ precision, tableBits, outputs }) => ({ precision, tableBits, outputs }));
  return estimatePnetBytes({ ...model, projection, pool: selection?.pool, thresholdBits, head });
}

Deno.test("estimatePnetBytes: never less than the file, for every family, input and head", () => {
  let seed = 0;
  for (const projection of FAMILIES) {
    for (const head of HEADS.filter((head) => suits(projection, head))) {
      for (const input of [INPUTS[0], INPUTS[3]]) {
        for (const width of head.length === 1 ? [0, 7] : [7]) {
          const model = trainedModel({ projection, head, input, width, functions: 5, seed: seed++ });
          const size = encodePnet(model).length;
          const thresholdBits = "reads" in projection ? 0 : width;
          const estimate = estimateOf(model, thresholdBits);
          assert(size <= estimate && estimate <= size + 24, `${projection.family}, ${head}: ${size}, ${estimate}`);
        }
      }
    }
  }
});

Deno.test("estimatePnetBytes: close to the file for many bits, and not less for any selection", () => {
  for (const head of ["float", "int8", "int4", "ternary", "binary"] as const) {
    for (const functions of [1, 2, 40, 300]) {
      for (const pool of [undefined, 300, 1024, 100_000]) {
        const family = { family: "gaussian", ...(pool && { pool }) } as const;
        const model = trainedModel({ projection: family, head: [head], functions, bitsPerFunction: 1, width: 8 });
        const size = encodePnet(model).length;
        const estimate = estimateOf(model, 8);
        assert(
          size <= estimate && estimate <= 1.04 * size + 8,
          `${head}, ${functions} of ${pool}: ${size}, ${estimate}`,
        );
        if (pool === undefined || functions === 1) continue;
        for (const first of [0, pool - functions]) {
          const indices = Uint32Array.from({ length: functions }, (_, k) => first + k);
          const packed = encodePnet({ ...model, projection: { ...model.projection, selection: { pool, indices } } });
          assert(packed.length <= estimate, `${functions} from ${first} on: ${packed.length}, ${estimate}`);
        }
      }
    }
  }
});

Deno.test("estimatePnetBytes: refuses what no file holds", () => {
  const model = makeModel({});
  assertEquals(estimateOf(model, 0) > 0, true);
  assertThrows(() => estimateOf({ ...model, labels: ["only"] }, 0), PnetFormatError, "outputs");
});
