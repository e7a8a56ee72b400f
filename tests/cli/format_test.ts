import { assertEquals } from "@std/assert";
import { count, duration, percent, table } from "../../lib/cli/format.ts";

Deno.test("format: numbers for people", () => {
  assertEquals(percent(0.97527), "97.53 %");
  assertEquals(count(1234567), "1,234,567");
  assertEquals(duration(0.84), "0.8 s");
  assertEquals(duration(9.96), "0:10");
  assertEquals(duration(65), "1:05");
  assertEquals(duration(3599.6), "1:00:00");
  assertEquals(duration(7800), "2:10:00");
});

Deno.test("table: columns are as wide as their widest cell", () => {
  assertEquals(table([["a", "1", "x"], ["long", "100"]]), "a       1  x\nlong  100");
});
