import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { decodePnet, isTextModel, loadPnet } from "../../lib/packed/mod.ts";
import { inFolder, lastJson, run, writeSmallModel } from "./harness.ts";

const WORDS = { time: ["alarm", "clock", "timer", "wake"], music: ["song", "album", "band", "jazz"] };

/** Commands about time and music in one of a few frames. */
function makeLines(count: number, first: number): { text: string; label: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const at = first + i * 7, label = at % 3 === 0 ? "time" : "music" as const;
    const frame = ["please WORD now", "my WORD", "could you WORD it?", "a WORD and a WORD"][at % 4];
    return { text: frame.replaceAll("WORD", WORDS[label as "time"][at % 5 % 4]), label };
  });
}

async function writeTexts(folder: string): Promise<{ data: string; test: string }> {
  const tsv = makeLines(240, 0).map(({ text, label }) => `${label}\t${text}`).join("\n");
  await Deno.writeTextFile(`${folder}/data.tsv`, `label\ttext\n${tsv}\n`);
  const test = makeLines(60, 1).map((line) => JSON.stringify(line)).join("\n");
  await Deno.writeTextFile(`${folder}/test.jsonl`, `${test}\n`);
  return { data: `${folder}/data.tsv`, test: `${folder}/test.jsonl` };
}

const FAST = ["--task", "text", "--bits", "512", "--epochs", "8", "--threads", "1"];

Deno.test("text: train, eval, predict and inspect, from a table of texts to labels", async () => {
  await inFolder(async (folder) => {
    const { data, test } = await writeTexts(folder);
    const out = `${folder}/intent.pnet`;
    const options = ["--data", data, "--test", test, "--out", out, "--max-bytes", "400", "--reject", "0.05"];
    const trained = await run(["train", ...FAST, ...options, "--json"]);
    assertEquals(trained.code, 0, trained.err);
    const report = lastJson(trained);
    const bytes = await Deno.readFile(out);
    assert(bytes.length <= 400);
    assertEquals([report.modelBytes, report.bits, report.out], [bytes.length, 512, out]);
    assert(report.projectionAccuracy as number > 0.95 && report.trainerAccuracy as number > 0.95, trained.out);

    const evaluated = lastJson(await run(["eval", out, "--data", test, "--json"]));
    assertEquals([evaluated.accuracy, evaluated.examples], [report.projectionAccuracy, 60]);
    assertEquals(evaluated.runtime, "plain");

    const classifier = loadPnet(bytes);
    const lines = ['"set the clock"', '{"id": 3, "input": "a band and a song"}', "[1, 2]", '{"input": 5}'].join("\n");
    const predicted = await run(["predict", out], lines);
    const answers = predicted.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(answers.slice(0, 2).map(({ label }) => label), ["time", "music"]);
    assertEquals([answers[1].id, answers[1].rejected], [3, classifier.classify("a band and a song").rejected]);
    assertEquals(answers.slice(2).map(({ line }) => line), [3, 4]);
    assertStringIncludes(answers[3].error, "wanted a string");
    assertEquals(predicted.code, 1);
    const raw = await run(["predict", out, "--raw"], 'set the clock\n{"not": JSON\n');
    assertEquals(raw.out.trimEnd().split("\n").map((line) => JSON.parse(line).label), [
      "time",
      classifier.classify('{"not": JSON').label,
    ]);

    const inspected = lastJson(await run(["inspect", out, "--json"]));
    const sections = inspected.sections as { name: string; bytes: number }[];
    assertEquals(sections.reduce((sum, { bytes }) => sum + bytes, 0), bytes.length);
    assert(sections.some(({ name }) => name === "rejection"));
  });
});

