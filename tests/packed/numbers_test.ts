import { assertEquals } from "@std/assert";
import { digitsOf, type IntegerPrecision, packDigits, unpackDigits } from "../../lib/packed/numbers.ts";
import { testNumbers } from "../projection/reference.ts";
import { makeWeights } from "./models.ts";

const PRECISIONS: IntegerPrecision[] = ["int8", "int4", "ternary", "binary"];

Deno.test("packDigits: weights of every precision and number come back, in as many bytes as FORMAT.md says", () => {
  const perByte = { int8: 1, int4: 2, ternary: 5, binary: 8 };
  const next = testNumbers(3);
  for (const precision of PRECISIONS) {
    const digits = digitsOf(precision);
    for (let length = 0; length < 40; length++) {
      const weights = Int8Array.from({ length }, () => makeWeights(precision, next));
      const bytes = packDigits(weights, digits);
      assertEquals(bytes.length, Math.ceil(length / perByte[precision]));
      const back = new Int8Array(length);
      unpackDigits(bytes, back, digits);
      assertEquals(back, weights);
    }
  }
});

Deno.test("packDigits: by hand", () => {
  assertEquals([...packDigits(Int8Array.of(-128, 0, 127), digitsOf("int8"))], [0, 128, 255]);
  assertEquals([...packDigits(Int8Array.of(-8, 7, 0), digitsOf("int4"))], [0xf0, 0x08]);
  assertEquals([...packDigits(Int8Array.of(1, 0, -1, -1, 1, 1), digitsOf("ternary"))], [0xa7, 2]);
  assertEquals([...packDigits(Int8Array.of(1, -1, -1, -1, -1, -1, -1, 1, 1), digitsOf("binary"))], [0x81, 1]);
});
