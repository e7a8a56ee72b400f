import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { BatchNorm, type HeadKind, type ProjectionOptions, Tensor, TrainingError } from "../../mod.ts";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { headKinds, ProjectionNetwork } from "../../lib/joint/mod.ts";
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
  const heads: (HeadKind | HeadKind[])[] = [...headKinds, ["ternary", "int4"], ["table-ternary", "float"]];
  for (const kind of kinds) {
    for (const head of heads) {
      if (kind.reads === "counts" && [head].flat()[0].startsWith("table")) continue;
      for (const hidden of typeof head === "string" ? [undefined, 6] : [6]) {
        // Every rule with every family and kind of head, but not every combination of the three.
        for (
          const thresholds of kind.family === "gaussian" || head === "float"
            ? ["zero", "mean", "median", "spread"] as const
            : ["mean"] as const
        ) {
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
          const model = network.pack({ input: { kind: "image", ...image }, labels: data.labelNames });
          const unrounded = network.forward(inputs).data.slice();
          // What the head reads of codes whose bits or counts are all 0, and all 1.
          const ends = new Uint8Array(2 * network.codeBytes);
          ends.fill(kind.reads === "counts" ? 1 : 255, network.codeBytes);
          const [zero, one] = [0, 1].map((row) => network.gather(ends, Uint32Array.of(row)).data);
          // The file's biases are rounded to bfloat16; with those in the network the logits are the same.
          network.parameters.filter((_, i) => i % 2 === 1).forEach(({ data: bias }, layer) => {
            const { inputs, outputs, precision, tableBits, weights, scales, bias: packed } = model.head[layer];
            if (precision === "float") return;
            for (const numbers of [packed, scales]) {
              assertEquals(new Uint32Array(numbers.slice().buffer).every((word) => (word & 0xffff) === 0), true);
            }
            const read = layer === 0 && tableBits === undefined;
            for (let j = 0; j < outputs; j++) {
              let shift = 0;
              for (let k = 0; read && k < inputs; k++) {
                shift -= weights[j * inputs + k] * scales[j] / (one[k] - zero[k]) * zero[k];
              }
              assertClose([packed[j] + shift], [bias[j]], { absolute: Math.abs(packed[j]) / 256 + 1e-5 });
              bias[j] = packed[j] + shift;
            }
          });
          const logits = network.forward(inputs).data;
          assertClose(logits, unrounded, { absolute: 0.2 });
          const file = encodePnet(model);
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

Deno.test("a packed network has the normalisation of its layers folded in", () => {
  const data = blobs(100);
  const image = { width: 8, height: 8, channels: 1 };
  const bits = { functions: 20, bitsPerFunction: 3 } as const;
  const counts = {
    family: "conv",
    functions: 5,
    conv: { filter: 3, cell: 2, quantile: 0.7 },
    reads: "counts",
  } as const;
  const cases: ProjectionOptions[] = (["float", "int8", "ternary", "table"] as const).flatMap((head) =>
    [undefined, 6].flatMap((hidden) => [
      { ...bits, head, hidden },
      ...(head === "table" ? [] : [{ ...counts, head, hidden }]),
    ])
  );
  for (const options of cases) {
    const network = new ProjectionNetwork({
      ...options,
      normalize: true,
      ternaryThreshold: options.head === "ternary" ? 1 : undefined,
      dropout: options.head === "table" ? 0 : 0.5,
      image,
      features: 64,
      classes: 4,
      seed: 11,
    });
    const bytes = { features: data.features as Uint8Array, count: data.count };
    network.fitFilters(bytes);
    network.fitThresholds(bytes);
    const norms = network.head.layers.filter((layer) => layer instanceof BatchNorm);
    assertEquals(norms.length, options.hidden === undefined ? 1 : 2);
    norms.forEach(({ gain, bias, mean, variance }) => {
      [gain, bias, mean, variance].forEach(({ data: values }, kind) =>
        values.set(values.map((_, j) => kind === 3 ? 1.5 + Math.sin(j) : Math.cos(3 * j + kind)))
      );
    });
    const inputs = network.gather(network.encode(bytes), Uint32Array.from({ length: data.count }, (_, i) => i));
    const logits = network.forward(inputs).data;
    const classifier = loadPnet(
      encodePnet(network.pack({ input: { kind: "image", ...image }, labels: data.labelNames })),
    );
    // Scales and biases of whole-number weights are rounded to 8 bits.
    const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const absolute = options.head === "float" ? 1e-4 : largest / 50;
    for (let i = 0; i < data.count; i++) {
      assertClose(
        classifier.logits(data.features.subarray(i * 64, (i + 1) * 64)),
        logits.subarray(i * 4, i * 4 + 4),
        { absolute, message: JSON.stringify(options) },
      );
    }
  }
});

Deno.test("heads whose kinds do not fit their layers are refused", () => {
  const make = (head: HeadKind[], hidden?: number) => () =>
    new ProjectionNetwork({ functions: 2, bitsPerFunction: 3, head, hidden, features: 4, classes: 2, seed: 1 });
  const image = { width: 4, height: 4, channels: 1 };
  const wide = { functions: 2, head: "table", image, features: 16, classes: 2, seed: 1 } as const;
  const refused: [() => unknown, string][] = [
    [make([]), "0 kinds of layers for 1 layers"],
    [make(["int8", "int8"]), "2 kinds of layers for 1 layers, wanted one or 1"],
    [make(["int8", "int8", "int8"], 4), "3 kinds of layers for 2 layers"],
    [make(["int8", "table"], 4), "table as layer 1"],
    [make(["table", "table-int4"], 4), "table-int4 as layer 1"],
    [() => new ProjectionNetwork({ ...wide, bitsPerFunction: 13 }), "tables of 13 bits"],
    [() => new ProjectionNetwork({ ...wide, bitsPerFunction: 3, dropout: 0.1 }), "dropout: tables read every bit"],
    [() => new ProjectionNetwork({ ...wide, family: "conv", conv: { filter: 1, cell: 1 } }), "tables of 16 bits"],
    [() => new ProjectionNetwork({ ...wide, family: "conv", reads: "counts" }), "head: tables are selected by bits"],
  ];
  for (const [run, message] of refused) assertStringIncludes(assertThrows(run, TrainingError).message, message);
});

Deno.test("a network counts its bits and trained values as the paper does", () => {
  const count = (functions: number, bitsPerFunction: number, hidden?: number) =>
    new ProjectionNetwork({ functions, bitsPerFunction, hidden, features: 784, classes: 10, seed: 1 }).parameterCount;
  assertEquals(count(60, 12), 7_210);
  assertEquals(count(8, 10), 810);
  assertEquals(count(60, 12, 256), 720 * 256 + 256 + 256 * 10 + 10);
  const normalized = { functions: 60, bitsPerFunction: 12, normalize: true, features: 784, classes: 10, seed: 1 };
  assertEquals(new ProjectionNetwork(normalized).parameterCount, 7_210);
  const tables = { functions: 240, bitsPerFunction: 3, head: "table", features: 784, classes: 10, seed: 1 } as const;
  assertEquals(new ProjectionNetwork(tables).parameterCount, 240 * 8 * 10 + 10);
  assertEquals(
    new ProjectionNetwork({ functions: 2, bitsPerFunction: 3, features: 4, classes: 2, seed: 1 }).forward(
      new Tensor([1, 6], new Float32Array(6).fill(1)),
    ).shape,
    [1, 2],
  );
});

Deno.test("cells whose counts do not fit a byte are refused at once", () => {
  const image = { width: 28, height: 28, channels: 1 };
  const options = { functions: 8, family: "conv", reads: "counts", conv: { cell: 20 } } as const;
  assertThrows(
    () => new ProjectionNetwork({ ...options, features: 784, image, classes: 10, seed: 1 }),
    TrainingError,
    "counts of a cell is 400",
  );
});
