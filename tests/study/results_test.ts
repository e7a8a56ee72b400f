import { assertEquals, assertRejects } from "@std/assert";
import { mergeStudies, StudyError } from "../../mod.ts";
import { StudyFolder } from "../../lib/study/folder.ts";
import { unitsOf } from "../../lib/study/plan.ts";
import { writeResults } from "../../lib/study/results.ts";
import { inFolder } from "../cli/harness.ts";
import { outcomesOf, readFolder, smallStudy, writeStudy } from "./fixtures.ts";

Deno.test("mergeStudies: parts become what one folder would have been, whichever way they are cut", async () => {
  await inFolder(async (folder) => {
    const options = smallStudy("unused");
    await writeStudy(`${folder}/whole`, options);
    await writeResults(await StudyFolder.read(`${folder}/whole`));
    const whole = await readFolder(`${folder}/whole`);
    assertEquals(Object.keys(whole).length, 5 + 6);
    await writeStudy(`${folder}/a`, options, { leave: (_, at) => at % 3 === 0 });
    // The same data under another path on another machine; two trainings stand in both.
    await writeStudy(`${folder}/b`, { ...options, data: { ...options.data, name: "elsewhere" } }, {
      leave: (_, at) => at % 3 === 1,
    });
    const result = await mergeStudies([`${folder}/a`, `${folder}/b`], { out: `${folder}/merged` });
    assertEquals(result.points.length, 4);
    assertEquals(await readFolder(`${folder}/merged`), whole);
    // Into the folder of the first, and once more.
    await mergeStudies([`${folder}/a`, `${folder}/b`], { out: `${folder}/a` });
    await mergeStudies([`${folder}/a`, `${folder}/b`], { out: `${folder}/a` });
    assertEquals(await readFolder(`${folder}/a`), whole);
  });
});

Deno.test("mergeStudies: what is no part, missing, or of another study is refused, and nothing is written", async () => {
  await inFolder(async (folder) => {
    const options = smallStudy("unused");
    const write = (name: string, ...rest: Parameters<typeof writeStudy> extends [string, ...infer R] ? R : never) =>
      writeStudy(`${folder}/${name}`, ...rest);
    await write("whole", options);
    await write("part", options, { leave: (name) => name === "seed-2-part-1" || name === "seed-3-part-2" });
    await write("longer", { ...options, training: { ...options.training, epochs: 3 } });
    await write("other", options, { change: (outcome) => ({ ...outcome, bestEpoch: 1 }) });
    await Deno.mkdir(`${folder}/empty`);
    await write("strange", options);
    await Deno.writeTextFile(`${folder}/strange/plan.json`, `{"format":"something"}`);
    await write("newer", options);
    await Deno.writeTextFile(`${folder}/newer/plan.json`, `{"format":"projectionnet-study","version":2}`);
    await write("cut", options);
    await Deno.truncate(`${folder}/cut/units/seed-1-part-1.json`, 40);
    await write("borrowed", options);
    await Deno.copyFile(`${folder}/longer/units/seed-1-part-1.json`, `${folder}/borrowed/units/seed-1-part-1.json`);
    await write("mixed", options);
    await Deno.copyFile(`${folder}/mixed/units/seed-1-part-1.json`, `${folder}/mixed/units/seed-2-part-1.json`);
    const refused: [parts: string[], message: string][] = [
      [[], "at least one folder was wanted"],
      [["empty"], "empty holds no study: there is no plan.json"],
      [["nowhere"], "nowhere holds no study"],
      [["strange"], "strange/plan.json is no plan of a study"],
      [["newer"], "version 2 of the format, wanted 1"],
      [["part"], "of 6 trainings 2 are missing, seed-2-part-1, seed-3-part-2"],
      [["whole", "longer"], "training.epochs is 2 in"],
      [["whole", "other"], "seed-1-part-1 is not the same in"],
      [["cut"], "seed-1-part-1.json is no JSON"],
      [["borrowed"], "seed-1-part-1.json belongs to another study"],
      [["mixed"], "seed-2-part-1.json holds no results of 2 networks with seed 2"],
    ];
    for (const [parts, message] of refused) {
      const paths = parts.map((part) => `${folder}/${part}`);
      await assertRejects(() => mergeStudies(paths, { out: `${folder}/out` }), StudyError, message);
      await assertRejects(() => Deno.stat(`${folder}/out`), Deno.errors.NotFound);
    }
    await assertRejects(
      () => mergeStudies([`${folder}/whole`], { out: `${folder}/longer` }),
      StudyError,
      "longer holds another study: training.epochs is 3 in",
    );
  });
});

Deno.test("StudyFolder: removes what killed writers left, and only that", async () => {
  await inFolder(async (folder) => {
    const plan = await writeStudy(folder, smallStudy(folder));
    const id = crypto.randomUUID();
    const left = [`plan.json.shard-1-of-4.${id}.tmp`, `units/seed-1-part-1.json.shard-2-of-4.${id}.tmp`];
    const own = ["notes.tmp", `thesis.${id}.tmp`];
    const put = async () => {
      for (const name of [...left, ...own]) await Deno.writeTextFile(`${folder}/${name}`, "{");
    };
    const tmp = async () => Object.keys(await readFolder(folder)).filter((name) => name.endsWith(".tmp")).sort();
    await put();
    await StudyFolder.create(folder, plan, { index: 2, count: 4 });
    assertEquals(await tmp(), [...own, left[0]].sort());
    await put();
    await StudyFolder.create(folder, plan, { index: 1, count: 1 });
    assertEquals(await tmp(), own.sort());
  });
});

Deno.test("StudyFolder: knows its own temporary files when it was killed between writing and renaming", async () => {
  await inFolder(async (path) => {
    const options = smallStudy(path);
    const plan = await writeStudy(path, options);
    const [unit] = unitsOf(plan);
    const [{ plan: _plan, ...outcome }] = outcomesOf(plan);
    const shard = { index: 2, count: 3 };
    const folder = await StudyFolder.create(path, plan, shard);
    const before = await readFolder(path);
    const rename = Deno.rename;
    const reached = Promise.withResolvers<void>();
    Deno.rename = () => {
      reached.resolve();
      return new Promise(() => {});
    };
    try {
      folder.writeUnit(unit, outcome);
      await reached.promise;
    } finally {
      Deno.rename = rename;
    }
    assertEquals(Object.keys(await readFolder(path)).length, Object.keys(before).length + 1);
    await StudyFolder.create(path, plan, shard);
    assertEquals(await readFolder(path), before);
  });
});
