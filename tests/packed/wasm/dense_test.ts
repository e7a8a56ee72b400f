import { assertEquals } from "@std/assert";
import { I32, ModuleBuilder } from "../../../lib/kernels/wasm/assembler/mod.ts";
import { planCode } from "../../../lib/packed/wasm/code_area.ts";
import { defineDense, DENSE_GROUP } from "../../../lib/packed/wasm/dense.ts";
import { Layout } from "../../../lib/packed/wasm/layout.ts";
import { hasUnsignedDots } from "../../../lib/packed/wasm/unsigned_dots.ts";
import { testNumbers } from "../../projection/reference.ts";

interface Case {
  entries: Int8Array[];
  samples: Uint8Array[];
  unsignedDots: boolean;
}

/** Whether each row's product with each sample is above its product with the first sample. */
function bitsOf({ entries, samples, unsignedDots }: Case, thresholds: Int32Array): string[] {
  const features = samples[0].length;
  const layout = new Layout(), module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  const sample = layout.reserve(features + 1);
  const area = planCode(layout, thresholds, DENSE_GROUP);
  const matrix = { bits: entries.length, features, row: (k: number, out: Int8Array) => out.set(entries[k]) };
  const dense = defineDense(module, layout, matrix, { area, unsignedDots });
  module.function({ sample: I32 }, (code, { sample }) => code.call(dense, sample), "run");
  const memory = layout.memory();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
  return samples.map((x) => {
    new Uint8Array(memory.buffer, sample, features).set(x);
    (exports as { run(sample: number): void }).run(sample);
    return [...new Int8Array(memory.buffer, area.masks, entries.length)].map((mask) => -mask).join("");
  });
}

const product = (row: Int8Array, x: Uint8Array): number => row.reduce((sum, entry, i) => sum + entry * x[i], 0);

Deno.test("dense: bits are exact with sums in 32 and in 16 bits, for entries of every size", () => {
  const next = testNumbers(6);
  for (const largest of [1, 2, 21, 64, 65, 127]) {
    for (const [bits, features] of [[1, 1], [5, 2], [63, 3], [64, 130], [65, 785]]) {
      const entries = Array.from(
        { length: bits },
        (_, k) =>
          Int8Array.from(
            { length: features },
            () => k === 0 ? largest : k === 1 ? -largest : Math.floor(next() * (2 * largest + 1)) - largest,
          ),
      );
      const samples = [
        Uint8Array.from({ length: features }, () => next() * 256),
        new Uint8Array(features).fill(255),
        new Uint8Array(features),
        Uint8Array.from({ length: features }, () => next() < 0.8 ? 0 : 255),
      ];
      const thresholds = Int32Array.from(entries, (row) => product(row, samples[0]) - Math.floor(next() * 3));
      const wanted = samples.map((x) => entries.map((row, k) => Number(product(row, x) > thresholds[k])).join(""));
      for (const unsignedDots of hasUnsignedDots() ? [false, true] : [false]) {
        assertEquals(bitsOf({ entries, samples, unsignedDots }, thresholds), wanted);
      }
    }
  }
});

Deno.test("hasUnsignedDots: where WebAssembly has relaxed SIMD on an Intel or AMD processor", () => {
  assertEquals(hasUnsignedDots(), hasUnsignedDots());
  if (Deno.build.arch === "x86_64") assertEquals(hasUnsignedDots(), true);
});
