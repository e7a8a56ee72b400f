import { assert, assertEquals } from "@std/assert";
import { inRows, linearAxis, logAxis, shortNumber } from "../../lib/study/axes.ts";

Deno.test("logAxis: holds its values with room at the ends, and has round numbers in order", () => {
  const { ticks, domain, place } = logAxis([10, 2880, 720], { most: 9 });
  assertEquals(ticks, [10, 20, 50, 100, 200, 500, 1000, 2000]);
  assert(domain[0] < 10 && domain[1] > 2880);
  assert(place(10) > 0 && place(10) < 0.06, `${place(10)}`);
  assert(place(2880) > 0.94 && place(2880) < 1, `${place(2880)}`);
  const [one, ten, hundred] = [10, 100, 1000].map(place);
  assert(Math.abs(hundred - ten - (ten - one)) < 1e-12);
});

Deno.test("logAxis: fewer numbers where there is less room", () => {
  const values = [10, 100_000];
  const counts = [20, 10, 5, 2].map((most) => logAxis(values, { most }).ticks.length);
  assertEquals(counts, [13, 9, 5, 2]);
  for (const most of [20, 10, 5, 2]) {
    for (const tick of logAxis(values, { most }).ticks) assert(/^[1235]0*$/.test(String(tick)), `${tick}`);
  }
});

Deno.test("logAxis: one value stands in the middle", () => {
  const { place, domain } = logAxis([80, 80], { most: 9 });
  assert(Math.abs(place(80) - 0.5) < 1e-12);
  assert(domain[0] > 50 && domain[1] < 120);
});

Deno.test("linearAxis: from tick to tick, never beyond the end of all", () => {
  const { ticks, domain, place } = linearAxis([72.4, 98.9], { most: 7, end: 100 });
  assertEquals(ticks, [70, 75, 80, 85, 90, 95, 100]);
  assertEquals(domain, [70, 100]);
  assertEquals([place(70), place(85), place(100)], [0, 0.5, 1]);
  assertEquals(linearAxis([0, 100], { most: 5, end: 100 }).ticks, [0, 20, 40, 60, 80, 100]);
  const equal = linearAxis([50, 50], { most: 7, end: 100 });
  assert(equal.domain[0] <= 50 && equal.domain[1] >= 50 && equal.ticks.length >= 2, `${equal.ticks}`);
  assertEquals(linearAxis([0, 0.2], { most: 7, end: 100 }).ticks[0], 0);
});

Deno.test("shortNumber: thousands, millions, thousands of millions", () => {
  assertEquals([5, 800, 1000, 2500, 28_872, 1e6, 11_188_040, 3e9].map(shortNumber), [
    ...["5", "800", "1k", "2.5k", "28.9k", "1M", "11.2M", "3G"],
  ]);
});

Deno.test("inRows: in order, no row too wide, none empty", () => {
  assertEquals(inRows([40, 40, 40, 90, 10], 100), [[0, 1], [2], [3, 4]]);
  assertEquals(inRows([150, 20], 100), [[0], [1]]);
  assertEquals(inRows([], 100), []);
});
