import { assertEquals, assertThrows } from "@std/assert";
import { OnnxFormatError } from "../../lib/onnx/errors.ts";
import { eachInteger, type Field, MessageWriter, readInteger, readMessage, readText } from "../../lib/onnx/protobuf.ts";

function fields(bytes: ArrayLike<number>): Field[] {
  const found: Field[] = [];
  readMessage({ bytes: Uint8Array.from(bytes), start: 0 }, (field) => found.push(field));
  return found;
}

Deno.test("messages have the bytes of the format's documentation", () => {
  // https://protobuf.dev/programming-guides/encoding/: {a: 150}, {b: "testing"}, {c: {a: 150}}, and -2 as int64.
  assertEquals(Array.from(new MessageWriter().integer(1, 150).finish()), [0x08, 0x96, 0x01]);
  assertEquals(Array.from(new MessageWriter().text(2, "testing").finish()), [
    0x12,
    7,
    ...new TextEncoder().encode("testing"),
  ]);
  const inner = new MessageWriter().integer(1, 150);
  assertEquals(Array.from(new MessageWriter().message(3, inner).finish()), [0x1a, 3, 0x08, 0x96, 0x01]);
  assertEquals(Array.from(new MessageWriter().integer(1, -2).finish()), [8, 0xfe, ...Array(8).fill(0xff), 1]);
  assertEquals(Array.from(new MessageWriter().float(2, 1.5).finish()), [0x15, 0, 0, 0xc0, 0x3f]);
});

Deno.test("what is written is read again", () => {
  const big = -(2n ** 63n);
  const bytes = new MessageWriter().integer(1, big).integer(1, 2n ** 63n - 1n).text(20, "ünï \u{1f600}").finish();
  const [least, most, text] = fields(bytes);
  assertEquals([readInteger(least), readInteger(most), readText(text)], [big, 2n ** 63n - 1n, "ünï \u{1f600}"]);
  const packed: bigint[] = [];
  eachInteger(fields([0x0a, 4, 1, 0x96, 1, 0])[0], (integer) => packed.push(integer));
  eachInteger(fields([0x08, 7])[0], (integer) => packed.push(integer));
  assertEquals(packed, [1n, 150n, 0n, 7n]);
});

Deno.test("bytes that are no message are refused with their place", () => {
  const cases: [bytes: number[], message: string][] = [
    [[0x12, 5, 1], "byte 0: field 2 announces 5 bytes, and its message has 1 left"],
    [[8, 1, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "byte 2: field 2 announces"],
    [[0x08], "an integer without an end"],
    [[0x08, ...Array(10).fill(0x80), 1], "an integer of more than ten bytes"],
    [[0x0b], "wire type 3 of field 1"],
    [[0x00, 0], "field number 0"],
    [[0x0d, 1, 2], "announces 4 bytes"],
    [[0x09, 1, 2], "announces 8 bytes"],
  ];
  for (const [bytes, message] of cases) assertThrows(() => fields(bytes), OnnxFormatError, message);
  assertThrows(() => readText(fields([0x0a, 1, 0xff])[0]), OnnxFormatError, "is no UTF-8");
  assertThrows(() => readText(fields([0x08, 1])[0]), OnnxFormatError, "wire type 0, wanted 2");
  assertThrows(() => eachInteger(fields([0x0d, 0, 0, 0, 0])[0], () => {}), OnnxFormatError, "wire type 5, wanted 2");
});
