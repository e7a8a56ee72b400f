import { assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { epochOrder } from "../../lib/data/split.ts";
import { hash32 } from "../../lib/projection/mod.ts";
import { range } from "./fixtures.ts";

Deno.test("epochOrder is a permutation that its arguments determine", () => {
  for (const count of [0, 1, 2, 1000]) {
    const order = epochOrder(count, { seed: 3, epoch: 5 });
    assertEquals([...order].sort((a, b) => a - b), range(count));
    assertEquals(order, epochOrder(count, { seed: 3, epoch: 5 }));
  }
  const order = epochOrder(1000, { seed: 3, epoch: 5 });
  assertNotEquals(order, epochOrder(1000, { seed: 3, epoch: 6 }));
  assertNotEquals(order, epochOrder(1000, { seed: 4, epoch: 5 }));
});

Deno.test("epochOrder is Fisher-Yates with exact integer scaling of hashes", () => {
  for (const [count, seed, epoch] of [[10, 0, 0], [300, 9, 4], [70_000, 0xffffffff, 0xffffffff]]) {
    const expected = range(count);
    const key = hash32(seed, 2, 0);
    for (let left = count; left > 1; left--) {
      const chosen = Number((BigInt(hash32(key, epoch, left)) * BigInt(left)) >> 32n);
      [expected[left - 1], expected[chosen]] = [expected[chosen], expected[left - 1]];
    }
    assertEquals([...epochOrder(count, { seed, epoch })], expected);
  }
});

Deno.test("epochOrder gives each of the 24 orders of four equally often", () => {
  const tally = new Map<string, number>();
  const trials = 24_000;
  for (let epoch = 0; epoch < trials; epoch++) {
    const order = epochOrder(4, { seed: 11, epoch }).join("");
    tally.set(order, (tally.get(order) ?? 0) + 1);
  }
  assertEquals(tally.size, 24);
  const expected = trials / 24;
  let chiSquare = 0;
  for (const seen of tally.values()) chiSquare += (seen - expected) ** 2 / expected;
  // 23 degrees of freedom: 49.7 is passed with a probability of 0.001.
  assertLess(chiSquare, 49.7);
});

Deno.test("epochOrder refuses seeds and epochs that are no unsigned 32-bit integers", () => {
  for (const bad of [-1, 0.5, NaN, 2 ** 32]) {
    assertThrows(() => epochOrder(3, { seed: bad, epoch: 0 }), RangeError, `seed is ${bad}`);
    assertThrows(() => epochOrder(3, { seed: 0, epoch: bad }), RangeError, `index is ${bad}`);
  }
});
