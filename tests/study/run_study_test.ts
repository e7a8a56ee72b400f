import { assert, assertEquals, assertRejects } from "@std/assert";
import { mergeStudies, runStudy, StudyError, type StudyProgress, train } from "../../mod.ts";
import { inFolder, randomNumbers, writeLineImages } from "../cli/harness.ts";
import type { blobs } from "../joint/fixtures.ts";
import { readFolder, smallStudy } from "./fixtures.ts";

Deno.test("runStudy: the same files for any number of threads, in one go, stopped in between, and in shards", async () => {
  await inFolder(async (folder) => {
    const progress: StudyProgress[] = [];
    const { result, units, done } = await runStudy({
      ...smallStudy(`${folder}/whole`),
      onProgress: (event) => progress.push(event),
    });
    assertEquals([units, done], [6, 6]);
    const whole = await readFolder(`${folder}/whole`);
    assertEquals(Object.keys(whole).length, 5 + 6);
    assertEquals(JSON.parse(whole["study.json"]), JSON.parse(JSON.stringify(result)));
    const last = progress.at(-1)!;
    assertEquals([last.done, last.units, last.fraction, last.endOfUnit], [6, 6, 1, true]);
    assertEquals(progress.filter(({ endOfUnit }) => endOfUnit).length, 6);
    assert(progress.every(({ fraction }, at) => at === 0 || fraction >= progress[at - 1].fraction - 1e-12));

    const stop = new AbortController();
    const stopped = runStudy({
      ...smallStudy(`${folder}/stopped`),
      threads: 1,
      signal: stop.signal,
      onProgress: ({ done }) => done === 2 && stop.abort(new Error("enough")),
    });
    await assertRejects(() => stopped, Error, "enough");
    const left = await readFolder(`${folder}/stopped`);
    assertEquals(Object.keys(left).filter((name) => name.startsWith("units/")).length, 2);
    await runStudy({ ...smallStudy(`${folder}/stopped`), threads: 3 });
    assertEquals(await readFolder(`${folder}/stopped`), whole);

    const shards = [1, 2, 3].map((index) => ({ ...smallStudy(`${folder}/part-${index}`), shard: { index, count: 3 } }));
    for (const shard of shards) assertEquals(await runStudy(shard), { units: 6, done: 2, result: null });
    await mergeStudies(shards.map(({ out }) => out), { out: `${folder}/merged` });
    assertEquals(await readFolder(`${folder}/merged`), whole);
    // Shards of one folder: the last one finds all.
    for (const { shard } of shards.slice(0, 2)) {
      assertEquals((await runStudy({ ...smallStudy(`${folder}/part-3`), shard })).done, shard.index === 1 ? 4 : 6);
    }
    assertEquals(await readFolder(`${folder}/part-3`), whole);
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

/** A process with a study of six trainings, to be killed. */
function process(images: string, out: string): Deno.ChildProcess {
  const source = `
    import { openDataset, runStudy } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
    const [data, test] = await Promise.all(["train", "test"].map((split) => openDataset(${
    JSON.stringify(images)
  }, { split })));
    await runStudy({
      data,
      test,
      networks: [{ functions: 8 }, { functions: 24, family: "taps" }],
      seeds: [1, 2, 3],
      group: 1,
      training: { trainer: { hidden: [32] }, epochs: 10, batchSize: 16 },
      out: ${JSON.stringify(out)},
      threads: 2,
    });`;
  return new Deno.Command(Deno.execPath(), { args: ["eval", source], stdin: "null", stdout: "null", stderr: "inherit" })
    .spawn();
}

Deno.test("runStudy: killed at any moment and started again ends with the same files", async () => {
  await inFolder(async (folder) => {
    const images = `${folder}/images`, out = `${folder}/killed`;
    await Deno.mkdir(images);
    await writeLineImages(images, { train: 600, test: 100 });
    assertEquals((await process(images, `${folder}/whole`).status).code, 0);
    const whole = await readFolder(`${folder}/whole`);
    assertEquals(Object.keys(whole).length, 5 + 6);

    const random = randomNumbers(11);
    let killed = 0;
    for (let attempt = 0; attempt < 4; attempt++) {
      const study = process(images, out);
      // Starting takes most of the time: from the first file on, every moment is as good as another.
      const wanted = attempt + 1;
      while (await filesIn(`${out}/units`) < wanted - 1) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 150 * random()));
      study.kill("SIGKILL");
      if ((await study.status).signal === "SIGKILL") killed++;
    }
    assert(killed >= 2, `${killed} of 4 were killed`);
    // As if one had been killed while it wrote.
    await Deno.writeTextFile(`${out}/units/seed-3-part-2.json.shard-1-of-1.${crypto.randomUUID()}.tmp`, "{");
    assertEquals((await process(images, out).status).code, 0);
    assertEquals(await readFolder(out), whole);
  });
});

async function filesIn(folder: string): Promise<number> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) => name.endsWith(".json")).length;
  } catch {
    return 0;
  }
}
