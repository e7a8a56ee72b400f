import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runCli } from "../../lib/cli/mod.ts";
import {
  command,
  inFolder,
  lastJson,
  pause,
  pointsTable,
  processOf,
  randomNumbers,
  run,
  TestIo,
  writeDigits,
  writeLineImages,
} from "./harness.ts";
import { readFolder } from "../study/fixtures.ts";

/** A study that takes little time. */
const QUICK = ["--trainer-hidden", "16", "--epochs", "2", "--batch", "16", "--learning-rate", "0.01", "--threads", "2"];

async function writePoints(folder: string): Promise<string> {
  const data = `${folder}/points.csv`;
  await Deno.writeTextFile(data, pointsTable({ rows: 240, seed: 1 }));
  await Deno.writeTextFile(`${folder}/more.csv`, pointsTable({ rows: 90, seed: 2 }));
  return data;
}

Deno.test("study: families, hidden layers and heads of a folder of images, in words and as JSON", async () => {
  await inFolder(async (folder) => {
    const images = `${folder}/images`, out = `${folder}/a/study`;
    await Deno.mkdir(images);
    await writeLineImages(images, { train: 400, test: 90 });
    const args = [
      ...[
        "study",
        "--data",
        images,
        "--bits",
        "16,64,48x1,20",
        "--projection",
        "taps,conv",
        "--taps",
        "6",
        "--hidden",
        "0,5",
      ],
      ...["--head", "float,ternary", "--ternary-threshold", "0.9", "--seeds", "2", "--out", out, ...QUICK],
    ];
    const found = await run([...args, "--json"]);
    assertEquals(found.code, 0, found.err);
    const report = lastJson(found);
    const points = report.points as Record<string, unknown>[];
    // Filters have four cells across and down: 20 bits of them are 16 again.
    const sizesOf = (projection: string) =>
      points.filter((point) => point.projection === projection && point.series === `${projection}, linear, float`)
        .map(({ bits }) => bits);
    assertEquals([sizesOf("taps"), sizesOf("conv")], [[16, 64, 48, 20], [16, 64, 48]]);
    assertEquals(points.length, 2 * 2 * (4 + 3));
    assertEquals(new Set(points.map(({ series }) => series)).size, 8);
    for (const key of ["modelBytes", "projectionAccuracy", "trainerAccuracy", "validationAccuracy"]) {
      assert(points.every((point) => typeof point[key] === "number"), key);
    }
    assertEquals([report.units, report.done, report.out], [4, 4, out]);
    assertEquals((report.answers as unknown[]).length, 6);
    const files = await readFolder(out);
    assertEquals(Object.keys(files).sort(), [
      ...["plan.json", "report.md", "study.csv", "study.json", "study.svg"],
      ...[1, 2].flatMap((seed) => [1, 2].map((part) => `units/seed-${seed}-part-${part}.json`)),
    ]);
    assertEquals(JSON.parse(files["study.json"]).points, points);

    const again = await run(args);
    assertEquals(again.code, 0, again.err);
    assertMatch(again.out, /^network +bits +bytes +validation +test$/m);
    assertMatch(again.out, /^conv, FC\[5\], ternary +64 +\d+/m);
    assertMatch(again.out, /^90 % of the trainer's accuracy: /m);
    assertStringIncludes(again.out, `4 trainings, ${out}/report.md`);
    assertEquals(await readFolder(out), files);
    const changed = await run([...args, "--dropout", "0.1"]);
    assertEquals(changed.code, 1);
    assertStringIncludes(changed.err, "holds another study: training.trainer.dropout is left out in");
  });
});

Deno.test("study: shards of a table, joined", async () => {
  await inFolder(async (folder) => {
    const data = await writePoints(folder);
    const args = [
      ...["study", "--data", data, "--test", `${folder}/more.csv`, "--bits", "8,8x3", "--seeds", "4,7", "--group", "1"],
      ...QUICK,
    ];
    const parts = [1, 2, 3].map((index) => `${folder}/part-${index}`);
    for (const [at, part] of parts.entries()) {
      const found = await run([...args, "--shard", `${at + 1}/3`, "--out", part, "--json"]);
      assertEquals(found.code, 0, found.err);
      const { units, done, points } = lastJson(found);
      assertEquals([units, done, points], [4, at === 0 ? 2 : 1, undefined]);
      assertMatch(found.err, /of 4 trainings are done; the others are those of other shards/);
    }
    const merged = await run(["study", "--merge", ...parts, "--out", `${folder}/merged`, "--json"]);
    assertEquals(merged.code, 0, merged.err);
    const points = lastJson(merged).points as { bits: number; runs: { seed: number }[] }[];
    assertEquals(points.map(({ bits, runs }) => [bits, ...runs.map(({ seed }) => seed)]), [[8, 4, 7], [24, 4, 7]]);
    await run([...args, "--out", `${folder}/whole`]);
    assertEquals(await readFolder(`${folder}/merged`), await readFolder(`${folder}/whole`));

    const missing = await run(["study", "--merge", parts[0], parts[2], "--out", `${folder}/x`]);
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.err, "of 4 trainings 1 are missing, seed-4-part-2");
  });
});

