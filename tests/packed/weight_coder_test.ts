import { assertEquals, assertLess } from "@std/assert";
import { digitsOf, type IntegerPrecision, packDigits } from "../../lib/packed/digits.ts";
import { codedLimit, decodeWeights, encodeWeights } from "../../lib/packed/weight_coder.ts";
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