Deno.test("text: every option reaches the training", async () => {
  await inFolder(async (folder) => {
    const { data } = await writeTexts(folder);
    const out = `${folder}/model.pnet`;
    const train = async (...options: string[]) => {
      const { code, err } = await run(["train", ...FAST, "--data", data, "--out", out, ...options]);
      assertEquals(code, 0, err);
      const model = decodePnet(await Deno.readFile(out));
      assert(isTextModel(model));
      return model;
    };
    const dense = await train(
      "--features",
      "words1,across2-5:3",
      "--entries",
      "sign",
      "--fold",
      "none",
      "--head",
      "int8",
    );
    assertEquals(dense.projection.partitions, [
      { kind: "words", from: 1, to: 1, functions: 128 },
      { kind: "across", from: 2, to: 5, functions: 384 },
    ]);
    assertEquals([dense.projection.entries, dense.input.lowerCase, dense.head[0].precision], ["sign", false, "int8"]);
    const hidden = await train("--touches", "2", "--fold", "lower,digits", "--hidden", "6", "--trainer", "bag");
    assertEquals([hidden.projection.touches, hidden.head.length, hidden.head[0].precision], [2, 2, "int4"]);
    const { compatibility, lowerCase, digitsAlike, dropSymbols } = hidden.input;
    assertEquals([compatibility, lowerCase, digitsAlike, dropSymbols], [false, true, true, false]);
    const chosen = await train("--entries", "sign", "--select", "600", "--thresholds", "mean");
    assertEquals([chosen.projection.selection?.pool, chosen.projection.selection?.indices.length], [600, 512]);
    assert(chosen.thresholds.some((threshold) => threshold !== 0));
    const seed = (await train("--seed", "9", "--balance", "1", "--feature-dropout", "0.5")).projection.seed;
    assertEquals(seed, 9);
    const [clean, misspelt] = [await train(), await train("--distort", "0.25")];
    assertNotEquals(clean.head[0].weights, misspelt.head[0].weights);
    assertNotEquals(clean.head[0].weights, (await train("--crop", "0.5")).head[0].weights);
  });
});

Deno.test("text: what does not go together is refused", async () => {
  await inFolder(async (folder) => {
    const { data } = await writeTexts(folder);
    const cases: [string, string[]][] = [
      ["--features is for --task text", ["--features", "words1"]],
      ["--trainer bag is for --task text", ["--trainer", "bag"]],
      ["--projection text is for --task text", ["--projection", "text"]],
      ["--thresholds is for --entries sign or ternary", ["--task", "text", "--thresholds", "mean"]],
      ["--select is for --entries sign or ternary", ["--task", "text", "--entries", "presence", "--select", "99"]],
      ["--select-by is for --select", ["--task", "text", "--entries", "sign", "--select-by", "prune"]],
      ["--select 99: wanted a pool of at least the 100", [
        ...["--task", "text", "--entries", "sign", "--bits", "50x2", "--select", "99"],
      ]],
      ["--thresholds auto is not for --task text", ["--task", "text", "--entries", "sign", "--thresholds", "auto"]],
      ["--augment is not for --task text", ["--task", "text", "--augment", "flip"]],
      ["--budget is not for --task text", ["--task", "text", "--budget", "1000"]],
      ["--normalize is not for --task text", ["--task", "text", "--normalize"]],
      ["--distort 1.5", ["--task", "text", "--distort", "1.5"]],
      ["--projection sign: wanted text", ["--task", "text", "--projection", "sign"]],
      ["--features", ["--task", "text", "--features", "syllables2"]],
      ["--fold none stands alone", ["--task", "text", "--fold", "none,lower"]],
      ["--touches is for --entries presence", ["--task", "text", "--entries", "sign", "--touches", "2"]],
      ["--bidirectional is for --trainer lstm", ["--task", "text", "--bidirectional"]],
    ];
    for (const [message, options] of cases) {
      const { code, err } = await run(["train", "--data", data, "--out", `${folder}/x.pnet`, ...options]);
      assertEquals(code, 2, message);
      assertStringIncludes(err, message);
    }
    const lines = await run(["train", "--data", "texts.jsonl", "--out", `${folder}/x.pnet`]);
    assertEquals(lines.code, 2);
    assertStringIncludes(lines.err, "texts.jsonl holds JSON lines by its name, which --task text reads");
    const model = await writeSmallModel(folder);
    const raw = await run(["predict", model, "--raw"], "text\n");
    assertEquals(raw.code, 2);
    assertStringIncludes(raw.err, "--raw is for models of texts");
  });
});
