import { assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { encodePnet, loadPnet, PnetFormatError, type PnetModel } from "../../lib/packed/mod.ts";
import { loadPnetWasm } from "../../lib/packed/runtime_wasm.ts";
import type { ConvSpec } from "../../lib/projection/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { FAMILIES, HEADS, INPUTS, makeModel, type ModelOptions, PRECISIONS, suits } from "./models.ts";
import { testRuntime } from "./runtime_cases.ts";

testRuntime("loadPnetWasm", loadPnetWasm);

const image = (width: number) => ({ kind: "image", width, height: 1, channels: 1 }) as const;
const labelsOf = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

/** Samples of different density; the last two are the greatest and the smallest. */
function samplesOf(features: number, count: number): Uint8Array {
  const next = testNumbers(features);
  const samples = new Uint8Array(count * features);
  for (let i = 0; i < samples.length; i++) samples[i] = next() < i / samples.length ? 0 : next() * 256;
  samples.fill(255, (count - 2) * features, (count - 1) * features);
  samples.fill(0, (count - 1) * features);
  return samples;
}

/** Bits, logits and answers of both runtimes are the same, bit by bit, one sample at a time and in a batch. */
function assertIdentical(model: PnetModel, count = 6): void {
  const bytes = encodePnet(model);
  const plain = loadPnet(bytes), wasm = loadPnetWasm(bytes);
  const { features } = model.projection;
  const samples = samplesOf(features, count);
  for (let i = 0; i < count; i++) {
    const sample = samples.subarray(i * features, (i + 1) * features);
    assertEquals(wasm.codes(sample), plain.codes(sample));
    const words = [wasm, plain].map((runtime) => new Uint32Array(runtime.logits(sample).slice().buffer));
    assertEquals(words[0], words[1]);
    assertEquals(wasm.classify(sample), plain.classify(sample));
  }
  assertEquals(wasm.classifyBatch(samples), plain.classifyBatch(samples));
}

Deno.test("loadPnetWasm: bit-identical to loadPnet for every family and head, at awkward sizes", () => {
  const sizes: ModelOptions[] = [
    { input: image(784), functions: 240, bitsPerFunction: 3, hidden: 37, labels: labelsOf(10) },
    { input: image(301), functions: 101, bitsPerFunction: 3, hidden: 100, labels: labelsOf(33) },
    { input: image(17), functions: 1, bitsPerFunction: 5, hidden: 1, labels: labelsOf(65) },
  ];
  let seed = 0;
  for (const size of sizes) {
    HEADS.forEach((head, i) => {
      const families = FAMILIES.filter((projection) => !("filter" in projection));
      // Every head of one layer with every family.
      for (const projection of head.length === 1 ? families : [families[i % families.length]]) {
        assertIdentical(makeModel({ ...size, projection, head, width: seed % 12, seed: ++seed }));
      }
    });
  }
});

Deno.test("loadPnetWasm: bit-identical for the family conv, bits and counts, with every head", () => {
  let seed = 0;
  for (const projection of FAMILIES.filter((projection) => "filter" in projection)) {
    for (const head of HEADS.filter((head) => suits(projection, head))) {
      const input = head[0].endsWith("tables") ? INPUTS[0] : image(20);
      assertIdentical(makeModel({ projection, input, head, functions: 7, hidden: 5, width: seed % 12, seed: ++seed }));
    }
  }
});

Deno.test("loadPnetWasm: bit-identical for every width of thresholds", () => {
  for (const projection of FAMILIES) {
    for (let width = 0; width <= 32; width++) {
      for (const shift of [0, 32 - width]) {
        if (shift < 32) assertIdentical(makeModel({ projection, input: image(40), width, shift, seed: width }));
      }
    }
  }
});

Deno.test("loadPnetWasm: bit-identical where the Hadamard rounds shift, and over several blocks", () => {
  for (const [width, functions] of [[3000, 30], [5000, 20], [70000, 3], [200, 90]]) {
    assertIdentical(
      makeModel({
        projection: { family: "hadamard" },
        input: image(width),
        functions,
        bitsPerFunction: 11,
        head: ["int8"],
      }),
    );
  }
});

Deno.test("loadPnetWasm: more bits than 16-bit sums can hold, at the largest weights", () => {
  for (const weight of [-128, 127]) {
    const model = makeModel({ input: image(9), functions: 50, bitsPerFunction: 101, head: ["int8"], width: 0 });
    model.head[0].weights.fill(weight);
    model.thresholds.fill(-2147483648);
    assertIdentical(model);
    const classifier = loadPnetWasm(encodePnet(model));
    assertEquals(classifier.codes(new Uint8Array(9)).reduce((sum, byte) => sum + Number(byte === 255), 0), 631);
  }
});

Deno.test("loadPnetWasm: the greatest sums of dense families and taps", () => {
  for (
    const projection of [...FAMILIES, { family: "taps", taps: 3000 } as const, { family: "taps", taps: 1 } as const]
  ) {
    assertIdentical(makeModel({ projection, input: image(1000), functions: 5, bitsPerFunction: 7 }));
  }
});

Deno.test("loadPnetWasm: more bits than short addresses reach", () => {
  for (const projection of FAMILIES) {
    for (const head of PRECISIONS) {
      assertIdentical(
        makeModel({ projection, input: image(30), functions: 90, bitsPerFunction: 101, head: [head], width: 6 }),
      );
    }
  }
});

Deno.test("loadPnetWasm: batches of any length, larger than what one call takes", () => {
  for (const count of [2, 63, 64, 65, 300]) assertIdentical(makeModel({ input: image(20), width: 4 }), count);
});

Deno.test("loadPnetWasm: models do not disturb each other, nor do answers", () => {
  const [a, b] = [1, 2].map((seed) => loadPnetWasm(encodePnet(makeModel({ seed, width: 5, head: ["float", "int8"] }))));
  const sample = [1, 20, 255, 0, 7, 90];
  const first = a.classify(sample), copy = structuredClone(first);
  b.classifyBatch([...sample, 0, 0, 0, 0, 0, 0]);
  a.classify([0, 0, 0, 0, 0, 255]);
  assertEquals(first, copy);
  assertEquals(a.classify(sample), copy);
  first.logits.fill(NaN);
  assertEquals(a.classify(sample), copy);
  structuredClone(first.logits, { transfer: [first.logits.buffer as ArrayBuffer] });
  assertEquals(a.classify(sample), copy);
});

Deno.test("loadPnetWasm: compiles a module where it can, and is the plain runtime where it cannot", () => {
  const bytes = encodePnet(makeModel({ width: 6 }));
  const sample = [1, 20, 255, 0, 7, 90];
  const wanted = loadPnet(bytes).classify(sample);
  const real = globalThis.WebAssembly;
  let instances = 0;
  const replace = (changes: Partial<typeof WebAssembly> | undefined): void => {
    const value = changes && Object.assign(Object.create(real), changes);
    Object.defineProperty(globalThis, "WebAssembly", { value, configurable: true, writable: true });
  };
  try {
    replace({
      Instance: class extends real.Instance {
        constructor(...args: ConstructorParameters<typeof WebAssembly.Instance>) {
          super(...args);
          instances++;
        }
      },
    });
    assertEquals(loadPnetWasm(bytes).classify(sample), wanted);
    assertEquals(instances, 1);
    replace({
      Module: class {
        constructor() {
          throw new real.CompileError("code generation refused");
        }
      } as unknown as typeof WebAssembly.Module,
    });
    assertEquals(loadPnetWasm(bytes).classify(sample), wanted);
    replace({
      Memory: class {
        constructor() {
          throw new RangeError("out of memory");
        }
      } as unknown as typeof WebAssembly.Memory,
    });
    assertEquals(loadPnetWasm(bytes).classify(sample), wanted);
    replace(undefined);
    assertEquals(loadPnetWasm(bytes).classify(sample), wanted);
    assertEquals(instances, 1);
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", { value: real, configurable: true, writable: true });
  }
});

Deno.test("loadPnetWasm: says what a model runs in: WebAssembly but for models of uncommon size", () => {
  for (const projection of FAMILIES) {
    for (const head of HEADS.filter((head) => suits(projection, head))) {
      const bytes = encodePnet(makeModel({ projection, head }));
      assertEquals([loadPnetWasm(bytes).runtime, loadPnet(bytes).runtime], ["wasm", "plain"]);
    }
  }
  // A patch is a small part of a row; as whole rows these are too large.
  const projection = { family: "patch", smallest: 1, largest: 1 } as const;
  const wide = makeModel({ projection, input: image(70000), functions: 1000, bitsPerFunction: 1, head: ["int8"] });
  assertEquals(loadPnetWasm(encodePnet(wide)).runtime, "plain");
  const filters = { family: "conv", filter: 65, stride: 1, cell: 1, cellStride: 1 } as const;
  const large = { kind: "image", width: 66, height: 65, channels: 1 } as const;
  assertIdentical(makeModel({ projection: filters, input: large, head: ["int8"] }));
  assertEquals(loadPnetWasm(encodePnet(makeModel({ projection: filters, input: large }))).runtime, "plain");
});

Deno.test("loadPnetWasm: bit-identical for filters of every shape, with 16-bit and with 32-bit sums", () => {
  let seed = 0;
  const inputs = [[9, 9, 1], [12, 8, 3], [28, 28, 1], [11, 13, 2]].map(([width, height, channels]) =>
    ({ kind: "image", width, height, channels }) as const
  );
  for (const input of inputs) {
    for (const [filter, stride, cell, cellStride] of [[3, 1, 3, 3], [5, 2, 2, 1], [4, 3, 1, 1], [8, 1, 2, 2]]) {
      for (const functions of [1, 8, 9, 65, 130]) {
        for (const reads of [{}, { reads: "counts" as const }]) {
          const projection = { family: "conv" as const, filter, stride, cell, cellStride, ...reads };
          const head = (["float", "int8", "ternary"] as const)[seed % 3];
          const model = makeModel({ projection, input, functions, head: [head, "int8"], hidden: 3, seed: ++seed });
          assertIdentical(model, 4);
        }
      }
    }
  }
});

Deno.test("loadPnetWasm: bit-identical for images with a single faint pixel, wherever it stands", () => {
  for (const [filter, stride] of [[3, 1], [5, 2], [9, 1]]) {
    const projection = { family: "conv" as const, filter, stride, cell: 1, cellStride: 1 };
    const input = { kind: "image", width: 11, height: 10, channels: 1 } as const;
    const model = makeModel({ projection, input, functions: 5, seed: filter });
    // No filter responds to nothing, so that windows without a pixel are left out.
    (model.projection as ConvSpec).filterThresholds.fill(0);
    const bytes = encodePnet(model);
    const plain = loadPnet(bytes), wasm = loadPnetWasm(bytes);
    const sample = new Uint8Array(110);
    for (let i = 0; i < sample.length; i++) {
      sample[i] = 1;
      assertEquals(wasm.codes(sample), plain.codes(sample));
      sample[i] = 0;
    }
  }
});

Deno.test("loadPnetWasm: a filter of all taps alike at the greatest sum, thresholds beyond every sum, and filters that respond to nothing", () => {
  const projection = { family: "conv" as const, filter: 11, stride: 1, cell: 2, cellStride: 2 };
  const input = { kind: "image", width: 12, height: 12, channels: 1 } as const;
  for (const threshold of [-2147483648, -40000, -32769, -32768, -1, 0, 32640, 32767, 32768, 2147483647]) {
    const model = makeModel({ projection, input, functions: 20, width: 0 });
    (model.projection as ConvSpec).filterThresholds.fill(threshold);
    assertIdentical(model, 4);
  }
});

Deno.test("loadPnetWasm: refuses broken files as loadPnet does", () => {
  const bytes = encodePnet(makeModel());
  bytes[bytes.length - 1] ^= 1;
  assertThrows(() => loadPnetWasm(bytes), PnetFormatError);
  assertGreaterOrEqual(loadPnetWasm(encodePnet(makeModel())).modelBytes, 40);
});
