import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { gunzip, isGzip } from "../../lib/data/gzip.ts";
import { hash32 } from "../../lib/projection/mod.ts";
import { gzipped, range, text } from "./fixtures.ts";

const plain = Uint8Array.from(range(100_000), (i) => hash32(5, 0, i));

Deno.test("gunzip undoes gzip", async () => {
  const bytes = await gzipped(plain);
  assertEquals(isGzip(bytes), true);
  assertEquals(isGzip(plain), false);
  assertEquals(await gunzip(bytes, { file: "f", announce: () => plain.length }), plain);
});

Deno.test("gunzip shows the head until its length is told", async () => {
  const heads: number[] = [];
  const announce = (head: Uint8Array) => {
    heads.push(head.length);
    assertEquals(head, plain.slice(0, head.length));
    return head.length > 40_000 ? plain.length : undefined;
  };
  assertEquals(await gunzip(await gzipped(plain), { file: "f", announce }), plain);
  assertLess(1, heads.length);
});

Deno.test("gunzip refuses every kind of damage with the file's name", async () => {
  const bytes = await gzipped(plain);
  const flipped = (position: number) => {
    const changed = bytes.slice();
    changed[position] ^= 16;
    return changed;
  };
  const damaged = [
    bytes.slice(0, 1),
    bytes.slice(0, 9),
    bytes.slice(0, bytes.length >> 1),
    bytes.slice(0, -1),
    flipped(2),
    flipped(bytes.length >> 1),
    flipped(bytes.length - 1),
    flipped(bytes.length - 5),
    Uint8Array.from([...bytes, 1, 2, 3]),
    Uint8Array.from([...bytes, ...bytes]),
  ];
  for (const bytes of damaged) {
    const error = await assertRejects(
      () => gunzip(bytes, { file: "f", announce: () => plain.length }),
      DataFormatError,
    );
    assertEquals(error.file, "f");
  }
});

Deno.test("gunzip stops a bomb at the announced length", async () => {
  const bomb = await gzipped(new Uint8Array(1 << 26));
  const error = await assertRejects(() => gunzip(bomb, { file: "f", announce: () => 1000 }), DataFormatError);
  assertEquals(error.byte, 1000);
});

Deno.test("gunzip refuses a length that the compressed bytes cannot hold", async () => {
  const bytes = await gzipped(text("hello"));
  const error = await assertRejects(() => gunzip(bytes, { file: "f", announce: () => 2 ** 40 }), DataFormatError);
  assertEquals(error.byte, 0);
});

Deno.test("gunzip passes on what announce throws", async () => {
  const announce = () => {
    throw new RangeError("no");
  };
  await assertRejects(async () => await gunzip(await gzipped(plain), { file: "f", announce }), RangeError, "no");
});
