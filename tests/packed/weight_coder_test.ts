import { assert, assertEquals, assertLess } from "@std/assert";
import { digitsOf, type IntegerPrecision, packDigits } from "../../lib/packed/numbers.ts";
import { bitDecoder, codedLimit, decodeWeights, encodeBits, encodeWeights } from "../../lib/packed/weight_coder.ts";
import { testNumbers } from "../projection/reference.ts";
import { makeWeights } from "./models.ts";

const PRECISIONS: IntegerPrecision[] = ["int8", "int4", "ternary", "binary"];

Deno.test("encodeWeights: weights of every precision, shape and distribution come back", () => {
  const next = testNumbers(21);
  let coded = 0;
  for (const precision of PRECISIONS) {
    for (const peak of [1, 2, 5]) {
      for (const [inputs, outputs] of [[1, 1], [3, 7], [100, 10], [10, 100], [1, 400], [400, 1]]) {
        const weights = Int8Array.from({ length: inputs * outputs }, () => makeWeights(precision, next, peak));
        const layer = { precision, inputs, outputs, weights: weights.slice() };
        const bytes = encodeWeights(layer);
        assertEquals(layer.weights, weights);
        if (bytes === undefined) continue;
        coded++;
        assertLess(bytes.length, packDigits(weights, digitsOf(precision)).length);
        layer.weights.fill(1);
        decodeWeights(bytes, layer);
        assertEquals(layer.weights, weights);
      }
    }
  }
  assertLess(25, coded);
});

Deno.test("encodeWeights: the extreme weights, alone and together", () => {
  for (const [precision, extremes] of [["int8", [-128, 127]], ["int4", [-8, 7]], ["ternary", [-1, 1]]] as const) {
    for (const values of [[extremes[0]], [extremes[1]], [...extremes], [...extremes, 0]]) {
      const weights = Int8Array.from({ length: 120 }, (_, i) => values[i % values.length]);
      const layer = { precision, inputs: 12, outputs: 10, weights: weights.slice() };
      const bytes = encodeWeights(layer)!;
      decodeWeights(bytes, layer);
      assertEquals(layer.weights, weights);
    }
  }
});

Deno.test("encodeWeights: no code where plain digits are as short, for too many weights, and for too many a byte", () => {
  const next = testNumbers(8);
  const random = Int8Array.from({ length: 1000 }, () => makeWeights("binary", next));
  assertEquals(encodeWeights({ precision: "binary", inputs: 100, outputs: 10, weights: random }), undefined);
  const ones = (count: number) =>
    encodeWeights({ precision: "int4", inputs: count, outputs: 1, weights: new Int8Array(count).fill(1) });
  assertEquals([ones(1), ones(100)?.length, ones(1000)], [undefined, 2, undefined]);
  assertEquals([codedLimit(0), codedLimit(3), codedLimit(1e9)], [0, 192, 1 << 20]);
  const many = (1 << 20) + 1;
  assertEquals(
    encodeWeights({ precision: "int8", inputs: many, outputs: 1, weights: new Int8Array(many).fill(1) }),
    undefined,
  );
});

Deno.test("encodeWeights: the code stays what it is; a decoder written from FORMAT.md in another language gave these weights", () => {
  const weights = Int8Array.from({ length: 60 }, (_, i) => Math.round(100 * Math.sin(i) ** 5));
  const bytes = encodeWeights({ precision: "int8", inputs: 6, outputs: 10, weights })!;
  assertEquals(
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    "5c7ec95e1b84cb306aae9a40a1b4c12ffa43f352dfd23a5b52303d1a3f5f02c480766ff38245f8cf371058afff4e269caa715ffbbdd3cd",
  );
});

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

Deno.test("encodeBits: counts are halved where FORMAT.md says", () => {
  const next = testNumbers(10);
  const bits = Array.from({ length: 40_000 }, () => Number(next() < 0.1));
  const bytes = encodeBits(1, (code) => bits.forEach((bit) => code(0, bit)));
  assertEquals(decodeReference(bytes, bits.map(() => 0)), bits);
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
