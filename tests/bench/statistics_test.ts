import { assertEquals } from "@std/assert";
import { median, medianRatio, medianSample } from "../../bench/statistics.ts";

Deno.test("median: odd and even numbers of values, in any order, which stays", () => {
  const values = [10, 9, 1];
  assertEquals(median(values), 9);
  assertEquals(values, [10, 9, 1]);
  assertEquals(median([4, 1, 100, 2]), 3);
  assertEquals(median([7]), 7);
  assertEquals(median([]), NaN);
});

Deno.test("medianSample: leaves out the rounds that were not measured", () => {
  assertEquals(medianSample([undefined, 5, undefined, 3, 4]), 4);
});

Deno.test("medianRatio: compares within each round, so that a slow round does not count", () => {
  assertEquals(medianRatio([2, 40, 2, 2], [1, 20, 1, 1]), 2);
  assertEquals(medianRatio([undefined, 6, undefined], [1, 2, undefined]), 3);
  assertEquals(medianRatio([1, undefined], [undefined, 1]), NaN);
});
