import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  encodePnet,
  type HeadKind,
  headKinds,
  loadPnet,
  ProjectionNetwork,
  Tensor,
  TrainingError,
  zeros,
} from "../../mod.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

Deno.test("a packed network gives the bits and the logits of the training side, for every head", () => {
  const data = blobs(200);
  const heads: (HeadKind | HeadKind[])[] = [...headKinds, ["ternary", "int4"], ["table-ternary", "float"]];
  for (const family of ["gaussian", "sign", "taps", "hadamard"] as const) {
    for (const head of heads) {
      for (const hidden of typeof head === "string" ? [undefined, 6] : [6]) {
        // Every rule with every family and kind of head, but not every combination of the three.
        for (
          const thresholds of family === "gaussian" || head === "float"
            ? ["zero", "mean", "median"] as const
            : ["mean"] as const
        ) {
          const network = new ProjectionNetwork({
            functions: 5,
            bitsPerFunction: 9,
            family,
            head,
            hidden,
            thresholds,
            features: data.featureLength,
            classes: 4,
            seed: 11,
          });
          const bytes = { features: data.features as Uint8Array, count: data.count };
          network.fitThresholds(bytes);
          for (const { data: values } of network.parameters) {
            if (values.every((value) => value === 0)) values.set(values.map((_, i) => Math.sin(i + 1)));
          }
          const codes = network.encode(bytes);
          const signs = zeros([data.count, network.bits]);
          for (let i = 0; i < data.count; i++) {
            for (let k = 0; k < network.bits; k++) {
              signs.data[i * network.bits + k] = codes[i * 6 + (k >> 3)] >> (k & 7) & 1 ? 1 : -1;
            }
          }
          const model = network.pack({
            input: { kind: "image", width: 8, height: 8, channels: 1 },
            labels: data.labelNames,
          });
          const unrounded = network.forward(signs).data.slice();
          // The file's biases are rounded to bfloat16; with those in the network the logits are the same.
          network.parameters.filter((_, i) => i % 2 === 1).forEach(({ data: bias }, layer) => {
            const { inputs, outputs, precision, tableBits, weights, scales, bias: packed } = model.head[layer];
            if (precision === "float") return;
            assertEquals(new Uint32Array(packed.slice().buffer).every((word) => (word & 0xffff) === 0), true);
            for (let j = 0; j < outputs; j++) {
              const sum = Array.from(weights.subarray(j * inputs, (j + 1) * inputs)).reduce((a, b) => a + b, 0);
              const shift = layer === 0 && tableBits === undefined ? sum * scales[j] / 2 : 0;
              assertClose([packed[j] + shift], [bias[j]], { absolute: Math.abs(packed[j]) / 256 + 1e-6 });
              bias[j] = packed[j] + shift;
            }
          });
          const logits = network.forward(signs).data;
          assertClose(logits, unrounded, { absolute: 0.2 });
          const file = encodePnet(model);
          const classifier = loadPnet(file);
          for (let i = 0; i < data.count; i++) {
            const sample = data.features.subarray(i * 64, (i + 1) * 64);
            assertEquals(classifier.codes(sample), codes.subarray(i * 6, i * 6 + 6));
            assertClose(classifier.logits(sample), logits.subarray(i * 4, i * 4 + 4), {
              relative: 1e-4,
              absolute: 1e-4,
              message: `${family} ${head} ${hidden} ${thresholds}`,
            });
          }
        }
      }
    }
  }
});

Deno.test("heads whose kinds do not fit their layers are refused", () => {
  const make = (head: HeadKind[], hidden?: number) => () =>
    new ProjectionNetwork({ functions: 2, bitsPerFunction: 3, head, hidden, features: 4, classes: 2, seed: 1 });
  const refused: [() => unknown, string][] = [
    [make([]), "0 kinds of layers for 1 layers"],
    [make(["int8", "int8"]), "2 kinds of layers for 1 layers, wanted one or 1"],
    [make(["int8", "int8", "int8"], 4), "3 kinds of layers for 2 layers"],
    [make(["int8", "table"], 4), "table as layer 1"],
    [make(["table", "table-int4"], 4), "table-int4 as layer 1"],
  ];
  for (const [run, message] of refused) assertStringIncludes(assertThrows(run, TrainingError).message, message);
});

Deno.test("a network counts its bits and trained values as the paper does", () => {
  const count = (functions: number, bitsPerFunction: number, hidden?: number) =>
    new ProjectionNetwork({ functions, bitsPerFunction, hidden, features: 784, classes: 10, seed: 1 }).parameterCount;
  assertEquals(count(60, 12), 7_210);
  assertEquals(count(8, 10), 810);
  assertEquals(count(60, 12, 256), 720 * 256 + 256 + 256 * 10 + 10);
  const tables = { functions: 240, bitsPerFunction: 3, head: "table", features: 784, classes: 10, seed: 1 } as const;
  assertEquals(new ProjectionNetwork(tables).parameterCount, 240 * 8 * 10 + 10);
  assertEquals(
    new ProjectionNetwork({ functions: 2, bitsPerFunction: 3, features: 4, classes: 2, seed: 1 }).forward(
      new Tensor([1, 6], new Float32Array(6).fill(1)),
    ).shape,
    [1, 2],
  );
});
