import { assertEquals } from "@std/assert";
import { tokenRows } from "../../mod.ts";
import { centreBytes } from "../../lib/joint/features.ts";
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
