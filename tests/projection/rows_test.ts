import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { gaussianRow, patchRow, signRow, tapsRow } from "../../lib/projection/rows.ts";
import { hashReference, projectReference, rowReference, testNumbers } from "./reference.ts";
import { largestCosine, moments } from "./statistics.ts";
import { checkProjection, type PatchSpec, prepareProjection } from "../../lib/projection/mod.ts";

function rows(fill: typeof signRow, count: number, length: number, seed = 1): Int8Array[] {
  return Array.from({ length: count }, (_, row) => {
    const out = new Int8Array(length);
    fill({ seed, row }, out);
    return out;
  });
}

Deno.test("gaussianRow: equals the BigInt version", () => {
  for (const features of [1, 31, 100]) {
    for (const row of [0, 1, 719]) {
      const out = new Int8Array(features);
      gaussianRow({ seed: 9, row }, out);
      assertEquals(
        [...out],
        rowReference({ family: "gaussian", seed: 9, features, functions: 1, bitsPerFunction: 1 }, row),
      );
    }
  }
});

Deno.test("gaussianRow: mean 0, deviation 36.9, the shape of a normal distribution", () => {
  const all = rows(gaussianRow, 100, 1000).flatMap((row) => [...row]);
  const { mean, deviation } = moments(all);
  assertLess(Math.abs(mean), 6 * 37 / Math.sqrt(all.length));
  assertAlmostEquals(deviation, Math.sqrt(4 * (256 ** 2 - 1) / 12) / 4, 0.6);
  // Excess kurtosis of the sum of four uniform variables is −0.3; a normal distribution has 0, a uniform one −1.2.
  const kurtosis = moments(all.map((value) => ((value - mean) / deviation) ** 2)).deviation ** 2 - 2;
  assertAlmostEquals(kurtosis, -0.3, 0.06);
  assertEquals(all.every((value) => value >= -127 && value <= 127), true);
});

Deno.test("gaussianRow: rows and seeds are independent of each other", () => {
  const length = 1000;
  // 6 standard deviations of a cosine between random directions.
  assertLess(
    largestCosine([...rows(gaussianRow, 40, length, 1), ...rows(gaussianRow, 20, length, 2)]),
    6 / Math.sqrt(length),
  );
});

Deno.test("signRow: equals the BigInt version, whether or not the length is a multiple of 32", () => {
  for (const features of [1, 31, 32, 33, 100]) {
    for (const row of [0, 1, 719]) {
      const out = new Int8Array(features);
      signRow({ seed: 9, row }, out);
      assertEquals(
        [...out],
        rowReference({ family: "sign", seed: 9, features, functions: 1, bitsPerFunction: 1 }, row),
      );
    }
  }
});

Deno.test("signRow: only −1 and +1, as many of each, in every place of a word", () => {
  const all = rows(signRow, 200, 960);
  assertEquals(new Set(all.flatMap((row) => [...row])), new Set([-1, 1]));
  for (let place = 0; place < 32; place++) {
    const values = all.flatMap((row) => [...row].filter((_, i) => i % 32 === place));
    assertLess(Math.abs(moments(values).mean), 6 / Math.sqrt(values.length));
  }
});

Deno.test("signRow: rows and seeds are independent of each other", () => {
  const length = 1024;
  assertLess(largestCosine([...rows(signRow, 40, length, 1), ...rows(signRow, 20, length, 2)]), 6 / Math.sqrt(length));
});

Deno.test("tapsRow: equals the BigInt version, for lengths whose product with a hash exceeds 2^53 too", () => {
  for (const features of [1, 2, 31, 784, 65537, 4194304]) {
    for (const row of [0, 1, 719]) {
      const out = new Int32Array(40);
      tapsRow({ seed: 3, row }, out, { features });
      const wanted = Array.from(out, (_, t) => {
        const feature = Number(hashReference(3, row, 2 * t) * BigInt(features) / 4294967296n);
        return hashReference(3, row, 2 * t + 1) % 2n === 0n ? feature : -feature - 1;
      });
      assertEquals([...out], wanted);
    }
  }
});

Deno.test("tapsRow: the sums of duplicate taps are those of the dense row", () => {
  const spec = { family: "taps", seed: 4, features: 3, functions: 1, bitsPerFunction: 1, taps: 50 } as const;
  const out = new Int32Array(50);
  tapsRow({ seed: 4, row: 0 }, out, spec);
  const sums = [0, 0, 0];
  for (const tap of out) sums[tap < 0 ? ~tap : tap] += tap < 0 ? -1 : 1;
  assertEquals(sums, rowReference(spec, 0));
});

Deno.test("tapsRow: features are drawn evenly, signs are fair and independent of the feature", () => {
  const features = 10, taps = 20, rows = 2000;
  const drawn = new Int32Array(features), signs = new Int32Array(features);
  const out = new Int32Array(taps);
  for (let row = 0; row < rows; row++) {
    tapsRow({ seed: 1, row }, out, { features });
    for (const tap of out) {
      drawn[tap < 0 ? ~tap : tap]++;
      signs[tap < 0 ? ~tap : tap] += tap < 0 ? -1 : 1;
    }
  }
  const expected = rows * taps / features;
  for (let i = 0; i < features; i++) {
    assertLess(Math.abs(drawn[i] - expected), 6 * Math.sqrt(expected));
    assertLess(Math.abs(signs[i]), 6 * Math.sqrt(expected));
  }
});

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
    ["width x height x channels is 72", { image: { width: 9, height: 4, channels: 2 } }],
    ["channels is 0", { image: { width: 9, height: 4, channels: 0 } }],
    ["bits x entries", { functions: 2 ** 20, bitsPerFunction: 1 }],
  ];
  for (const [message, change] of bad) {
    assertThrows(() => checkProjection({ ...good, ...change }), RangeError, message);
  }
});
