import { assertEquals, assertLess } from "@std/assert";
import { signRow } from "../../lib/projection/mod.ts";
import { rowReference } from "./reference.ts";
import { largestCosine, moments } from "./statistics.ts";

function rows(count: number, length: number, seed = 1): Int8Array[] {
  return Array.from({ length: count }, (_, row) => {
    const out = new Int8Array(length);
    signRow({ seed, row }, out);
    return out;
  });
}

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
  const all = rows(200, 960);
  assertEquals(new Set(all.flatMap((row) => [...row])), new Set([-1, 1]));
  for (let place = 0; place < 32; place++) {
    const values = all.flatMap((row) => [...row].filter((_, i) => i % 32 === place));
    assertLess(Math.abs(moments(values).mean), 6 / Math.sqrt(values.length));
  }
});

Deno.test("signRow: rows and seeds are independent of each other", () => {
  const length = 1024;
  assertLess(largestCosine([...rows(40, length, 1), ...rows(20, length, 2)]), 6 / Math.sqrt(length));
});
