import { assertEquals } from "@std/assert";
import { encodePnet, loadPnet, ProjectionNetwork, Tensor, zeros } from "../../mod.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

Deno.test("a packed network gives the bits and the logits of the training side, for every head", () => {
  const data = blobs(200);
  for (const family of ["gaussian", "sign", "taps", "hadamard"] as const) {
    for (const head of ["float", "int8", "ternary"] as const) {
      for (const hidden of [undefined, 6]) {
        for (const thresholds of ["zero", "mean", "median"] as const) {
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
          const logits = network.forward(signs).data;
          const file = encodePnet(
            network.pack({ input: { kind: "image", width: 8, height: 8, channels: 1 }, labels: data.labelNames }),
          );
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

Deno.test("a network counts its bits and trained values as the paper does", () => {
  const count = (functions: number, bitsPerFunction: number, hidden?: number) =>
    new ProjectionNetwork({ functions, bitsPerFunction, hidden, features: 784, classes: 10, seed: 1 }).parameterCount;
  assertEquals(count(60, 12), 7_210);
  assertEquals(count(8, 10), 810);
  assertEquals(count(60, 12, 256), 720 * 256 + 256 + 256 * 10 + 10);
  assertEquals(
    new ProjectionNetwork({ functions: 2, bitsPerFunction: 3, features: 4, classes: 2, seed: 1 }).forward(
      new Tensor([1, 6], new Float32Array(6).fill(1)),
    ).shape,
    [1, 2],
  );
});
