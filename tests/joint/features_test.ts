import { assert, assertEquals } from "@std/assert";
import { tokenRows } from "../../mod.ts";
import { centreBytes, rowBlocks } from "../../lib/joint/features.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

Deno.test("tokenRows gathers the lists of the wanted rows, empty ones too", () => {
  const rows = tokenRows({ offsets: Int32Array.of(0, 2, 2, 5), ids: Int32Array.of(1, -1, 7, 3, 9) });
  assertEquals(Array.from(rows.lengths!), [2, 0, 3]);
  const { offsets, ids } = rows.gather(Uint32Array.of(2, 1, 0, 2));
  assertEquals([Array.from(offsets), Array.from(ids)], [[0, 3, 3, 5, 8], [7, 3, 9, 1, -1, 7, 3, 9]]);
});

Deno.test("centreBytes takes a whole number off bytes, so that what is left are whole numbers of one unit", () => {
  const data = blobs(20), bytes = data.features as Uint8Array;
  const { zeroPoint, unit, rows } = centreBytes({ ...data, features: bytes });
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  assertEquals(zeroPoint, Math.round(mean));
  const variance = bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / bytes.length;
  assertEquals(unit, Math.fround(1 / Math.sqrt(variance)));
  const { data: seen } = rows(data).gather(Uint32Array.of(3));
  assertClose(seen, Array.from(bytes.subarray(192, 256), (byte) => (byte - zeroPoint) * unit), { absolute: 1e-6 });
  const flat = centreBytes({ features: new Uint8Array(9).fill(7), featureLength: 3, count: 3 });
  assertEquals([flat.zeroPoint, flat.unit], [7, 1]);
});

Deno.test("rowBlocks goes through rows that are read as through those in memory, in order and bounded pieces", () => {
  const { features, count, featureLength } = blobs(40_000, { side: 6 });
  const bytes = features as Uint8Array;
  let largest = 0;
  const read = (rows: ArrayLike<number>, out: Uint8Array): void => {
    largest = Math.max(largest, out.length);
    const first = rows[0] * featureLength;
    out.set(bytes.subarray(first, first + out.length));
  };
  const shape = { count, featureLength }, joined = new Uint8Array(bytes.length);
  let at = 0;
  for (const block of rowBlocks({ ...shape, features: { read } })) {
    joined.set(block, at);
    at += block.length;
  }
  assertEquals([at, joined], [bytes.length, bytes]);
  assert(largest <= 2 ** 20);
  assertEquals([...rowBlocks({ ...shape, features: bytes })], [bytes]);
});
