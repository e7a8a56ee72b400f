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
} from "./harness.ts";

/** Names of the checkpoints, ascending. */
function checkpointsIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".pnck")).sort();
  } catch {
    return [];
  }
}

/** What a report says beside times. */
function withoutTimes({ seconds: _seconds, examplesPerSecond: _rate, out: _out, ...facts }: Record<string, unknown>) {
  return facts;
}

/** The arguments without some options and their values. */
function without(args: readonly string[], names: readonly string[]): string[] {
  return args.filter((arg, i) => !names.includes(arg) && !names.includes(args[i - 1]));
}

async function writePoints(folder: string): Promise<string[]> {
  await Deno.writeTextFile(`${folder}/points.csv`, pointsTable({ rows: 240, seed: 1 }));
  await Deno.writeTextFile(`${folder}/more.csv`, pointsTable({ rows: 90, seed: 2 }));
  return [
    ...["train", "--data", `${folder}/points.csv`, "--test", `${folder}/more.csv`, "--trainer-hidden", "16"],
    ...["--bits", "12", "--batch", "16", "--threads", "1"],
  ];
}

Deno.test("train: killed at any moments and resumed, ends with the file and the report of one that was not", () =>
  inFolder(async (folder) => {
    const images = `${folder}/images`, state = `${folder}/state`;
    await Deno.mkdir(images);
    await writeDigits(images);
    const args = [
      ...["train", "--data", images, "--projection", "patch", "--bits", "24", "--select", "300", "--head", "ternary"],
      ...["--trainer-hidden", "48", "--epochs", "8", "--batch", "32", "--threads", "1", "--json"],
    ];
    const whole = await run([...args, "--out", `${folder}/whole.pnet`]);
    assertEquals(whole.code, 0, whole.err);

    // Each step is saved, so that most moments are those of a checkpoint's write. A quick machine may be done before it is killed: then from the start again, at an
    // earlier moment.
    const killed = [
      ...args,
      "--out",
      `${folder}/killed.pnet`,
      "--checkpoint",
      state,
      "--checkpoint-seconds",
      "0",
      "--resume",
    ];
    const random = randomNumbers(Number(crypto.getRandomValues(new Uint32Array(1))));
    for (let kills = 0, missed = 0; kills < 3;) {
      const training = processOf(killed);
      const before = checkpointsIn(state).at(-1);
      let hasEnded = false;
      const end = training.status.then((status) => (hasEnded = true, status));
      while (kills > 0 && !hasEnded && checkpointsIn(state).at(-1) === before) await pause(1);
      await pause((kills === 0 ? 1000 : 100) * random() / 2 ** missed);
      if (!hasEnded) training.kill("SIGKILL");
      if ((await end).signal === "SIGKILL") kills++;
      else {
        await Deno.remove(state, { recursive: true });
        missed++;
      }
    }
    const resumed = await run(killed);
    assertEquals(resumed.code, 0, resumed.err);
    assertMatch(resumed.err, /resuming from .*state\/checkpoint-\d{8}\.pnck: [\d,]+ steps \(\d epochs\) are done/);
    assertEquals(await Deno.readFile(`${folder}/killed.pnet`), await Deno.readFile(`${folder}/whole.pnet`));
    assertEquals(withoutTimes(lastJson(resumed)), withoutTimes(lastJson(whole)));
    assertEquals(checkpointsIn(state).length, 2);
  }));

Deno.test("train: Ctrl-C saves the step and says the command that goes on, which ends the same", () =>
  inFolder(async (folder) => {
    const args = [...await writePoints(folder), "--epochs", "400"], state = `${folder}/my state`;
    const stopped = [...args, "--out", `${folder}/the one.pnet`, "--checkpoint", state];
    const io = new TestIo();
    const watch = setInterval(() => checkpointsIn(state).length > 0 && io.interrupt(), 2);
    const code = await runCli(stopped, io).finally(() => clearInterval(watch));
    assertEquals(code, 130, io.err);
    assertMatch(io.err, /stopped by Ctrl-C; [\d,]+ steps \(\d+ epochs\) are saved in .*\.pnck; this goes on:/);
    const line = io.err.trimEnd().split("\n").at(-1)!;
    assertEquals(
      line,
      `  projectionnet train ${
        args.slice(1).join(" ")
      } --out '${folder}/the one.pnet' --checkpoint '${state}' --resume`,
    );
    const resumed = await run([...stopped, "--resume"]);
    assertEquals(resumed.code, 0, resumed.err);
    const whole = await run([...args, "--out", `${folder}/the two.pnet`]);
    assertEquals(whole.code, 0, whole.err);
    assertEquals(await Deno.readFile(`${folder}/the one.pnet`), await Deno.readFile(`${folder}/the two.pnet`));
    // All but the last line, which tells the time.
    const report = ({ out }: { out: string }): string[] =>
      out.replaceAll("the two", "the one").trimEnd().split("\n").slice(0, -1);
    assertEquals(report(resumed), report(whole));
  }));

