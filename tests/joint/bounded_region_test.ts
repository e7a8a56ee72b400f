import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { TrainingError } from "../../mod.ts";
import { BoundedRegion } from "../../lib/joint/bounded_region.ts";
import { createTrainer } from "../../lib/joint/mod.ts";
import { blobs } from "./fixtures.ts";

Deno.test("a region holds as many values as were announced and no more", () => {
  using region = new BoundedRegion(10);
  assertEquals(region.float32(4).length, 4);
  assertEquals(region.float32(6).length, 6);
  for (const length of [1, 2 ** 40, NaN]) {
    assertThrows(() => region.float32(length), TrainingError, "larger than the file");
  }
});

Deno.test("a network whose description asks for gigabytes is refused before any are taken", async () => {
  using region = new BoundedRegion(1000);
  const data = blobs(4);
  await assertRejects(
    () => createTrainer({ hidden: [2 ** 15, 2 ** 15] }, { data, seed: 1, region }),
    TrainingError,
    "larger than the file",
  );
});
