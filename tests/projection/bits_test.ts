import { assertEquals, assertThrows } from "@std/assert";
import { packBits, unpackBits } from "../../lib/projection/mod.ts";
import { testNumbers } from "./reference.ts";

Deno.test("packBits: lowest bit first, strictly above the threshold", () => {
  const out = new Uint8Array(2).fill(255);
  packBits(Int32Array.of(1, 0, -1, 5, 5, 5, 0, 9, 7), Int32Array.of(0, 0, 0, 4, 5, 6, -1, 8, 6), out);
  assertEquals([...out], [0b11001001, 0b1]);
});

Deno.test("packBits: the whole range of 32 bits compares rightly", () => {
  const low = -2147483648, high = 2147483647;
  const out = new Uint8Array(1);
  packBits(Int32Array.of(low, high, low, high), Int32Array.of(high, low, low, high), out);
  assertEquals(out[0], 0b0010);
});

Deno.test("packBits and unpackBits: equal a naive version at every length", () => {
  const next = testNumbers(8);
  for (let bits = 0; bits <= 40; bits++) {
    const values = Int32Array.from({ length: bits }, () => Math.floor(next() * 11) - 5);
    const thresholds = Int32Array.from({ length: bits }, () => Math.floor(next() * 5) - 2);
    const packed = new Uint8Array(Math.ceil(bits / 8)), unpacked = new Uint8Array(bits).fill(9);
    packBits(values, thresholds, packed);
    unpackBits(packed, unpacked);
    assertEquals([...unpacked], Array.from(values, (value, k) => value > thresholds[k] ? 1 : 0));
    if (bits % 8) assertEquals(packed[packed.length - 1] >> (bits % 8), 0);
  }
});

Deno.test("packBits and unpackBits: refuse lengths that disagree", () => {
  assertThrows(() => packBits(new Int32Array(9), new Int32Array(8), new Uint8Array(2)), RangeError, "9 values, 8 thr");
  assertThrows(() => packBits(new Int32Array(9), new Int32Array(9), new Uint8Array(1)), RangeError, "1 bytes");
  assertThrows(() => unpackBits(new Uint8Array(1), new Uint8Array(9)), RangeError, "1 bytes for 9 bits");
});