Deno.test("train: what --checkpoint and --resume refuse, and where they begin", () =>
  inFolder(async (folder) => {
    const state = `${folder}/state`, more = ["--epochs", "2", "--out", `${folder}/a.pnet`];
    const args = [...await writePoints(folder), ...more], kept = [...args, "--checkpoint", state];
    const begun = await run([...kept, "--resume"]);
    assertEquals(begun.code, 0, begun.err);
    assertStringIncludes(begun.err, `${state} holds no checkpoint yet: starting from the beginning`);
    await Deno.writeTextFile(`${folder}/other.csv`, pointsTable({ rows: 240, seed: 5 }));
    const other = kept.map((arg) => arg === `${folder}/points.csv` ? `${folder}/other.csv` : arg);
    const refused: [args: string[], code: number, message: string][] = [
      [[...args, "--resume"], 2, "--checkpoint DIR says where it is"],
      [[...args, "--checkpoint-seconds", "5"], 2, "--checkpoint-seconds is for --checkpoint DIR"],
      [[...kept, "--checkpoint-seconds", "soon"], 2, "--checkpoint-seconds soon"],
      [kept, 1, "holds the checkpoints of an earlier run: resume it (--resume)"],
      [[...kept, "--resume", "--dropout", "0.1"], 1, "options.trainer.dropout is left out in the checkpoint and 0.1"],
      [[...kept, "--resume", "--kernels", "reference"], 1, "kernels is "],
      [[...other, "--resume"], 1, "of another run: data.sha256 is "],
    ];
    for (const [line, code, message] of refused) {
      const outcome = await run(line);
      assertEquals(outcome.code, code, outcome.err);
      assertStringIncludes(outcome.err, message);
    }
    const [first, newest] = checkpointsIn(state);
    await Deno.truncate(`${state}/${newest}`, 100);
    const fallen = await run([...kept, "--resume"]);
    assertEquals(fallen.code, 0, fallen.err);
    assertStringIncludes(
      fallen.err,
      `${newest} cannot be used: it was cut off or changed (SHA-256); the one before it is used`,
    );
    assertStringIncludes(fallen.err, `resuming from ${state}/${first}`);
  }));

