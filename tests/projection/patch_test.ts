import { assertEquals, assertThrows } from "@std/assert";
import { checkProjection, patchRow, type PatchSpec, prepareProjection } from "../../lib/projection/mod.ts";
import { projectReference, rowReference, testNumbers } from "./reference.ts";

function patchSpec(image: PatchSpec["image"], sides: { smallest: number; largest: number }): PatchSpec {
  const features = image.width * image.height * image.channels;
  return { family: "patch", seed: 9, features, functions: 5, bitsPerFunction: 8, image, ...sides };
}

const SPECS = [
  patchSpec({ width: 7, height: 7, channels: 1 }, { smallest: 2, largest: 5 }),
  patchSpec({ width: 9, height: 4, channels: 3 }, { smallest: 1, largest: 9 }),
  patchSpec({ width: 1, height: 1, channels: 1 }, { smallest: 1, largest: 1 }),
  patchSpec({ width: 3, height: 11, channels: 2 }, { smallest: 3, largest: 3 }),
];

Deno.test("patch: rows and products equal an independent version, selected or not", () => {
  const next = testNumbers(12);
  for (const base of SPECS) {
    const indices = Uint32Array.from({ length: 40 }, (_, k) => 3 * k + k % 2);
    for (const spec of [base, { ...base, selection: { pool: 5000, indices } }]) {
      const projection = prepareProjection(spec);
      const out = new Int32Array(40), row = new Int8Array(spec.features).fill(5);
      for (const share of [0, 0.4, 1]) {
        const x = Uint8Array.from({ length: spec.features }, () => next() < share ? Math.floor(next() * 256) : 0);
        projection.project(x, out);
        assertEquals([...out], projectReference(spec, x));
      }
      for (const k of [0, 7, 39]) {
        projection.row!(k, row);
        // Neither version has a negative zero.
        assertEquals([...row], rowReference(spec, k));
      }
    }
  }
});

Deno.test("patch: sides and places are drawn evenly within their bounds", () => {
  const image = { width: 10, height: 6, channels: 1 };
  const entries = new Int32Array(60);
  const widths = new Map<number, number>(), heights = new Map<number, number>();
  const covered = new Int32Array(60);
  let positive = 0, all = 0;
  for (let row = 0; row < 6000; row++) {
    const count = patchRow({ seed: 3, row }, entries, { image, smallest: 2, largest: 8 });
    const features = Array.from(entries.subarray(0, count), (entry) => entry ^ (entry >> 31));
    const across = new Set(features.map((feature) => feature % 10)).size;
    widths.set(across, (widths.get(across) ?? 0) + 1);
    heights.set(count / across, (heights.get(count / across) ?? 0) + 1);
    for (const feature of features) covered[feature]++;
    positive += entries.subarray(0, count).filter((entry) => entry >= 0).length;
    all += count;
  }
  assertEquals([...widths.keys()].sort(), [2, 3, 4, 5, 6, 7, 8]);
  assertEquals([...heights.keys()].sort(), [2, 3, 4, 5, 6]);
  for (const n of widths.values()) assertEquals(Math.abs(n - 6000 / 7) < 130, true, `${n}`);
  for (const n of heights.values()) assertEquals(Math.abs(n - 1200) < 150, true, `${n}`);
  assertEquals(Math.abs(positive / all - 0.5) < 0.01, true);
  assertEquals(covered.every((n) => n > 300), true);
});

Deno.test("patch: refuses sides that no patch can have and images that are not the input", () => {
  const good = SPECS[1];
  const bad: [string, Partial<PatchSpec>][] = [
    ["smallest is 0", { smallest: 0 }],
    ["smallest is 5", { smallest: 5 }],
    ["largest is 10", { largest: 10 }],
    ["largest is 1", { smallest: 2, largest: 1 }],
    ["width × height × channels is 72", { image: { width: 9, height: 4, channels: 2 } }],
    ["channels is 0", { image: { width: 9, height: 4, channels: 0 } }],
    ["bits × entries", { functions: 2 ** 20, bitsPerFunction: 1 }],
  ];
  for (const [message, change] of bad) {
    assertThrows(() => checkProjection({ ...good, ...change }), RangeError, message);
  }
});
