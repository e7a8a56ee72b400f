import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { resolveDataDir } from "../../lib/data/mod.ts";
import { inFolder, lastJson, run } from "./harness.ts";

/** Whether MNIST is in the data folder; "data fetch mnist" puts it there. */
function hasMnist(): boolean {
  try {
    return Deno.statSync(`${resolveDataDir()}/mnist`).isDirectory;
  } catch {
    return false;
  }
}

Deno.test({
  name: "demo: trains, packs, evaluates and shows digits",
  ignore: !hasMnist(),
  async fn() {
    await inFolder(async (folder) => {
      const out = `${folder}/demo.pnet`;
      const demo = await run(["demo", "--epochs", "1", "--out", out, "--json"]);
      assertEquals(demo.code, 0, demo.err);
      assertEquals(demo.out.trimEnd().split("\n").length, 1);
      const report = lastJson(demo);
      assert((report.trainerAccuracy as number) > 0.94, `trainer ${report.trainerAccuracy}`);
      assert((report.projectionAccuracy as number) > 0.88, `projection ${report.projectionAccuracy}`);
      assertEquals([report.bits, report.modelBytes], [720, (await Deno.stat(out)).size]);
      assertEquals(demo.err.match(/says \d \(\d+ %\)/g)?.length, 8);
      assertEquals(demo.err.match(/is {3}\d, right/g)?.length, 6);
      assertEquals(demo.err.match(/is {3}\d, WRONG/g)?.length, 2);
      assertMatch(demo.err, /@/);
      assertStringIncludes(demo.err, "The packed file alone: ");

      const evaluation = lastJson(await run(["eval", out, "--data", "mnist", "--json"]));
      assertEquals(evaluation.accuracy, report.projectionAccuracy);
      assertEquals(evaluation.examples, 10_000);
    });
  },
});
