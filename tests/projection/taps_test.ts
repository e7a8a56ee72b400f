import { assertEquals, assertLess } from "@std/assert";
import { tapsRow } from "../../lib/projection/mod.ts";
import { hashReference, rowReference } from "./reference.ts";

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
