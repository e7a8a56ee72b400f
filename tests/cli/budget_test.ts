import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runCli } from "../../lib/cli/mod.ts";
import { inFolder, lastJson, pointsTable, run, TestIo, writeLineImages } from "./harness.ts";

const QUICK = ["--trainer-hidden", "8", "--epochs", "2", "--learning-rate", "0.01"];

Deno.test("train --budget: images to a file that fits, with the frontier in words and as JSON", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 300, test: 90 });
    const out = `${folder}/lines.pnet`;
    const args = ["train", "--data", folder, "--budget", "150", "--minutes", "0.01", "--out", out, ...QUICK];
    const found = await run([...args, "--json"]);
    assertEquals(found.code, 0, found.err);
    const report = lastJson(found);
    const size = (await Deno.stat(out)).size;
    assert(size <= 150, `${size} bytes`);
    assertEquals([report.modelBytes, report.budget, report.out, report.seed], [size, 150, out, 1]);
    const frontier = report.frontier as { bytes: number; validationAccuracy: number; options: { family: string } }[];
    const last = frontier.at(-1)!;
    assertEquals([last.bytes, last.validationAccuracy], [size, report.validationAccuracy]);
    assertEquals(last.options, report.options);
    assertEquals(["conv", "patch"].includes(last.options.family), true);
    assert((report.tried as number) >= 2 && (report.omitted as string[]).length > 0);
    for (const key of ["trainerAccuracy", "projectionAccuracy", "bits", "compressionRatio", "byteRatio"]) {
      assertEquals(typeof report[key], "number", key);
    }
    assertMatch(found.err, /^bytes +validation +network$/m);
    assertStringIncludes(found.err, "There was no time for");
    assertMatch(found.err, /screening 1\/\d+: \d+%.* 0 tried, now conv/);
    const evaluation = lastJson(await run(["eval", out, "--data", folder, "--json"]));
    assertEquals(evaluation.accuracy, report.projectionAccuracy);
  });
});

Deno.test("train --budget: a table, and sizes that are too small", async () => {
  await inFolder(async (folder) => {
    const data = `${folder}/points.csv`, out = `${folder}/points.pnet`;
    await Deno.writeTextFile(data, pointsTable({ rows: 200, seed: 1 }));
    const args = ["train", "--data", data, "--out", out, "--minutes", "0.01", ...QUICK];
    const words = await run([...args, "--budget", "200"]);
    assertEquals(words.code, 0, words.err);
    assert((await Deno.stat(out)).size <= 200);
    assertMatch(words.out, /^network +bits/);
    await Deno.remove(out);
    const small = await run([...args, "--budget", "50"]);
    assertEquals(small.code, 1);
    assertMatch(small.err, /no network for .*points\.csv fits in 50 bytes; the smallest takes \d+/);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["points.csv"]);
  });
});

Deno.test("train --budget: options that say what is searched for, or go nowhere, are refused", async () => {
  const cases: [string[], string][] = [
    [["--budget", "500", "--bits", "8x4"], "--bits says what --budget searches for"],
    [["--budget", "500", "--head", "int4"], "--head"],
    [["--budget", "500", "--hidden", "4"], "--hidden"],
    [["--budget", "500", "--projection", "taps"], "--projection"],
    [["--budget", "500", "--normalize"], "--normalize is not for --budget"],
    [["--budget", "500", "--code-dropout", "0.2"], "--code-dropout is not for --budget"],
    [["--budget", "500", "--ternary-threshold", "0.9"], "--ternary-threshold is not for --budget"],
    [["--budget", "500", "--validation", "0"], "--validation 0"],
    [["--budget", "0"], "--budget 0: wanted a whole number of at least 1"],
    [["--budget", "500", "--minutes", "0"], "--minutes 0: wanted a number above 0"],
    [["--minutes", "5"], "--minutes is for --budget"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await run(["train", "--data", "mnist", ...args]);
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(err, message);
  }
});

Deno.test("train --budget: Ctrl-C writes the best network so far and says so", async () => {
  await inFolder(async (folder) => {
    const data = `${folder}/points.csv`, out = `${folder}/points.pnet`;
    await Deno.writeTextFile(data, pointsTable({ rows: 200, seed: 1 }));
    const io = new TestIo();
    const writeError = io.writeError.bind(io);
    io.writeError = (text) => {
      writeError(text);
      if (/[1-9]\d* tried/.test(text)) io.interrupt();
    };
    const args = ["train", "--data", data, "--out", out, "--budget", "200", "--epochs", "100000"];
    assertEquals(await runCli(args, io), 130);
    assertStringIncludes(io.err, `stopped by Ctrl-C; ${out} holds the best network so far`);
    assert((await Deno.stat(out)).size <= 200);
    assertEquals(io.out, "");
  });
});
