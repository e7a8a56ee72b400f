import { assertEquals, assertThrows } from "@std/assert";
import { decodeText, splitLines, TEXT_ENCODINGS } from "../../lib/data/decode_text.ts";
import { DataFormatError } from "../../lib/data/errors.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** UTF-16 by hand. */
function utf16(text: string, bigEndian: boolean): Uint8Array {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return Uint8Array.from(units.flatMap((unit) => bigEndian ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8]));
}

const samples = ["", "plain", "grüße, 東京, 🙂", "a\nb\r\nc"];

Deno.test("decodeText: UTF-8 with and without a mark, UTF-16 by its mark, encodings that are given", () => {
  for (const text of samples) {
    assertEquals(decodeText(utf8(text), { file: "f" }), text);
    assertEquals(decodeText(utf8("\ufeff" + text), { file: "f" }), text);
    for (const big of [false, true]) {
      assertEquals(decodeText(utf16("\ufeff" + text, big), { file: "f" }), text);
      assertEquals(decodeText(utf16(text, big), { file: "f", encoding: big ? "utf-16be" : "utf-16le" }), text);
    }
  }
  assertEquals(decodeText(Uint8Array.of(0x66, 0xfc, 0x72, 0x80), { file: "f", encoding: "latin1" }), "für€");
  assertEquals(decodeText(utf8("\ufeffü"), { file: "f", encoding: "latin1" }), "ü");
  assertEquals(TEXT_ENCODINGS.length, 4);
});

Deno.test("decodeText: bytes that are no UTF-8 are refused with line and byte", () => {
  const cases: [number[], number, number][] = [
    [[0xff], 1, 1],
    [[0x61, 0x0a, 0x62, 0xfc, 0x72], 2, 2],
    [[0x61, 0x0d, 0x0a, 0x0d, 0x62, 0x63, 0xe9, 0x20], 3, 3],
    // A character cut off at the end; a surrogate; an overlong form.
    [[0x61, 0x0a, 0xe2, 0x82], 2, 1],
    [[0xed, 0xa0, 0x80], 1, 1],
    [[0x61, 0xc0, 0xaf], 1, 2],
  ];
  for (const [bytes, row, column] of cases) {
    const error = assertThrows(() => decodeText(Uint8Array.from(bytes), { file: "f.txt" }), DataFormatError);
    assertEquals([error.row, error.file], [row, "f.txt"]);
    assertEquals(error.message.includes(`row ${row}: byte ${column} of the line`), true, error.message);
  }
});

Deno.test("decodeText: binary files and broken UTF-16 are refused", () => {
  assertThrows(() => decodeText(Uint8Array.of(0x61, 0, 0x62), { file: "f" }), DataFormatError, "zero byte at 1");
  assertThrows(() => decodeText(Uint8Array.of(0xff, 0xfe, 0x61), { file: "f" }), DataFormatError, "no utf-16le text");
  assertThrows(
    () => decodeText(Uint8Array.of(0xfe, 0xff, 0xd8, 0), { file: "f" }),
    DataFormatError,
    "no utf-16be text",
  );
});

Deno.test("splitLines: every kind of line end, and none for the last", () => {
  assertEquals(splitLines("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
  assertEquals(splitLines("a\n\nb\n"), ["a", "", "b"]);
  assertEquals(splitLines(""), []);
});
