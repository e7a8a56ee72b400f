import { assertEquals, assertStringIncludes } from "@std/assert";
import { cifar10Files, unpack } from "../data/cifar_fixtures.ts";
import { idxBytes } from "../data/fixtures.ts";
import { blobs } from "../joint/fixtures.ts";
import { inFolder, lastJson, run } from "./harness.ts";

async function succeed(args: readonly string[]): Promise<{ out: string; json: Record<string, unknown> }> {
  const outcome = await run(args);
  assertEquals(outcome.code, 0, outcome.err);
  const json = lastJson(outcome);
  for (const name of ["seconds", "examplesPerSecond", "out", "microsecondsPerSample"]) delete json[name];
  return { out: outcome.out, json };
}

async function writeBlobs(folder: string): Promise<void> {
  for (const [stem, count, seed] of [["train", 400, 1], ["t10k", 120, 2]] as const) {
    const { features, labels } = blobs(count, { seed });
    await Deno.writeFile(`${folder}/${stem}-images-idx3-ubyte`, idxBytes([count, 8, 8], features));
    await Deno.writeFile(`${folder}/${stem}-labels-idx1-ubyte`, idxBytes([count], labels));
  }
}

async function writeTexts(folder: string): Promise<string> {
  const words = ["alarm", "clock", "timer", "song", "album", "band"];
  const line = (i: number): string =>
    JSON.stringify({ text: `please ${words[i % 6]} ${i % 11}`, label: i % 6 < 3 ? "time" : "music" });
  await Deno.writeTextFile(`${folder}/texts.jsonl`, Array.from({ length: 120 }, (_, i) => line(i)).join("\n"));
  return `${folder}/texts.jsonl`;
}

const TRAINING = ["--bits", "40", "--trainer-hidden", "8", "--epochs", "2", "--threads", "1", "--json"];

Deno.test("train, eval and predict do the same with --load-limit 0, on IDX, CIFAR's records and JSON lines", async () => {
  await inFolder(async (folder) => {
    const kinds: [data: string, options: string[]][] = [
      [`${folder}/idx`, [...TRAINING, "--augment", "shift=1"]],
      [`${folder}/cifar`, [...TRAINING, "--validation", "0"]],
      ["", ["--task", "text", "--bits", "256", "--epochs", "2", "--threads", "1", "--json"]],
    ];
    await Deno.mkdir(`${folder}/idx`);
    await writeBlobs(`${folder}/idx`);
    await Deno.mkdir(`${folder}/cifar`);
    await unpack(`${folder}/cifar`, cifar10Files());
    kinds[2][0] = await writeTexts(folder);
    for (const [data, options] of kinds) {
      const results = [];
      for (const limit of [[], ["--load-limit", "0"]]) {
        const model = `${folder}/model.pnet`;
        const { json: trained } = await succeed(["train", "--data", data, "--out", model, ...options, ...limit]);
        const { json: evaluated } = await succeed(["eval", model, "--data", data, "--json", ...limit]);
        const { out: predicted } = await succeed(["predict", model, "--data", data, ...limit]);
        results.push({ trained, evaluated, predicted, bytes: await Deno.readFile(model) });
      }
      assertEquals(results[1], results[0]);
    }
  });
});

Deno.test("a file that is damaged is named with --load-limit too, and what has no limit is loaded", async () => {
  await inFolder(async (folder) => {
    await writeBlobs(folder);
    const train = ["train", "--data", folder, "--out", `${folder}/m.pnet`, ...TRAINING, "--load-limit"];
    assertEquals((await run([...train, "-1"])).code, 2);
    const labelled = await run([...train, "0", "--labeled", "40"]);
    assertEquals(labelled.code, 0, labelled.err);
    await Deno.truncate(`${folder}/train-images-idx3-ubyte`, 5000);
    const { code, err } = await run([...train, "0"]);
    assertEquals(code, 1);
    assertStringIncludes(err, `${folder}/train-images-idx3-ubyte, byte 5000: the file ends after 5000 bytes`);
  });
});
