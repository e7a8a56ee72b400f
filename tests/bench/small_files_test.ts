import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { recipes } from "../../bench/small_recipes.ts";
import { runBench } from "./run_bench.ts";
import { inFolder, randomNumbers } from "../cli/harness.ts";

Deno.test("bench:small: what it does not know is refused by name with exit code 2", async () => {
  const wrong: [args: string[], message: string][] = [
    [["--seed", "3"], "bench:small: unknown option --seed"],
    [["--seeds", "1,x"], "--seeds 1,x: wanted one or more seeds"],
    [["--data", "cifar"], "--data cifar: wanted one of mnist, fashion-mnist, optdigits"],
  ];
  for (const [args, message] of wrong) {
    const { code, out, err } = await runBench("small_files.ts", args);
    assertStringIncludes(err, message);
    assertEquals([code, out], [2, ""]);
  }
});

Deno.test("bench:small: medians over seeds, bytes and times of each file", async () => {
  await inFolder(async (folder) => {
    const random = randomNumbers(5);
    for (const [end, rows] of [["tra", 300], ["tes", 90]] as const) {
      const lines = Array.from({ length: rows }, (_, row) => {
        const label = row % 10;
        return [
          ...Array.from({ length: 64 }, (_, k) => Math.floor(8 * random() + 8 * Number(k % 10 === label))),
          label,
        ];
      });
      await Deno.writeTextFile(`${folder}/optdigits.${end}`, lines.map((line) => line.join()).join("\n"));
    }
    const args = ["--data", "optdigits", "--data-dir", folder, "--epochs", "1", "--seeds", "4,5,6", "--threads", "1"];
    const { code, out, err } = await runBench("small_files.ts", [...args, "--json"]);
    assertEquals(code, 0, err);
    const { data, seeds, trainer, files } = JSON.parse(out);
    assertEquals([data, seeds, trainer.length, files.length], [
      "optdigits",
      [4, 5, 6],
      3,
      recipes.optdigits.files.length,
    ]);
    for (const { limit, bytes, test, median, microseconds } of files) {
      assertEquals(median, test.toSorted((a: number, b: number) => a - b)[1]);
      assert(bytes.every((count: number) => count > 100 && count <= limit), `${bytes}`);
      assert(microseconds.plain > 0 && microseconds.wasm > 0);
    }
  });
});
