import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { bucketedOrder } from "../../mod.ts";
import { hash32 } from "../../lib/projection/mod.ts";

const count = 1003, batchSize = 10;
const lengths = Int32Array.from({ length: count }, (_, row) => 1 + hash32(1, 2, row) % 40);
const order = (options = {}) => bucketedOrder(lengths, { seed: 1, epoch: 0, batchSize, ...options });

Deno.test("every row comes once, and the order depends on seed and epoch alone", () => {
  assertEquals(Array.from(order()).sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
  assertEquals(order(), order());
  assertNotEquals(order(), order({ epoch: 1 }));
  assertNotEquals(order(), order({ seed: 2 }));
  assertEquals(bucketedOrder([], { seed: 1, epoch: 0, batchSize }), new Uint32Array(0));
});

Deno.test("the rows of a batch have similar lengths, and the batches come in no order of length", () => {
  const bucketed = order(), means: number[] = [];
  let spread = 0;
  for (let start = 0; start + batchSize <= count; start += batchSize) {
    const batch = Array.from(bucketed.subarray(start, start + batchSize), (row) => lengths[row]);
    spread += Math.max(...batch) - Math.min(...batch);
    means.push(batch.reduce((a, b) => a + b) / batchSize);
  }
  // Ten of 1…40 drawn at random are 33 apart.
  assertLess(spread / means.length, 5);
  const rises = means.filter((mean, i) => i > 0 && mean > means[i - 1]).length / means.length;
  assert(rises > 0.35 && rises < 0.65, `${rises}`);
});

Deno.test("a seed or epoch that is no unsigned integer is refused", () => {
  assertThrows(() => order({ seed: -1 }), RangeError, "seed is -1");
  assertThrows(() => order({ epoch: 0.5 }), RangeError, "index is 0.5");
});
