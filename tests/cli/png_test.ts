import { assertEquals, assertStringIncludes } from "@std/assert";
import { colourPng } from "../data/png_fixtures.ts";
import { inFolder, lastJson, run } from "./harness.ts";

Deno.test("train, eval and predict take a folder of PNG images, one folder a class", async () => {
  await inFolder(async (folder) => {
    const images = `${folder}/images`, model = `${folder}/m.pnet`;
    for (const [split, count] of [["train", 12], ["test", 2]] as const) {
      for (const [label, shade] of [["cat", 5], ["dog", 120]] as const) {
        await Deno.mkdir(`${images}/${split}/${label}`, { recursive: true });
        for (let i = 0; i < count; i++) {
          const file = `${images}/${split}/${label}/${i}.png`;
          await Deno.writeFile(file, await colourPng(6 + i % 2, 6, shade + i));
        }
      }
    }
    const training = ["--projection", "taps", "--bits", "16", "--trainer-hidden", "4", "--epochs", "1", "--out", model];
    const uneven = await run(["train", "--data", images, ...training]);
    assertEquals(uneven.code, 1);
    assertStringIncludes(uneven.err, "/train/cat/1.png: an image of 7x6, wanted 6x6");

    const trained = await run(["train", "--data", images, "--size", "6x5", ...training, "--json"]);
    assertEquals([trained.code, typeof lastJson(trained).trainerAccuracy], [0, "number"]);
    const evaluated = await run(["eval", model, "--data", images, "--size", "6x5", "--json"]);
    assertEquals([evaluated.code, lastJson(evaluated).examples], [0, 4]);
    const predicted = await run(["predict", model, "--data", images, "--size", "6x5"]);
    const answers = predicted.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(answers.map(({ id, file, expected }) => [id, file, expected]), [
      [0, "cat/0.png", "cat"],
      [1, "cat/1.png", "cat"],
      [2, "dog/0.png", "dog"],
      [3, "dog/1.png", "dog"],
    ]);
    const other = await run(["eval", model, "--data", images, "--size", "9x9"]);
    assertStringIncludes(other.err, "has samples of 90 values");
  });
});

Deno.test("--size is a width and a height, for folders of PNG images", async () => {
  await inFolder(async (folder) => {
    const table = `${folder}/a.csv`;
    await Deno.writeTextFile(table, `a,label\n${"1,x\n2,y\n".repeat(9)}`);
    for (const size of ["32", "0x4", "4x", "4x-1"]) {
      const { code, err } = await run(["train", "--data", table, "--size", size]);
      assertEquals(code, 2);
      assertStringIncludes(err, 'width and height such as "32x32"');
    }
    const { code, err } = await run(["train", "--data", table, "--size", "4x4", "--out", `${folder}/m.pnet`]);
    assertEquals(code, 2);
    assertStringIncludes(err, "--size is for folders of PNG images");
  });
});
