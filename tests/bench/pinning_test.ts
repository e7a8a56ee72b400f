import { assertEquals } from "@std/assert";
import { parseProcessorList } from "../../bench/pinning.ts";

Deno.test("parseProcessorList: single processors and ranges", () => {
  assertEquals(parseProcessorList("0-1"), [0, 1]);
  assertEquals(parseProcessorList("3"), [3]);
  assertEquals(parseProcessorList("0,2-4,9"), [0, 2, 3, 4, 9]);
  assertEquals(parseProcessorList(""), []);
});
