import { assertEquals } from "@std/assert";
import { sideBySide, textArt } from "../../lib/cli/text_art.ts";

Deno.test("textArt: a character stands for the mean of its pixels", () => {
  const pixels = [0, 0, 255, 255, 0, 0, 255, 255];
  assertEquals(textArt({ pixels, width: 4, height: 2 }, { columns: 2, rows: 1 }), [" @"]);
  assertEquals(textArt({ pixels, width: 4, height: 2 }, { columns: 4, rows: 2 }), ["  @@", "  @@"]);
  // The first of two characters covers one and a half of three pixels.
  assertEquals(textArt({ pixels: [0, 255, 255], width: 3, height: 1 }, { columns: 2, rows: 1 }), ["-@"]);
});

Deno.test("sideBySide: as many blocks in a row as fit", () => {
  const blocks = [["aa", "b"], ["cc", "dd"], ["ee", "f"]];
  assertEquals(sideBySide(blocks, { width: 5, gap: 1 }), "aa cc\nb  dd\n\nee\nf");
  assertEquals(sideBySide(blocks, { width: 1, gap: 1 }), "aa\nb\n\ncc\ndd\n\nee\nf");
});
