import { assert, assertEquals } from "@std/assert";
import { patchRow, type PatchSpec } from "../../lib/projection/mod.ts";
import { groupPatches } from "../../lib/joint/select/group_patches.ts";

const image = { width: 20, height: 12, channels: 3 };
const spec: PatchSpec = {
  family: "patch",
  seed: 9,
  features: 720,
  functions: 1,
  bitsPerFunction: 1,
  image,
  smallest: 2,
  largest: 6,
};

/** Mean number of features that a block reads. */
function featuresOfBlocks(rows: Uint32Array, blockSize: number): number {
  const entries = new Int32Array(6 * 6 * 3);
  let read = 0, blocks = 0;
  for (let first = 0; first < rows.length; first += blockSize, blocks++) {
    const features = new Set<number>();
    for (const row of rows.subarray(first, first + blockSize)) {
      const count = patchRow({ seed: spec.seed, row }, entries, spec);
      for (const entry of entries.subarray(0, count)) features.add(entry < 0 ? ~entry : entry);
    }
    read += features.size;
  }
  return read / blocks;
}

Deno.test("patches are put in an order whose blocks read few features and ascend", () => {
  const rows = Uint32Array.from({ length: 1000 }, (_, i) => 3 * i + 1);
  const grouped = groupPatches(spec, rows, 32);
  assertEquals(grouped.slice().sort(), rows);
  for (let first = 0; first < grouped.length; first += 32) {
    const block = grouped.subarray(first, first + 32);
    assertEquals(block, block.slice().sort());
  }
  const [before, after] = [rows, grouped].map((order) => featuresOfBlocks(order, 32));
  assert(after < 0.4 * before, `${after} of ${before}`);
  assertEquals(groupPatches(spec, rows, 32), grouped);
});

Deno.test("a block or less stays as it is, ascending", () => {
  assertEquals([...groupPatches(spec, Uint32Array.of(7, 2, 5), 8)], [2, 5, 7]);
  assertEquals(groupPatches(spec, new Uint32Array(0), 8).length, 0);
});
