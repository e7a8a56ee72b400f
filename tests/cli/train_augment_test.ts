import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { inFolder, pointsTable, run, writeLineImages } from "./harness.ts";

const QUICK = ["--trainer-hidden", "16", "--epochs", "2", "--batch", "16", "--bits", "8x4"];

Deno.test("train --augment: images are distorted by the seed, with one thread as with two", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 300, test: 60 });
    const train = async (...more: string[]) => {
      const out = `${folder}/lines.pnet`;
      const { code, err } = await run(["train", "--data", folder, "--out", out, ...QUICK, ...more]);
      assertEquals(code, 0, err);
      return await Deno.readFile(out);
    };
    const first = await train("--augment", "flip,shift=1,rotate=5,elastic=0.5,edges=reflect", "--threads", "1");
    const same = "elastic=0.5, shift=1, rotate=5, edges=reflect, flip";
    assertEquals(await train("--augment", same, "--threads", "2"), first);
    assertNotEquals(await train("--augment", same, "--seed", "2"), first);
    assertNotEquals(await train("--augment", "flip,shift=1,rotate=5"), first);
    assertNotEquals(await train(), first);
    assertEquals(await train("--augment", "shift"), await train("--augment", "shift=2"));
  });
});

Deno.test("train --augment: refused for tables and for distortions that there are not", async () => {
  await inFolder(async (folder) => {
    const points = `${folder}/points.csv`;
    await Deno.writeTextFile(points, pointsTable({ rows: 60, seed: 1 }));
    const wrong: [augment: string, message: string][] = [
      ["shift=1", `--augment distorts images, and ${points} is table data`],
      ["sift=1", "--augment sift=1: wanted distortions separated by commas, of flip, shift=N, rotate=N"],
      ["scale=2", "--augment scale=2: wanted scale to be a number from 0 to 0.9"],
    ];
    for (const [augment, message] of wrong) {
      const { code, err } = await run(["train", "--data", points, "--out", `${folder}/p.pnet`, "--augment", augment]);
      assertEquals(code, 2, err);
      assertStringIncludes(err, message);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["points.csv"]);
  });
});
