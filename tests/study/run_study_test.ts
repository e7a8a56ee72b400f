import { assert, assertEquals, assertRejects } from "@std/assert";
import { mergeStudies, runStudy, StudyError, type StudyProgress, train } from "../../mod.ts";
import { inFolder } from "../cli/harness.ts";
import type { blobs } from "../joint/fixtures.ts";
import { readFolder, smallStudy } from "./fixtures.ts";

Deno.test("runStudy: the same files for any number of threads, in one go, stopped in between, and in shards", async () => {
  await inFolder(async (folder) => {
    const four = (out: string) => ({ ...smallStudy(out), seeds: [1, 2] });
    const progress: StudyProgress[] = [];
    const { result, units, done } = await runStudy({
      ...four(`${folder}/whole`),
      onProgress: (event) => progress.push(event),
    });
    assertEquals([units, done], [4, 4]);
    const whole = await readFolder(`${folder}/whole`);
    assertEquals(Object.keys(whole).length, 5 + 4);
    assertEquals(JSON.parse(whole["study.json"]), JSON.parse(JSON.stringify(result)));
    const last = progress.at(-1)!;
    assertEquals([last.done, last.units, last.fraction, last.endOfUnit], [4, 4, 1, true]);
    assertEquals(progress.filter(({ endOfUnit }) => endOfUnit).length, 4);
    assert(progress.every(({ fraction }, at) => at === 0 || fraction >= progress[at - 1].fraction - 1e-12));

    const stop = new AbortController();
    const stopped = runStudy({
      ...four(`${folder}/stopped`),
      threads: 1,
      signal: stop.signal,
      onProgress: ({ done }) => done === 2 && stop.abort(new Error("enough")),
    });
    await assertRejects(() => stopped, Error, "enough");
    const left = await readFolder(`${folder}/stopped`);
    assertEquals(Object.keys(left).filter((name) => name.startsWith("units/")).length, 2);
    await runStudy({ ...four(`${folder}/stopped`), threads: 3 });
    assertEquals(await readFolder(`${folder}/stopped`), whole);

    const shards = [1, 2].map((index) => ({ ...four(`${folder}/part-${index}`), shard: { index, count: 2 } }));
    for (const shard of shards) assertEquals(await runStudy(shard), { units: 4, done: 2, result: null });
    await mergeStudies(shards.map(({ out }) => out), { out: `${folder}/merged` });
    assertEquals(await readFolder(`${folder}/merged`), whole);
    // Shards of one folder, side by side: who is last finds all.
    const sides = await Promise.all(
      [1, 2].map((index) => runStudy({ ...four(`${folder}/both`), threads: 1, shard: { index, count: 2 } })),
    );
    assert(sides.some(({ result }) => result !== null));
    assertEquals(await readFolder(`${folder}/both`), whole);
  });
});

Deno.test("runStudy: figures are those of the same training alone", async () => {
  await inFolder(async (out) => {
    const { data, test, networks, training } = smallStudy(out);
    const { result } = await runStudy({ ...smallStudy(out), seeds: [5] });
    const numbers = { data: data as ReturnType<typeof blobs>, test: test as ReturnType<typeof blobs> };
    const projections = [networks[2], networks[1]] as Parameters<typeof train>[0]["projections"];
    const alone = await train({ ...training as object, ...numbers, projections, seed: 5 });
    for (const [at, index] of [2, 1].entries()) {
      const { validationAccuracy, projectionAccuracy, modelBytes, trainerAccuracy } = result!.points[index];
      const { bytes, test } = alone.networks[at];
      assertEquals(
        [validationAccuracy, projectionAccuracy, modelBytes, trainerAccuracy],
        [alone.networks[at].validationAccuracy, test!.accuracy, bytes.length, alone.trainer.testAccuracy],
      );
    }
  });
});

Deno.test("runStudy: another study's folder, a shard that is none, and a training that fails", async () => {
  await inFolder(async (folder) => {
    const options = { ...smallStudy(folder), seeds: [1], networks: [{ functions: 8 }] };
    await assertRejects(() => runStudy({ ...options, shard: { index: 3, count: 2 } }), StudyError, "3/2 found");
    await runStudy(options);
    const before = await readFolder(folder);
    await assertRejects(
      () => runStudy({ ...options, seeds: [2] }),
      StudyError,
      `${folder} holds another study: seeds.0 is 1 in ${folder} and 2 in this one`,
    );
    assertEquals(await readFolder(folder), before);
    const failing = { ...options, out: `${folder}/fails`, networks: [{ functions: 8, ternaryThreshold: 1 }] };
    await assertRejects(() => runStudy(failing), StudyError, "seed-1-part-1: ternaryThreshold: is for ternary weights");
    assertEquals(Object.keys(await readFolder(`${folder}/fails`)), ["plan.json"]);
  });
});
