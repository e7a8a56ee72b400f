import { assertEquals, assertNotEquals } from "@std/assert";
import { crc32 } from "../../lib/packed/crc32.ts";
import { crcReference } from "./file_builder.ts";

Deno.test("crc32: the check value of the standard, and the empty string", () => {
  assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assertEquals(crc32(new Uint8Array(0)), 0);
});

Deno.test("crc32: equals a bitwise version and notices every changed byte", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 73);
  const sum = crc32(bytes);
  assertEquals(sum, crcReference(bytes));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] ^= 1 + i % 255;
    assertNotEquals(crc32(bytes), sum);
    bytes[i] ^= 1 + i % 255;
  }
});
