import { assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder, lastJson, run, writeSmallModel } from "./harness.ts";

Deno.test("inspect: the sections sum to the file, in words and as JSON", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const size = (await Deno.stat(model)).size;
    const words = await run(["inspect", model]);
    assertEquals([words.code, words.err], [0, ""]);
    assertStringIncludes(words.out, `total`);
    const json = await run(["inspect", model, "--json"]);
    assertEquals(json.code, 0);
    assertEquals(json.err, words.out);
    assertEquals(json.out.trimEnd().split("\n").length, 1);
    const { sections, modelBytes, bits, labels } = lastJson(json);
    assertEquals(modelBytes, size);
    assertEquals((sections as { bytes: number }[]).reduce((sum, { bytes }) => sum + bytes, 0), size);
    assertEquals([bits, labels], [8, ["ash", "beech", "cedar"]]);
  });
});

Deno.test("inspect: every truncation fails with the file's name", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const bytes = await Deno.readFile(model);
    for (const length of [0, 1, 4, bytes.length >> 1, bytes.length - 1]) {
      await Deno.writeFile(model, bytes.subarray(0, length));
      const { code, out, err } = await run(["inspect", model, "--json"]);
      assertEquals([code, out], [1, ""]);
      assertStringIncludes(err, `projectionnet inspect: ${model}: `);
    }
  });
});