Deno.test("study: texts", async () => {
  await inFolder(async (folder) => {
    const nouns = ["alarm", "clock", "timer", "song", "album", "band"];
    const lines = nouns.flatMap((noun, i) =>
      ["my", "the", "a new", "some", "that", "every", "one", "this"].map((word) =>
        `${i < 3 ? "time" : "music"}\tplease set ${word} ${noun}`
      )
    );
    await Deno.writeTextFile(`${folder}/intents.tsv`, lines.join("\n"));
    const found = await run([
      ...[
        "study",
        "--task",
        "text",
        "--data",
        `${folder}/intents.tsv`,
        "--bits",
        "64,256",
        "--seeds",
        "1",
        "--epochs",
        "4",
      ],
      ...["--feature-dropout", "0.1", "--out", `${folder}/study`, "--json", "--threads", "1"],
    ]);
    assertEquals(found.code, 0, found.err);
    const points = lastJson(found).points as { bits: number; projection: string; projectionAccuracy: number | null }[];
    assertEquals(points.map(({ bits, projection, projectionAccuracy }) => [bits, projection, projectionAccuracy]), [
      [64, "text", null],
      [256, "text", null],
    ]);
  });
});

Deno.test("study: what does not go together is refused with exit code 2, before any data are read", async () => {
  const base = ["--data", "nowhere.csv", "--out", "nowhere"];
  const cases: [string[], string][] = [
    [["--out", "x"], "--data NAME|PATH is missing"],
    [["--data", "x.csv"], "--out DIR is missing"],
    [[...base, "--bits", "8,8"], "--bits 8,8"],
    [[...base, "--projection", "gaussian,polar"], "--projection gaussian,polar"],
    [
      [...base, "--trainer", "onnx:trainer.onnx"],
      "--trainer onnx:trainer.onnx: wanted one of mlp, cnn, lstm, linear, bag",
    ],
    [[...base, "--save-trainer", "trainer.onnx"], "unknown option --save-trainer"],
    [[...base, "--projection", "sign,sign"], "--projection: every value once was wanted, sign found twice"],
    [
      [...base, "--projection", "sign,taps", "--patch", "2-4"],
      "--patch is for --projection patch, and the projections are sign, taps",
    ],
    [[...base, "--head", "float,ternary+int4"], "--head ternary,int4"],
    [[...base, "--hidden", "4,-1"], "--hidden 4,-1"],
    [[...base, "--ternary-threshold", "0.9"], "--ternary-threshold is for ternary weights"],
    [[...base, "--seeds", "0"], "--seeds 0"],
    [[...base, "--seeds", "3,3"], "every seed once, and 3 stands there twice"],
    [[...base, "--shard", "4/3"], "--shard 4/3: wanted the number of a shard"],
    [[...base, "--shard", "0/3"], "--shard 0/3"],
    [[...base, "--validation", "0"], "--validation 0 leaves none"],
    [[...base, "--select", "50", "--bits", "80"], "--select 50"],
    [[...base, "--seed", "3"], "unknown option --seed"],
    [[...base, "--budget", "500"], "unknown option --budget"],
    [[...base, "stray"], 'unexpected argument "stray"'],
    [["--merge", "--out", "x"], "--merge joins folders"],
    [["--merge", "a", "b"], "--out DIR is missing"],
    [["--merge", "a", "--out", "x", "--bits", "8"], "--bits is not for --merge"],
    [[...base, "--task", "text", "--taps", "3"], "--taps is not for --task text"],
  ];
  for (const [args, message] of cases) {
    const { code, err, out } = await run(["study", ...args]);
    assertEquals([code, out], [2, ""], `${args.join(" ")}: ${err}`);
    assertStringIncludes(err, message, args.join(" "));
  }
  const failed = await run(["study", ...base]);
  assertEquals(failed.code, 1);
  assertStringIncludes(failed.err, "nowhere.csv");
  const merged = await run(["study", "--merge", "no-such-part", "--out", "nowhere"]);
  assertEquals(merged.code, 1);
  assertStringIncludes(merged.err, "no-such-part holds no study");
});

