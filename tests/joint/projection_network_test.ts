import { assertEquals } from "@std/assert";
import { encodePnet, loadPnet, ProjectionNetwork, type ProjectionOptions, Tensor } from "../../mod.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

Deno.test("a packed network gives the bits and the logits of the training side, for every head", () => {
  const data = blobs(200);
  const image = { width: 8, height: 8, channels: 1 };
  const kinds: ProjectionOptions[] = [
    ...(["gaussian", "sign", "taps", "hadamard", "patch"] as const).map((family) => ({
      family,
      functions: 5,
      bitsPerFunction: 9,
    })),
    { family: "conv", functions: 5, conv: { filter: 3, cell: 2, quantile: 0.7 } },
    { family: "conv", functions: 5, conv: { filter: 3, cell: 3, cellStride: 2, quantile: 0.7 }, reads: "counts" },
  ];
  for (const kind of kinds) {
    for (const head of ["float", "int8", "ternary"] as const) {
      for (const hidden of [undefined, 6]) {
        for (const thresholds of ["zero", "mean", "median", "spread"] as const) {
          const network = new ProjectionNetwork({
            ...kind,
            head,
            hidden,
            thresholds,
            image,
            features: data.featureLength,
            classes: 4,
            seed: 11,
          });
          const bytes = { features: data.features as Uint8Array, count: data.count };
          network.fitFilters(bytes);
          network.fitThresholds(bytes);
          for (const { data: values } of network.parameters) {
            if (values.every((value) => value === 0)) values.set(values.map((_, i) => Math.sin(i + 1)));
          }
          const codes = network.encode(bytes);
          const inputs = network.gather(codes, Uint32Array.from({ length: data.count }, (_, i) => i));
          const logits = network.forward(inputs).data;
          const file = encodePnet(
            network.pack({ input: { kind: "image", ...image }, labels: data.labelNames }),
          );
          const classifier = loadPnet(file);
          for (let i = 0; i < data.count; i++) {
            const sample = data.features.subarray(i * 64, (i + 1) * 64);
            const stride = codes.length / data.count;
            if (kind.reads !== "counts") {
              assertEquals(classifier.codes(sample), codes.subarray(i * stride, (i + 1) * stride));
            }
            assertClose(classifier.logits(sample), logits.subarray(i * 4, i * 4 + 4), {
              relative: 1e-4,
              absolute: 1e-4,
              message: `${kind.family} ${kind.reads} ${head} ${hidden} ${thresholds}`,
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
