import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { StudyError } from "../../lib/study/mod.ts";
import { makePlan, planDifference, type StudyPlan, unitsOf, unitsOfShard } from "../../lib/study/plan.ts";
import { blobs } from "../joint/fixtures.ts";
import { smallStudy } from "./fixtures.ts";

const networks = (count: number) => Array.from({ length: count }, (_, index) => ({ functions: index + 1 }));

Deno.test("unitsOf: every network once with every seed, in parts as even as can be", () => {
  for (const [count, group, sizes] of [[10, 4, [3, 3, 4]], [24, 24, [24]], [25, 24, [12, 13]], [1, 9, [1]]] as const) {
    const units = unitsOf({ networks: networks(count), seeds: [7, 3], group });
    assertEquals(units.map(({ networks }) => networks.length), [...sizes, ...sizes]);
    for (const seed of [7, 3]) {
      const done = units.filter((unit) => unit.seed === seed).flatMap((unit) => unit.networks);
      assertEquals(done, Array.from({ length: count }, (_, index) => index));
    }
    assertEquals(new Set(units.map(({ name }) => name)).size, units.length);
  }
});

Deno.test("unitsOfShard: shards are disjoint, complete, and about as large as each other", () => {
  const units = unitsOf({ networks: networks(10), seeds: [1, 2, 3], group: 4 });
  for (let count = 1; count <= units.length + 2; count++) {
    const shards = Array.from({ length: count }, (_, at) => unitsOfShard(units, { index: at + 1, count }));
    assertEquals(shards.flat().map(({ name }) => name).sort(), units.map(({ name }) => name).sort());
    const sizes = shards.map(({ length }) => length);
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1);
  }
  for (const [index, count] of [[0, 3], [4, 3], [1.5, 3], [1, 0]]) {
    assertThrows(() => unitsOfShard(units, { index, count }), StudyError, `${index}/${count} found`);
  }
});

Deno.test("makePlan: the same for options in another order, another for other options and data", async () => {
  const options = smallStudy("unused");
  const text = JSON.stringify(await makePlan(options));
  const turned = Object.fromEntries(Object.entries(options).reverse()) as typeof options;
  assertEquals(JSON.stringify(await makePlan({ ...turned, threads: 1, out: "elsewhere" })), text);
  const changed = structuredClone(blobs(300));
  changed.labels[299] ^= 1;
  const others = [{ seeds: [1, 2] }, { group: 3 }, { kernels: "simd" as const }, { validation: 0.2 }, {
    data: changed,
  }];
  for (const other of others) assertNotEquals(JSON.stringify(await makePlan({ ...options, ...other })), text);
});

Deno.test("makePlan: what makes no study is refused by name", async () => {
  const options = smallStudy("unused");
  const wrong = [
    [{ networks: [] }, "networks"],
    [{ seeds: [] }, "seeds: at least one"],
    [{ seeds: [2, 1, 2] }, "2 found twice"],
    [{ group: 0 }, "group"],
    [{ validation: 0 }, "validation"],
  ] as const;
  for (const [change, message] of wrong) {
    await assertRejects(() => makePlan({ ...options, ...change }), StudyError, message);
  }
});

Deno.test("planDifference: names the first option that differs, and not the name of the data", async () => {
  const plan = await makePlan(smallStudy("unused"));
  const renamed: StudyPlan = { ...plan, data: { ...plan.data, name: "elsewhere/blobs" } };
  assertEquals(planDifference([plan, "a"], [renamed, "b"]), undefined);
  const longer: StudyPlan = { ...plan, training: { ...plan.training, epochs: 9 } };
  assertEquals(planDifference([plan, "a"], [longer, "b"]), "training.epochs is 2 in a and 9 in b");
  const wider = structuredClone(plan) as { networks: { functions: number }[] } & StudyPlan;
  wider.networks[1].functions = 99;
  assertEquals(planDifference([plan, "a"], [wider, "b"]), "networks.1.functions is 24 in a and 99 in b");
  const data = { ...plan, data: { ...plan.data, sha256: "0" } };
  assertStringIncludes(planDifference([plan, "a"], [data, "b"])!, "data.sha256");
});
