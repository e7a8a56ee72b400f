import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { gaussianRow } from "../../lib/projection/mod.ts";
import { rowReference } from "./reference.ts";
import { largestCosine, moments } from "./statistics.ts";

function rows(count: number, length: number, seed = 1): Int8Array[] {
  return Array.from({ length: count }, (_, row) => {
    const out = new Int8Array(length);
    gaussianRow({ seed, row }, out);
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
  const all = rows(100, 1000).flatMap((row) => [...row]);
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
  assertLess(largestCosine([...rows(40, length, 1), ...rows(20, length, 2)]), 6 / Math.sqrt(length));
});
