import { assert, assertEquals, assertLess } from "@std/assert";
import { bitDecoder, encodeBits } from "../../lib/packed/range_coder.ts";
import { testNumbers } from "../projection/reference.ts";

/** FORMAT.md's decoder by its words, with numbers of any size. */
function decodeReference(bytes: Uint8Array, contexts: number[]): number[] {
  let v = 0n, r = 2n ** 32n - 1n, next = 0;
  const byte = (): bigint => BigInt(bytes[next++] ?? 0);
  for (let i = 0; i < 4; i++) v = 256n * v + byte();
  const counts = new Map<number, [bigint, bigint]>();
  return contexts.map((context) => {
    const n = counts.get(context) ?? [1n, 1n];
    counts.set(context, n);
    const z = r / (n[0] + n[1]) * n[0];
    const decision = v < z ? 0 : 1;
    if (decision) {
      v -= z;
      r -= z;
    } else r = z;
    while (r < 2n ** 24n) {
      v = 256n * v + byte();
      r *= 256n;
    }
    n[decision] += 2n;
    if (n[0] + n[1] >= 65536n) counts.set(context, [(n[0] + 1n) / 2n, (n[1] + 1n) / 2n]);
    return decision;
  });
}

Deno.test("encodeBits: decisions of every skew come back, also by an independent decoder, near their entropy", () => {
  const next = testNumbers(9);
  for (const skew of [0, 0.001, 0.03, 0.5, 0.9, 1]) {
    for (const length of [0, 1, 2, 7, 100, 3000, 70000]) {
      const contexts = Array.from({ length }, () => Math.floor(next() * 3));
      const bits = contexts.map((context) => Number(next() < (context === 1 ? skew : 1 - skew)));
      const bytes = encodeBits(3, (code) => contexts.forEach((context, i) => code(context, bits[i])));
      const decide = bitDecoder(3, bytes);
      assertEquals(contexts.every((context, i) => decide(context, 1 - bits[i]) === bits[i]), true);
      if (length <= 3000) assertEquals(decodeReference(bytes, contexts), bits);
      assert(bytes[bytes.length - 1] !== 0, "a zero byte at the end");
      const entropy = -skew * Math.log2(skew || 1) - (1 - skew) * Math.log2(1 - skew || 1);
      assertLess(bytes.length, 1.01 * length * entropy / 8 + 3 * Math.sqrt(length) / 8 + 12);
    }
  }
});

Deno.test("encodeBits: the shortest of the strings that decode to the decisions", () => {
  const next = testNumbers(4);
  for (let round = 0; round < 300; round++) {
    const bits = Array.from({ length: Math.floor(next() * 18) }, () => Number(next() < 0.7));
    const bytes = encodeBits(1, (code) => bits.forEach((bit) => code(0, bit)));
    const contexts = bits.map(() => 0);
    const decodes = (candidate: number[]): boolean =>
      decodeReference(Uint8Array.from(candidate), contexts).join() === bits.join();
    const candidates = [[], ...Array.from({ length: 256 }, (_, a) => [a])];
    for (let a = 0; a < 256; a++) for (let b = 1; b < 256; b++) if (a === (bytes[0] ?? 0)) candidates.push([a, b]);
    const shortest = candidates.find(decodes);
    if (bytes.length <= 2) assertEquals([...bytes], shortest);
    else assertEquals(shortest, undefined);
  }
});
