import { assertEquals, assertNotEquals } from "@std/assert";
import { canonicalValue, dataFacts, firstDifference, identifyRun } from "../../../lib/joint/checkpoint/run_identity.ts";
import { blobs } from "../fixtures.ts";

Deno.test("options are compared without the order of their names, functions, and what is left out", async () => {
  const one = await canonicalValue({ b: [1, { d: null }], a: undefined, call: () => 1, values: Float32Array.of(1, 2) });
  const other = await canonicalValue({ values: Float32Array.of(1, 2), b: [1, { d: null, e: undefined }] });
  assertEquals(JSON.stringify(one), JSON.stringify(other));
  assertNotEquals(one, await canonicalValue({ values: Float32Array.of(1, 3), b: [1, { d: null }] }));
});

Deno.test("a difference is told by the first option, with both values", () => {
  assertEquals(firstDifference([{ a: [1, 2] }, "x"], [{ a: [1, 2] }, "y"]), undefined);
  assertEquals(firstDifference([{ a: { b: [1, 2] } }, "x"], [{ a: { b: [1, 3] } }, "y"]), "a.b.1 is 2 in x and 3 in y");
  assertEquals(
    firstDifference([{}, "x"], [{ a: "z".repeat(99) }, "y"])?.slice(0, 34),
    'a is left out in x and "zzzzzzzzzz',
  );
});

Deno.test("a run is told from another one by rows and labels, not by their name", async () => {
  const data = blobs(20), run = await identifyRun("train", { data });
  assertEquals(await identifyRun("train", { data: { ...data, name: "elsewhere" } }), run);
  const changed = { ...data, features: data.features.map((value, i) => i === 700 ? value ^ 1 : value) };
  assertEquals(
    firstDifference([run, "a"], [await identifyRun("train", { data: changed }), "b"])?.split(" ")[0],
    "data.sha256",
  );
  assertNotEquals(
    (await dataFacts(data)).sha256,
    (await dataFacts({ ...data, labels: data.labels.map(() => 0) })).sha256,
  );
  const signal = new AbortController().signal;
  assertEquals(await identifyRun("train", { data, signal, checkpoint: {} }), run);
  assertNotEquals(await identifyRun("train", { data, checkpoint: { context: { average: 2 } } }), run);
});