Deno.test("study: Ctrl-C keeps what is done, and the same command goes on", async () => {
  await inFolder(async (folder) => {
    const data = await writePoints(folder);
    const args = ["study", "--data", data, "--bits", "8", "--seeds", "3", "--out", `${folder}/study`, ...QUICK];
    args[args.length - 1] = "1";
    args[args.indexOf("--epochs") + 1] = "100";
    const io = new TestIo();
    // As soon as the first training is done, whatever the pace at which progress is shown.
    const watch = setInterval(async () => {
      if (await trainingsIn(`${folder}/study`) > 0) io.interrupt();
    }, 5);
    const code = await runCli(args, io).finally(() => clearInterval(watch));
    assertEquals(code, 130, io.err);
    assertStringIncludes(io.err, `what is done stays in ${folder}/study, and the same command goes on`);
    const left = Object.keys(await readFolder(`${folder}/study`));
    assertEquals(left, ["plan.json", "units/seed-1-part-1.json"]);
    assertEquals((await run(args)).code, 0);
    assertEquals(Object.keys(await readFolder(`${folder}/study`)).length, 5 + 3);
  });
});

/** How many trainings are done. */
async function trainingsIn(out: string): Promise<number> {
  try {
    return (await Array.fromAsync(Deno.readDir(`${out}/units`))).filter(({ name }) => name.endsWith(".json")).length;
  } catch {
    return 0;
  }
}

Deno.test("study: killed at any moments and started again, ends with the files of one that was not", async () => {
  await inFolder(async (folder) => {
    const images = `${folder}/images`, out = `${folder}/killed`;
    await Deno.mkdir(images);
    await writeDigits(images);
    const argsFor = (out: string) => [
      ...["study", "--data", images, "--bits", "8,32", "--projection", "taps,gaussian", "--group", "1", "--seeds", "2"],
      ...["--epochs", "6", "--trainer-hidden", "32", "--threads", "2", "--out", out],
    ];
    assertEquals((await processOf(argsFor(`${folder}/whole`)).status).code, 0);
    const whole = await readFolder(`${folder}/whole`);
    assertEquals(Object.keys(whole).length, 5 + 8);

    const random = randomNumbers(Number(crypto.getRandomValues(new Uint32Array(1))));
    // While it starts, then twice after at least one more training is done. A quick machine may be done before it is
    // killed: then from the start again, at an earlier moment.
    for (let killed = 0, missed = 0; killed < 3;) {
      const study = processOf(argsFor(out));
      const before = await trainingsIn(out);
      let hasEnded = false;
      const end = study.status.then((status) => (hasEnded = true, status));
      while (killed > 0 && !hasEnded && await trainingsIn(out) === before) await pause(2);
      await pause((killed === 0 ? 1000 : 60) * random() / 2 ** missed);
      if (!hasEnded) study.kill("SIGKILL");
      if ((await end).signal === "SIGKILL") killed++;
      else {
        await Deno.remove(out, { recursive: true });
        missed++;
      }
    }
    // As if one had been killed while it wrote.
    await Deno.writeTextFile(`${out}/units/seed-2-part-4.json.shard-1-of-1.${crypto.randomUUID()}.tmp`, "{");
    assertEquals((await processOf(argsFor(out)).status).code, 0);
    assertEquals(await readFolder(out), whole);
  });
});

Deno.test("study: help as a process of its own shows how schedulers spread it", async () => {
  const { code, stdout } = await command(["study", "--help"]).output();
  assertEquals(code, 0);
  const help = new TextDecoder().decode(stdout);
  for (
    const words of ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "parallel projectionnet study", "--merge part-*"]
  ) {
    assertStringIncludes(help, words);
  }
  assertStringIncludes(help, "projectionnet study [DIR…] [options]");
});
