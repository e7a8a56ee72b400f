import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadTable } from "../../mod.ts";
import { csvOf } from "../../lib/study/csv.ts";
import { makePlan } from "../../lib/study/plan.ts";
import { summarize } from "../../lib/study/summarize.ts";
import { inFolder } from "../cli/harness.ts";
import { outcomesOf, smallStudy } from "./fixtures.ts";

/** The cells of a table as RFC 4180 has them. */
function parse(text: string): string[][] {
  return text.split("\r\n").slice(0, -1).map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
      quoted?.replaceAll('""', '"') ?? plain
    )
  );
}

Deno.test("csvOf: every figure of every run comes back", async () => {
  const plan = await makePlan({
    ...smallStudy("unused"),
    networks: [{ functions: 8, hidden: 4 }, { functions: 8, head: ["ternary"] }],
  });
  const { points } = summarize(plan, outcomesOf(plan));
  const text = csvOf({ points: [{ ...points[0], series: 'a "quoted", name' }, points[1]] });
  assertStringIncludes(text, '"a ""quoted"", name",gaussian,float,4,8,240,1,');
  const [head, ...rows] = parse(text);
  assertEquals(rows.length, points.reduce((sum, { runs }) => sum + runs.length, 0));
  const found = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
  assertEquals(found[0].series, 'a "quoted", name');
  let at = 0;
  for (const { runs, ...point } of points) {
    for (const run of runs) {
      const row = found[at++];
      for (const [name, value] of Object.entries({ ...point, ...run })) {
        if (name !== "series") assertEquals(row[name], String(value ?? ""), name);
      }
    }
  }
});

Deno.test("csvOf: the project's own loader of tables reads it", async () => {
  const plan = await makePlan({ ...smallStudy("unused"), networks: [{ functions: 8, hidden: 4 }] });
  const { points } = summarize(plan, outcomesOf(plan));
  await inFolder(async (folder) => {
    const [head, ...lines] = csvOf({ points }).trimEnd().split("\r\n");
    // Words are no features: the table without them.
    const numbers = [head, ...lines].map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).slice(3).join(","));
    await Deno.writeTextFile(`${folder}/study.csv`, numbers.join("\r\n"));
    const table = await loadTable(`${folder}/study.csv`, { label: "seed" });
    assertEquals([table.count, table.labelNames], [3, ["1", "2", "3"]]);
  });
});
