import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { runBench } from "./run_bench.ts";

Deno.test({
  name: "bench:soak: requests at their times, each answered by one of the two models that are exchanged",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { out, err } = await runBench("soak.ts", ["--minutes", "0.06", "--rate", "200", "--reload", "1.2", "--json"]);
    // How memory grows in the first seconds, which the exit code tells too, says nothing.
    const { requests, failed, replaced, loaded, ownBytes, residentBytes, exitCode } = JSON.parse(
      out.trimEnd().split("\n").at(-1)!,
    );
    assertEquals([requests, failed, loaded, exitCode], [720, 0, replaced, 0], err);
    assertGreaterOrEqual(replaced, 1);
    assertEquals([ownBytes.length, residentBytes.length], [10, 10]);
    assertGreaterOrEqual(ownBytes[0], 1e7);
    assertGreaterOrEqual(residentBytes[0], ownBytes[0]);
  },
});

Deno.test("bench:soak and bench:memory: what they do not know is refused with exit code 2", async () => {
  const wrong: [file: string, args: string[], message: string][] = [
    ["soak.ts", ["--rate", "0"], "bench:soak: --rate 0: wanted a number above 0"],
    ["data_larger_than_memory.ts", ["--kinds", "png"], "bench:memory: --kinds png: wanted"],
    ["data_larger_than_memory.ts", ["--kind", "idx"], "bench:memory: unknown option --kind"],
  ];
  for (const [file, args, message] of wrong) {
    const { code, out, err } = await runBench(file, args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
  }
});

Deno.test({
  name: "bench:memory: trains, evaluates and predicts on what it makes, and tells the most memory of each process",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = ["--kinds", "jsonl", "--gigabytes", "0.001", "--limit", "1", "--json"];
    const { code, out, err } = await runBench("data_larger_than_memory.ts", args);
    // No process has as little as a megabyte.
    assertEquals(code, 1, err);
    const { runs } = JSON.parse(out.trimEnd().split("\n").at(-1)!);
    assertEquals(runs.map(({ command }: { command: string }) => command), ["train", "eval", "predict"]);
    for (const { peak } of runs) assertGreaterOrEqual(peak, 2e7);
  },
});
