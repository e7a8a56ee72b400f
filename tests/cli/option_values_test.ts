import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  bitSizes,
  distortions,
  integer,
  integerRange,
  list,
  number,
  numberRange,
  shareOrText,
  ValueError,
} from "../../lib/cli/option_values.ts";

Deno.test("bitSizes: TxD, several, N alone", () => {
  assertEquals(bitSizes("60x12"), [{ functions: 60, bitsPerFunction: 12 }]);
  assertEquals(bitSizes("8x10, 720,4×3"), [
    { functions: 8, bitsPerFunction: 10 },
    { functions: 720, bitsPerFunction: 1 },
    { functions: 4, bitsPerFunction: 3 },
  ]);
  for (const wrong of ["", "x", "8x", "x10", "0x4", "4x0", "8x10,", "8x10x2", "-8x10", "1e3x1", "8.5x2"]) {
    assertThrows(() => bitSizes(wrong), ValueError, "sizes such as");
  }
  assertThrows(() => bitSizes("8x10,8x10"), ValueError, "8x10 stands there twice");
  assertThrows(() => bitSizes("8,8x1"), ValueError, "twice");
});

Deno.test("integerRange: two numbers in order, or one", () => {
  const parse = integerRange({ min: 1, max: 30 });
  assertEquals(parse("4-20"), { from: 4, to: 20 });
  assertEquals(parse("7-7"), { from: 7, to: 7 });
  assertEquals(parse("7"), { from: 7, to: 7 });
  for (const wrong of ["", "-", "4-", "-4", "20-4", "0-4", "4-31", "4-5-6", "4.5-6", "a-b"]) {
    assertThrows(() => parse(wrong), ValueError, "from 1 to 30, the smaller first");
  }
});

Deno.test("numberRange: two numbers in order, or one", () => {
  const parse = numberRange({ min: 0, max: 1 });
  assertEquals(parse("0.25-.75"), { from: 0.25, to: 0.75 });
  assertEquals(parse("1"), { from: 1, to: 1 });
  for (const wrong of ["", "0.5-", "0.9-0.1", "0.5-1.5", "0-0.5-1", "a"]) {
    assertThrows(() => parse(wrong), ValueError, "from 0 to 1, the smaller first");
  }
});

Deno.test("shareOrText: a share, or a path", () => {
  assertEquals(shareOrText("0.2"), 0.2);
  assertEquals(shareOrText("0"), 0);
  assertEquals(shareOrText("held-out.csv"), "held-out.csv");
  for (const wrong of ["1", "1.5", "-0.1"]) assertThrows(() => shareOrText(wrong), ValueError, "below 1");
});

Deno.test("integer, number: limits are told", () => {
  assertEquals(integer({ min: 0, max: 0xffffffff })("4294967295"), 0xffffffff);
  assertThrows(() => integer({ min: 0, max: 0xffffffff })("4294967296"), ValueError, "from 0 to 4294967295");
  assertThrows(() => integer()("9007199254740993"), ValueError, "a whole number");
  assertEquals(number({ min: 0, below: 1 })(".5"), 0.5);
  assertThrows(() => number({ min: 0, below: 1 })("1"), ValueError, "a number of at least 0 and below 1");
  assertThrows(() => number()(""), ValueError, "a number");
});

Deno.test("list: the length is held, items are checked", () => {
  const lambda = list(number({ min: 0 }), { length: 3, noun: "numbers" });
  assertEquals(lambda("1, 0.1, 1"), [1, 0.1, 1]);
  assertThrows(() => lambda("1,1"), ValueError, "3 numbers separated by commas");
  const error = assertThrows(() => lambda("1,-1,1"), ValueError);
  assertStringIncludes(error.message, "each a number of at least 0");
});

Deno.test("distortions: names with a strength, the usual one without, flip and edges", () => {
  assertEquals(distortions("shift=3"), { shift: 3 });
  assertEquals(distortions("flip, shift, rotate, scale, shear, elastic, edges=repeat"), {
    flip: true,
    shift: 2,
    rotate: 10,
    scale: 0.1,
    shear: 10,
    elastic: 1,
    edges: "repeat",
  });
  assertEquals(distortions("rotate=7.5,elastic=0"), { rotate: 7.5, elastic: 0 });
  const wrong: [given: string, message: string][] = [
    ["", "distortions separated by commas, of flip, shift=N"],
    ["crop=4", "distortions separated by commas"],
    ["toString", "distortions separated by commas"],
    ["flip=1", "distortions separated by commas"],
    ["shift=1=2", "distortions separated by commas"],
    ["shift,", "distortions separated by commas"],
    ["edges", "distortions separated by commas"],
    ["edges=zero", "a distortion beside the edges"],
    ["edges=wrap,flip", "edges to be one of zero, repeat, reflect"],
    ["shift=1.5", "shift to be a whole number from 0 to 1024"],
    ["rotate=181", "rotate to be a number from 0 to 180"],
    ["scale=", "scale to be a number"],
    ["shear=-1", "shear to be a number from 0 to 60"],
    ["flip,shift=1,flip", "flip stands there twice"],
  ];
  for (const [given, message] of wrong) assertThrows(() => distortions(given), ValueError, message);
});