Deno.test("inspect says what a checkpoint is of; export writes its networks, and a training goes on from one", () =>
  inFolder(async (folder) => {
    const args = await writePoints(folder), state = `${folder}/state`, out = `${folder}/trainer.onnx`;
    const saved = `${folder}/saved.onnx`, packed = `${folder}/a.pnet`;
    const trained = await run([
      ...[...args, "--epochs", "3", "--out", packed],
      ...["--checkpoint", state, "--save-trainer", saved],
    ]);
    assertEquals(trained.code, 0, trained.err);
    const inspected = await run(["inspect", state, "--json"]);
    assertEquals(inspected.code, 0, inspected.err);
    const { fitting, run: { kind } } = lastJson(inspected) as {
      fitting: { epoch: number; networks: unknown[] };
      run: { kind: string };
    };
    assertEquals([kind, fitting.epoch, fitting.networks.length], ["train", 3, 2]);
    assertMatch(
      (await run(["inspect", state])).out,
      /a run of kind train, .* so far; 42 of 42 steps, 3 of 3 epochs done\n/,
    );

    assertEquals((await run(["export", state, "--onnx", out])).code, 0);
    assertEquals(await Deno.readFile(out), await Deno.readFile(saved));
    const tuned = await run([
      ...without(args, ["--trainer-hidden"]),
      ...["--trainer", `onnx:${out}`, "--fine-tune", "--epochs", "1", "--out", `${folder}/b.pnet`],
    ]);
    assertEquals(tuned.code, 0, tuned.err);

    const projection = await run(["export", state, "--onnx", out, "--network", "1", "--json"]);
    assertEquals(projection.code, 0, projection.err);
    assertEquals(lastJson(projection).network, "projection 1");
    const exported = `${folder}/packed.onnx`;
    assertEquals((await run(["export", packed, "--onnx", exported])).code, 0);
    assertEquals(await Deno.readFile(out), await Deno.readFile(exported));

    const damaged = `${folder}/x.pnck`;
    await Deno.writeTextFile(damaged, "no checkpoint");
    const refused: [string[], number, string][] = [
      [["export", packed, "--onnx", out, "--network", "1"], 2, "--network is for checkpoints"],
      [["export", state, "--onnx", out, "--network", "0"], 2, "--network 0"],
      [["export", state, "--onnx", out, "--network", "2"], 1, "number 2 was asked for"],
      [["inspect", damaged], 1, "x.pnck cannot be used: it does not begin as a checkpoint"],
      [["inspect", folder], 1, "holds no checkpoint"],
    ];
    for (const [line, code, message] of refused) {
      const outcome = await run(line);
      assertEquals(outcome.code, code, outcome.err);
      assertStringIncludes(outcome.err, message);
    }
  }));

Deno.test("train: a loss that is no number names step, tensor and the checkpoint before, and writes no model", () =>
  inFolder(async (folder) => {
    const args = await writePoints(folder), state = `${folder}/state`;
    const lost = await run([
      ...[...args, "--learning-rate", "1e36", "--out", `${folder}/a.pnet`],
      ...["--checkpoint", state, "--checkpoint-seconds", "0"],
    ]);
    assertEquals(lost.code, 1);
    assertMatch(
      lost.err,
      /the loss became NaN, first in .*trainer\.\d\.\w+ .* in step \d+ \(epoch 1\); a smaller learning rate may help; the last checkpoint before it is .*state\/checkpoint-\d+\.pnck/,
    );
    assertEquals(await Deno.stat(`${folder}/a.pnet`).catch(() => "none"), "none");
    assert(checkpointsIn(state).length > 0);
  }));

Deno.test("train: checkpoints of a search within a budget and of texts; help says what they are", () =>
  inFolder(async (folder) => {
    const nouns = ["alarm", "clock", "timer", "song", "album", "band"];
    const lines = nouns.flatMap((noun, i) =>
      ["my", "the", "a new", "some", "that", "one"].map((word) =>
        `${i < 3 ? "time" : "music"}\tplease set ${word} ${noun}`
      )
    );
    await Deno.writeTextFile(`${folder}/intents.tsv`, lines.join("\n"));
    const table = without(await writePoints(folder), ["--bits", "--batch"]).slice(1);
    const runs = [
      ["train", ...table, "--budget", "100", "--minutes", "9", "--epochs", "1", "--out", `${folder}/b.pnet`],
      [
        "train",
        "--data",
        `${folder}/intents.tsv`,
        "--task",
        "text",
        "--bits",
        "128",
        "--epochs",
        "3",
        "--out",
        `${folder}/t.pnet`,
      ],
    ];
    for (const [index, line] of runs.entries()) {
      const args = [...line, "--checkpoint", `${folder}/${index}`, "--json"];
      const first = await run(args);
      assertEquals(first.code, 0, first.err);
      const again = await run([...args, "--resume"]);
      assertEquals(again.code, 0, again.err);
      assertEquals(withoutTimes(lastJson(again)), withoutTimes(lastJson(first)));
      const { kept, run: { kind } } = lastJson(await run(["inspect", `${folder}/${index}`, "--json"])) as {
        kept: string[];
        run: { kind: string };
      };
      assertEquals(kind, index === 0 ? "budget" : "texts");
      if (index === 0) assert(kept.includes("training-1") && kept.length > 3, kept.join());
    }
    const { stdout } = await command(["train", "--help"]).output();
    for (const words of ["--checkpoint DIR", "--checkpoint-seconds S", "--resume "]) {
      assertStringIncludes(new TextDecoder().decode(stdout), words);
    }
  }));
