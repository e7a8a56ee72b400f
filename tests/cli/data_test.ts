import { assertEquals, assertStringIncludes } from "@std/assert";
import { lastJson, run } from "./harness.ts";

Deno.test("data list: the known data sets and the folder", async () => {
  const words = await run(["data", "list", "--data-dir", "somewhere"]);
  assertEquals([words.code, words.err], [0, ""]);
  assertStringIncludes(words.out, "fashion-mnist");
  assertStringIncludes(words.out, "Data folder: somewhere");
  const json = await run(["data", "list", "--data-dir", "somewhere", "--json"]);
  const { datasets, dataDir } = lastJson(json) as { datasets: { name: string; bytes: number }[]; dataDir: string };
  assertEquals(datasets.map(({ name }) => name), ["mnist", "fashion-mnist"]);
  assertEquals(dataDir, "somewhere");
  assertEquals(json.err, words.out);
});
