import { assertEquals } from "@std/assert";
import { hash32, hashColumn, rowKey } from "../../lib/projection/mod.ts";
import { mix32 } from "../../lib/projection/hash.ts";
import { hashReference, mixReference, testNumbers } from "./reference.ts";

Deno.test("mix32 and hash32: fixed vectors that no later version may change", () => {
  assertEquals([0, 1, 0xffffffff, 0x12345678].map(mix32), [0x0, 0x688990c0, 0x6768824a, 0xf5e71c96]);
  assertEquals(
    [[0, 0, 0], [1, 2, 3], [0xffffffff, 0xffffffff, 0xffffffff], [7, 719, 783]].map(([s, r, c]) => hash32(s, r, c)),
    [0xa2a80cf, 0x31f7603a, 0x63bacb63, 0x7d074fe5],
  );
});

Deno.test("mix32 and hash32: equal a BigInt version written from the specification", () => {
  const next = testNumbers(1);
  const edge = [0, 1, 2, 31, 32, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  const numbers = [...edge, ...Array.from({ length: 40 }, () => Math.floor(next() * 2 ** 32))];
  for (const x of numbers) assertEquals(mix32(x), Number(mixReference(BigInt(x))));
  for (const seed of numbers.slice(0, 16)) {
    for (const row of edge) {
      for (const column of numbers.slice(4, 24)) {
        assertEquals(hash32(seed, row, column), Number(hashReference(seed, row, column)));
      }
    }
  }
});

Deno.test("hash32: is the row's key with the column mixed in", () => {
  assertEquals(hash32(5, 6, 7), hashColumn(rowKey(5, 6), 7));
});

Deno.test("hash32: each bit of each coordinate flips each result bit about half the time", () => {
  const samples = 2000;
  const next = testNumbers(2);
  for (let coordinate = 0; coordinate < 3; coordinate++) {
    for (const inputBit of [0, 1, 7, 16, 31]) {
      const flips = new Int32Array(32);
      for (let s = 0; s < samples; s++) {
        const at = [0, 0, 0].map(() => Math.floor(next() * 2 ** 32));
        const before = hash32(at[0], at[1], at[2]);
        at[coordinate] = (at[coordinate] ^ (1 << inputBit)) >>> 0;
        const changed = before ^ hash32(at[0], at[1], at[2]);
        for (let bit = 0; bit < 32; bit++) flips[bit] += (changed >>> bit) & 1;
      }
      // Six standard deviations of a fair coin.
      for (const count of flips) assertEquals(Math.abs(count - samples / 2) < 6 * Math.sqrt(samples / 4), true);
    }
  }
});

Deno.test("hash32: no row is a shifted copy of another", () => {
  const rows = 300, columns = 100;
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) seen.add(hash32(1, row, column));
  }
  // 30,000 draws of 2^32: 0.1 repetitions are expected, a copy of a row would give dozens.
  assertEquals(rows * columns - seen.size < 5, true);
});
