import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, encodeCheckpoint } from "../../../lib/joint/checkpoint/checkpoint_file.ts";
import { CheckpointError } from "../../../lib/joint/errors.ts";
import { hash32 } from "../../../lib/projection/mod.ts";

const document = {
  text: "grüße",
  numbers: [0.1, -3, null],
  floats: Float32Array.of(1, -0, 1e-40),
  empty: new Uint8Array(0),
  nested: { doubles: Float64Array.of(Math.PI), bytes: Uint8Array.of(1, 2, 3), int8: Int8Array.of(-1) },
  more: [Uint16Array.of(65535), Int32Array.of(-5), Uint32Array.of(2 ** 32 - 1)],
};

/** The bytes with a right checksum. */
async function reseal(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = bytes.slice(), end = sealed.length - 32;
  sealed.set(new Uint8Array(await crypto.subtle.digest("SHA-256", sealed.subarray(0, end))), end);
  return sealed;
}

async function problemOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await assertRejects(() => decodeCheckpoint(bytes), CheckpointError)).problem;
}

Deno.test("a document with arrays of every type comes back, from any place in memory and any room", async () => {
  const bytes = await encodeCheckpoint(document);
  assertEquals(await decodeCheckpoint(bytes), document);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assertEquals(await decodeCheckpoint(shifted.subarray(3)), document);
  const room = new Uint8Array(2 * bytes.length).fill(0xee);
  const again = await encodeCheckpoint(document, room);
  assertEquals(again.buffer, room.buffer);
  assertEquals(again, bytes);
  assertEquals(await encodeCheckpoint(document, new Uint8Array(10)), bytes);
});

Deno.test("what the document holds may change while the checksum is computed; an array is stored once", async () => {
  const values = Float32Array.of(1, 2);
  const encoding = encodeCheckpoint({ values, again: values });
  values.fill(9);
  const bytes = await encoding;
  assertEquals(await decodeCheckpoint(bytes), { values: Float32Array.of(1, 2), again: Float32Array.of(1, 2) });
  assertEquals(bytes.length - (await encodeCheckpoint({ values })).length < 64, true);
});

Deno.test("every truncation and every changed byte is damage, and so is what follows the end", async () => {
  const bytes = await encodeCheckpoint(document);
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(await problemOf(bytes.slice(0, length)), "damaged");
  }
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] ^= 1 << at % 8;
    assertEquals(await problemOf(changed), "damaged", `byte ${at}`);
  }
  assertEquals(await problemOf(new Uint8Array([...bytes, 0])), "damaged");
});

Deno.test("another version is refused by its number", async () => {
  const bytes = await encodeCheckpoint({});
  bytes[8] = 2;
  const error = await assertRejects(async () => decodeCheckpoint(await reseal(bytes)), CheckpointError);
  assertEquals(error.problem, "version");
  assertStringIncludes(error.message, "version 2 of the format, wanted 1");
});

Deno.test("changed bytes under a right checksum give a document or a typed error, and lengths make no room", async () => {
  const bytes = await encodeCheckpoint(document);
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const changed = bytes.slice();
    for (let i = 0; i <= hash32(7, 0, round) % 3; i++) {
      changed[8 + hash32(7, 2 * i + 1, round) % (bytes.length - 40)] = hash32(7, 2 * i + 2, round);
    }
    await decodeCheckpoint(await reseal(changed)).catch((error) => {
      assert(error instanceof CheckpointError, String(error));
      refused++;
    });
  }
  assert(refused > 500, String(refused));
  const places = [
    { at: 0, length: 2 ** 31 },
    { at: 2 ** 40, length: 1 },
    { at: -8, length: 1 },
    { at: 4, length: 1 },
    { at: 0, length: 1.5 },
    { at: 0, length: 9e15 },
    { at: 0 },
    { length: 0 },
  ];
  for (const place of places) {
    const hostile = await encodeCheckpoint({ values: { $: "Float32Array", ...place } });
    assertEquals(await problemOf(hostile), "damaged", JSON.stringify(place));
  }
  for (const $ of ["toString", "SharedArrayBuffer", 3, null]) {
    assertEquals(await problemOf(await encodeCheckpoint({ values: { $, at: 0, length: 0 } })), "damaged");
  }
  const long = await encodeCheckpoint({});
  new DataView(long.buffer).setUint32(12, 0xffffffff, true);
  assertEquals(await problemOf(await reseal(long)), "damaged");
  const deep = new TextEncoder().encode(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
  const nested = new Uint8Array(16 + deep.length + 32);
  nested.set(bytes.subarray(0, 16));
  nested.set(deep, 16);
  new DataView(nested.buffer).setUint32(12, deep.length, true);
  await decodeCheckpoint(await reseal(nested)).catch((error) => assert(error instanceof CheckpointError));
});
