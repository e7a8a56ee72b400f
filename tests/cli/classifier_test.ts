import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { encodePnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { loadClassifier } from "../../lib/cli/classifier.ts";
import { inFolder, run, smallModel, writeSmallModel } from "./harness.ts";

const SAMPLE = [1, 20, 255, 0];

/** Calls `test` as on a platform without WebAssembly. */
async function withoutWasm(test: () => Promise<void>): Promise<void> {
  const real = globalThis.WebAssembly;
  const replace = (value: unknown) =>
    Object.defineProperty(globalThis, "WebAssembly", { value, configurable: true, writable: true });
  replace(undefined);
  try {
    await test();
  } finally {
    replace(real);
  }
}

Deno.test("loadClassifier: the runtime that is asked for, else WebAssembly; the same answers", () => {
  const bytes = encodePnet(smallModel());
  const wanted = loadClassifier(bytes, "plain").classifier.classify(SAMPLE);
  for (const [asked, got] of [["plain", "plain"], ["wasm", "wasm"], ["auto", "wasm"], [undefined, "wasm"]] as const) {
    const { classifier, runtime } = loadClassifier(bytes, asked);
    assertEquals([runtime, classifier.classify(SAMPLE)], [got, wanted]);
  }
  assertThrows(() => loadClassifier(bytes.subarray(1)), PnetFormatError);
  // Filters too wide for WebAssembly.
  const image = { width: 65, height: 65, channels: 1 };
  const filters = { functions: 8, bitsPerFunction: 1, seed: 1, filter: 65, stride: 1, cell: 1, cellStride: 1 };
  const left = encodePnet({
    ...smallModel(),
    input: { kind: "image", ...image },
    projection: { family: "conv", features: 65 * 65, image, ...filters, filterThresholds: new Int32Array(8) },
    thresholds: new Int32Array(8),
  });
  assertEquals(loadClassifier(left).runtime, "plain");
  assertThrows(() => loadClassifier(left, "wasm"), Error, "runs in plain TypeScript only");
});

Deno.test("loadClassifier: without WebAssembly the plain runtime, and an error for who insists", async () => {
  const bytes = encodePnet(smallModel());
  await withoutWasm(async () => {
    assertEquals(loadClassifier(bytes).runtime, "plain");
    await inFolder(async (folder) => {
      const outcome = await run(["predict", await writeSmallModel(folder), "--runtime", "wasm"], "[1,2,3,4]\n");
      assertEquals([outcome.code, outcome.out], [1, ""]);
      assertStringIncludes(outcome.err, "--runtime wasm: this platform has no WebAssembly SIMD");
    });
  });
});

Deno.test("predict: --runtime does not change the answers", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const answers = [];
    for (const runtime of ["plain", "wasm", "auto"]) {
      const { code, out } = await run(["predict", model, "--runtime", runtime], "[1,2,3,4]\n[9,200,0,41]\n");
      answers.push({ code, out });
    }
    assertEquals(answers[0].code, 0);
    assertEquals(answers[1], answers[0]);
    assertEquals(answers[2], answers[0]);
  });
});
