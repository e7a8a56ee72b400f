import { assertEquals } from "@std/assert";
import { type Line, readLines } from "../../lib/packed/lines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function collect(chunks: Uint8Array[], maxBytes?: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const group of readLines(ReadableStream.from(chunks), maxBytes)) lines.push(...group);
  return lines;
}

Deno.test("readLines: the same lines however the stream is cut", async () => {
  const whole = bytes("eins\r\n\nzwölf\nlast");
  const expected: Line[] = [
    { number: 1, text: "eins" },
    { number: 2, text: "" },
    { number: 3, text: "zwölf" },
    { number: 4, text: "last" },
  ];
  assertEquals(await collect([whole]), expected);
  for (let cut = 0; cut <= whole.length; cut++) {
    assertEquals(await collect([whole.subarray(0, cut), whole.subarray(cut)]), expected);
  }
  assertEquals(await collect([...whole].map((byte) => Uint8Array.of(byte))), expected);
  assertEquals(await collect([]), []);
  assertEquals(await collect([bytes("a\n")]), [{ number: 1, text: "a" }]);
});

Deno.test("readLines: a line that is too long or not UTF-8 is told, the others are read", async () => {
  const lines = await collect([bytes("abcdef"), bytes("ghi\nok\n"), Uint8Array.of(0xff, 10), bytes("abcde")], 5);
  assertEquals(lines, [
    { number: 1, problem: "9 bytes long, wanted at most 5" },
    { number: 2, text: "ok" },
    { number: 3, problem: "not UTF-8" },
    { number: 4, text: "abcde" },
  ]);
});

Deno.test("readLines: lines come with the chunk that completes them, before the stream ends", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const lines = readLines(readable);
  const writing = writer.write(bytes("one\ntw"));
  assertEquals((await lines.next()).value, [{ number: 1, text: "one" }]);
  await writing;
  const rest = writer.write(bytes("o\n")).then(() => writer.close());
  assertEquals((await lines.next()).value, [{ number: 2, text: "two" }]);
  assertEquals((await lines.next()).done, true);
  await rest;
});
