import { assertEquals } from "@std/assert";
import { hash32 } from "../../lib/projection/mod.ts";
import { parseDecimal } from "../../lib/data/decimal.ts";
import { text } from "./fixtures.ts";

function parse(content: string): number {
  const bytes = text(`9${content}9`);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

Deno.test("parseDecimal agrees with Number on what is a decimal number", () => {
  const numbers = ["0", "-0", "+7", "255", "1.5", ".5", "5.", "-0.25", "00012", "1e3", "1E-3", "-2.5e+2", "5e-324"];
  numbers.push(
    "0.1",
    "123456789012345",
    "0.000000000000001",
    "1234567890123456789",
    "0.1234567890123456789",
    "9007199254740993",
  );
  for (const number of numbers) assertEquals(parse(number), Number(number), number);
});

Deno.test("parseDecimal is correctly rounded on random numbers of every length", () => {
  for (let i = 0; i < 5000; i++) {
    const digits = `${hash32(1, i, 0)}${hash32(1, i, 1)}`.slice(0, 1 + (i % 20));
    const point = hash32(1, i, 2) % (digits.length + 1);
    const number = `${digits.slice(0, point)}.${digits.slice(point)}`;
    assertEquals(parse(number), Number(number), number);
  }
});

Deno.test("parseDecimal refuses everything else", () => {
  const others = ["", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.", "0x10", "0b1", "1_000", "1,5", "NaN", "Infinity"];
  others.push("-Infinity", "1 2", " 1", "1 ", "--1", "1.2.3", "12a", "٣", "1n", "1e5x");
  for (const other of others) assertEquals(parse(other), NaN, other);
});

Deno.test("parseDecimal gives infinity where float64 ends", () => {
  assertEquals(parse("1e999"), Infinity);
  assertEquals(parse("-1e999"), -Infinity);
});
