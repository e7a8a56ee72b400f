import { assertEquals, assertStringIncludes } from "@std/assert";
import { cifar100Files, tarBytes, unpack } from "../data/cifar_fixtures.ts";
import { gzipped } from "../data/fixtures.ts";
import { inFolder, lastJson, run } from "./harness.ts";

const CLASSES = Array.from({ length: 60 }, (_, i) => i % 3);

Deno.test("train, eval and predict take CIFAR-100's archive, with fine or coarse labels", async () => {
  await inFolder(async (folder) => {
    const archive = `${folder}/cifar-100-binary.tar.gz`, model = `${folder}/m.pnet`;
    await Deno.writeFile(archive, await gzipped(tarBytes(cifar100Files({ train: CLASSES, test: [2, 0, 1] }))));
    const training = ["--projection", "taps", "--bits", "16", "--trainer-hidden", "4", "--epochs", "1", "--out", model];
    const coarse = await run(["train", "--data", archive, "--label", "coarse", ...training, "--json"]);
    assertEquals([coarse.code, typeof lastJson(coarse).trainerAccuracy], [0, "number"]);
    const evaluated = await run(["eval", model, "--data", archive, "--label", "coarse", "--json"]);
    assertEquals([evaluated.code, lastJson(evaluated).examples], [0, 3]);
    const labels = (lastJson(evaluated).perClass as { label: string }[]).map(({ label }) => label);
    assertEquals(labels, ["plants", "animals"]);

    const predicted = await run(["predict", model, "--data", archive, "--label", "coarse", "--top", "2"]);
    const answers = predicted.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(answers.map(({ id, expected }) => [id, expected]), [[0, "animals"], [1, "plants"], [2, "plants"]]);
    const right = answers.filter(({ label, expected }) => label === expected).length;
    assertEquals([right, answers[0].top.length], [lastJson(evaluated).correct, 2]);

    await unpack(folder, cifar100Files());
    const single = await run(["train", "--data", `${folder}/train.bin`, ...training, "--validation", "0", "--json"]);
    assertEquals([single.code, lastJson(single).trainerAccuracy], [0, null]);
    const fromFile = await run(["eval", model, "--data", `${folder}/test.bin`, "--json"]);
    assertEquals([fromFile.code, lastJson(fromFile).examples], [0, 2]);
    const split = await run(["eval", model, "--data", `${folder}/test.bin`, "--split", "train"]);
    assertEquals(split.code, 2);
    assertStringIncludes(split.err, "--split is for known data sets, folders and archives");
  });
});

Deno.test("predict --data: what does not go with it is refused", async () => {
  const cases: [string[], string][] = [
    [["m.pnet", "--split", "train"], "--split goes with --data"],
    [["m.pnet", "lines.jsonl", "--data", "mnist"], "lines.jsonl and --data mnist: wanted one of them"],
    [["m.pnet", "--data", "mnist", "--raw"], "--raw is for lines"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await run(["predict", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});
