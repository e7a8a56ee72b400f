import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { importTrainer } from "../../lib/onnx/mod.ts";
import { inFolder, lastJson, pointsTable, run, writeLineImages } from "./harness.ts";
import "../onnx/run.ts";

Deno.test("train: a trainer is saved, teaches another training, and is trained further", () =>
  inFolder(async (folder) => {
    await writeLineImages(folder, { train: 240, test: 90 });
    const trainer = `${folder}/trainer.onnx`,
      out = ["--out", `${folder}/m.pnet`, "--json"],
      dir = ["--data-dir", `${folder}/kept`];
    const common = ["train", "--data", folder, "--bits", "30", "--batch", "32", "--threads", "1", ...out, ...dir];
    const first = await run([
      ...common,
      "--trainer-hidden",
      "16",
      "--learning-rate",
      "0.01",
      "--epochs",
      "8",
      "--save-trainer",
      trainer,
    ]);
    assertEquals(first.code, 0, first.err);
    const { trainerAccuracy, trainerParameters } = lastJson(first);
    assertGreaterOrEqual(trainerAccuracy as number, 0.9);

    const taught = await run([...common, "--trainer", `onnx:${trainer}`, "--epochs", "6", "--lambda", "1,1,0"]);
    assertEquals(taught.code, 0, taught.err);
    assertStringIncludes(taught.err, `teacher ${trainer}: input nhwc, raw; output logits, logits; right on `);
    const report = lastJson(taught);
    assertEquals(report.trainerAccuracy, trainerAccuracy);
    assertGreaterOrEqual(report.trainerParameters as number, trainerParameters as number);
    assertGreaterOrEqual(report.projectionAccuracy as number, 0.8);
    // How it is meant, and its answers for training, validation and test data.
    const answers = (): number => [...Deno.readDirSync(`${folder}/kept/teachers`)].length;
    assertEquals(answers(), 4);
    const again = await run([...common, "--trainer", `onnx:${trainer}`, "--epochs", "6", "--lambda", "1,1,0"]);
    assertEquals([lastJson(again).projectionAccuracy, answers()], [report.projectionAccuracy, 4]);

    const before = await importTrainer(await Deno.readFile(trainer));
    const further = await run([
      ...common,
      "--trainer",
      `onnx:${trainer}`,
      "--fine-tune",
      "--epochs",
      "1",
      "--save-trainer",
      trainer,
    ]);
    assertEquals(further.code, 0, further.err);
    const after = await importTrainer(await Deno.readFile(trainer));
    assertEquals(after.options.hidden, [16]);
    assertEquals(after.state[0].data.some((value, i) => value !== before.state[0].data[i]), true);
    assertGreaterOrEqual(lastJson(further).trainerAccuracy as number, 0.9);
  }));

Deno.test("train: trainers in files that do not fit are refused, and options that do not go with them", () =>
  inFolder(async (folder) => {
    const table = `${folder}/points.csv`, other = `${folder}/other.csv`, trainer = `${folder}/trainer.onnx`;
    await Deno.writeTextFile(table, pointsTable({ rows: 60, seed: 1 }));
    await Deno.writeTextFile(other, `a,b,label\n${"1,2,x\n3,4,y\n".repeat(20)}`);
    await Deno.writeFile(`${folder}/broken.onnx`, Uint8Array.of(8, 7, 58, 100, 0));
    const out = ["--out", `${folder}/m.pnet`, "--data-dir", folder, "--epochs", "1", "--bits", "8"];
    const saved = await run(["train", "--data", table, ...out, "--trainer-hidden", "4", "--save-trainer", trainer]);
    assertEquals(saved.code, 0, saved.err);
    const file = ["--trainer", `onnx:${trainer}`];
    const cases: [args: string[], code: number, message: string][] = [
      [["--trainer", "onnx:"], 2, "one of mlp, cnn, lstm, linear, bag, or onnx:FILE"],
      [["--trainer", "onnx:none.onnx"], 1, "cannot read the model none.onnx: there is no such file"],
      [["--trainer", `onnx:${folder}/broken.onnx`], 1, "broken.onnx: ONNX, byte 2: field 7 announces 100 bytes"],
      [[...file, "--data", other], 1, 'trainer.onnx: input "input" is [batch, 4] of float32; for '],
      [[...file, "--data", other, "--fine-tune"], 1, "continueFrom: the trainer reads rows of 4, and "],
      [["--fine-tune"], 2, "--fine-tune is for --trainer onnx:FILE"],
      [["--teacher-layout", "nchw"], 2, "--teacher-layout is for --trainer onnx:FILE"],
      [[...file, "--trainer-hidden", "5"], 2, "--trainer-hidden is for a trainer that is made here"],
      [
        [...file, "--learning-rate", "1"],
        2,
        "--learning-rate is for a trainer that is trained, and the one in the file is not",
      ],
      [[...file, "--fine-tune", "--teacher-output", "a"], 2, "--teacher-output is for a teacher, and --fine-tune"],
      [[...file, "--teacher-scaling", "loud"], 2, "one of raw, unit, signed, standard, or means and deviations"],
      [[...file, "--teacher-scaling", "1/0"], 2, "one of raw, unit, signed, standard, or means and deviations"],
      [[...file, "--teacher-output", "a"], 1, 'there is no output "a"; there are "logits" [batch, 3] of float32'],
      [[...file, "--budget", "500"], 2, "--budget"],
      [["--budget", "500", "--save-trainer", trainer], 2, "--save-trainer is not for --budget"],
      [[...file, "--project-from", "hidden"], 2, "--project-from is for a trainer that is made here"],
      [["--project-from", "hidden", "--save-trainer", trainer], 2, "--save-trainer is not for --project-from"],
      [["--save-trainer", `${folder}/none/t.onnx`], 1, "there is no folder"],
    ];
    for (const [args, code, message] of cases) {
      const budget = args.includes("--budget") ? out.slice(0, 4) : out;
      const outcome = await run(["train", ...(args.includes("--data") ? [] : ["--data", table]), ...budget, ...args]);
      assertEquals(outcome.code, code, `${args}: ${outcome.err}`);
      assertStringIncludes(outcome.err, message);
    }
    const text = ["train", "--task", "text", "--data", table];
    assertStringIncludes((await run([...text, ...file])).err, "--trainer onnx:FILE is not for --task text");
    assertStringIncludes(
      (await run([...text, "--save-trainer", trainer])).err,
      "--save-trainer is not for --task text",
    );
  }));
