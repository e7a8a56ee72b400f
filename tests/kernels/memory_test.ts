import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { arenaMemory, currentRegion, Region } from "../../lib/kernels/mod.ts";
import { arenaAddress, arenaIsShared } from "../../lib/kernels/memory.ts";

Deno.test("a region gives out aligned views that do not overlap and hold what is written", () => {
  using region = new Region();
  const views = [region.float32(5), region.int32(33), region.uint8(1), region.float32(0), region.float32(300_000)];
  views.forEach((view, index) => view.fill(index + 1));
  views.forEach((view, index) => {
    assertEquals(view.byteOffset % 64, 0);
    if (view.length > 0) assertEquals([view[0], view[view.length - 1]], [index + 1, index + 1]);
  });
  const ranges = views.map((view) => [view.byteOffset, view.byteOffset + view.byteLength]).sort((a, b) => a[0] - b[0]);
  for (let index = 1; index < ranges.length; index++) assert(ranges[index - 1][1] <= ranges[index][0]);
});

Deno.test("regions nest, also when the work fails", () => {
  using outer = new Region();
  using inner = new Region();
  const root = currentRegion();
  outer.run(() => {
    assert(currentRegion() === outer);
    try {
      inner.run(() => {
        assert(currentRegion() === inner);
        throw new Error("stop");
      });
    } catch { /* as it should */ }
    assert(currentRegion() === outer);
  });
  assert(currentRegion() === root);
});

Deno.test("reset gives the same views again, in the same order", () => {
  using region = new Region();
  const round = () => [region.float32(10), region.int32(70_000), region.uint8(3)];
  const first = round();
  region.reset();
  const second = round();
  first.forEach((view, index) => assert(view === second[index]));
  region.reset();
  const other = region.uint8(40);
  assertEquals(other.byteOffset, first[0].byteOffset);
  assertEquals(other.length, 40);
});

Deno.test("dispose returns the blocks, and neighbours become one run again", () => {
  const megabyte = 1 << 20;
  const regions = Array.from({ length: 3 }, () => new Region());
  const views = regions.map((region) => region.uint8(3 * megabyte));
  const start = Math.min(...views.map((view) => view.byteOffset));
  const held = regions.reduce((sum, region) => sum + region.bytes, 0);
  for (const index of [0, 2, 1]) regions[index].dispose();
  for (const region of regions) assertEquals(region.bytes, 0);
  using large = new Region();
  const view = large.uint8(held);
  if (arenaMemory() !== null) assertEquals(view.byteOffset, start);
});

Deno.test("views stay valid when the memory grows", () => {
  using region = new Region();
  const view = region.float32(1000);
  view.fill(7);
  const before = arenaMemory()?.buffer.byteLength ?? 0;
  using other = new Region();
  const large = other.uint8(before + (1 << 20));
  large[large.length - 1] = 1;
  assertEquals(view.length, 1000);
  assertEquals([...new Set(view)], [7]);
  view.fill(8);
  assertEquals(new Float32Array(arenaMemory()?.buffer ?? view.buffer, view.byteOffset, 1000)[999], 8);
  if (arenaIsShared()) {
    assertEquals(arenaAddress(view), view.byteOffset);
    assertEquals(arenaAddress(large), large.byteOffset);
    assertNotEquals(view.buffer, large.buffer);
  }
});

Deno.test("vectors may be loaded beyond the end of the last array", () => {
  const memory = arenaMemory();
  if (memory === null) return;
  using region = new Region();
  const whole = region.uint8(memory.buffer.byteLength + (1 << 20));
  assert(memory.buffer.byteLength >= whole.byteOffset + whole.byteLength + 64);
});

Deno.test("an array outside the arena has no address", () => {
  assertEquals(arenaAddress(new Float32Array(4)), -1);
  assertEquals(arenaAddress(new Uint8Array(new SharedArrayBuffer(8))), -1);
});

Deno.test("memory is flat over 10,000 rounds of reset, and of dispose", () => {
  using region = new Region();
  const round = (target: Region, size: number): void => {
    for (let index = 0; index < 8; index++) target.float32(size * (index + 1));
  };
  for (let size = 0; size < 10; size++) {
    round(region, 1000 + size);
    region.reset();
  }
  const held = region.bytes, committed = arenaMemory()?.buffer.byteLength;
  for (let index = 0; index < 10_000; index++) {
    round(region, 1000 + index % 10);
    region.reset();
  }
  assertEquals(region.bytes, held);
  for (let index = 0; index < 10_000; index++) {
    const brief = new Region();
    brief.float32(100_000 + index % 7);
    brief.dispose();
  }
  const grown = (arenaMemory()?.buffer.byteLength ?? 0) - (committed ?? 0);
  assert(grown <= 2 << 20, `the arena grew by ${grown} bytes`);
});
