import { assertEquals, assertStringIncludes } from "@std/assert";
import { runBench } from "./run_bench.ts";

Deno.test("bench:paper: what it does not know is refused by name with exit code 2", async () => {
  const wrong: [args: string[], message: string][] = [
    [["--epoch", "3"], "bench:paper: unknown option --epoch"],
    [["--epochs", "three"], "bench:paper: --epochs three: wanted a whole number"],
    [["--epochs", "0"], "--epochs 0"],
    [["--seed=-1"], "--seed -1: wanted a whole number"],
    [["--seed", "1.5"], "--seed 1.5: wanted a whole number"],
    [["--thresholds", "none"], "--thresholds none: wanted one of zero, mean, median"],
    [["mnist"], 'unexpected argument "mnist"'],
  ];
  for (const [args, message] of wrong) {
    const { code, out, err } = await runBench("paper_table.ts", args);
    assertStringIncludes(err, message);
    assertEquals([code, out], [2, ""]);
  }
});
