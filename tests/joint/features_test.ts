import { assertEquals } from "@std/assert";
import { tokenRows } from "../../mod.ts";

Deno.test("tokenRows gathers the lists of the wanted rows, empty ones too", () => {
  const rows = tokenRows({ offsets: Int32Array.of(0, 2, 2, 5), ids: Int32Array.of(1, -1, 7, 3, 9) });
  assertEquals(Array.from(rows.lengths!), [2, 0, 3]);
  const { offsets, ids } = rows.gather(Uint32Array.of(2, 1, 0, 2));
  assertEquals([Array.from(offsets), Array.from(ids)], [[0, 3, 3, 5, 8], [7, 3, 9, 1, -1, 7, 3, 9]]);
});
