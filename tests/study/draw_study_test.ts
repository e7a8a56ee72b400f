import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { drawStudy } from "../../lib/study/draw_study.ts";
import { makePlan } from "../../lib/study/plan.ts";
import { reportOf } from "../../lib/study/report.ts";
import { summarize } from "../../lib/study/summarize.ts";
import { outcomesOf, smallStudy } from "./fixtures.ts";

const plan = await makePlan(smallStudy("unused"));
const result = summarize(plan, outcomesOf(plan));

/** Fails at a tag that is not closed, or closed in the wrong place. */
function checkNesting(svg: string): void {
  const open: string[] = [];
  for (const [tag, end, name] of svg.matchAll(/<(\/?)([a-z]+)(?:"[^"]*"|[^">])*>/g)) {
    if (end !== "") assertEquals(open.pop(), name);
    else if (!tag.endsWith("/>")) open.push(name);
  }
  assertEquals(open, []);
}

/** The coordinates of what a series draws as a line in each of the panels. */
function linesOf(svg: string, series: number): number[][][] {
  const groups = [...svg.matchAll(new RegExp(`<g class="s${series}">\\n([\\s\\S]*?)\\n</g>`, "g"))];
  return groups.map(([, group]) => {
    const [, path] = /<path class="line" d="M([^"]+)"/.exec(group)!;
    return path.split("L").map((place) => place.split(" ").map(Number));
  });
}

Deno.test("drawStudy: two panels with every point of every series, higher where it is more accurate", () => {
  const svg = drawStudy(result);
  checkNesting(svg);
  for (const series of [0, 1]) {
    const panels = linesOf(svg, series);
    assertEquals(panels.map(({ length }) => length), [2, 2]);
    for (const [[x0, y0], [x1, y1]] of panels) assert(x0 < x1 && y0 > y1, `${x0} ${y0} ${x1} ${y1}`);
  }
  // Eight bits of both series stand above each other, their files do not.
  const [sign, hadamard] = [0, 1].map((series) => linesOf(svg, series));
  assertEquals(sign[0][0][0], hadamard[0][0][0]);
  assert(sign[1][0][0] < hadamard[1][0][0]);
});

Deno.test("drawStudy: everything lies within the picture, nothing comes from elsewhere, light and dark", () => {
  const svg = drawStudy(result);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
  for (const [, x, y] of svg.matchAll(/(?:M|L|translate\()(-?[\d.]+) (-?[\d.]+)/g)) {
    if (Number(x) < 0) continue; // Marks are drawn about the origin.
    assert(Number(x) <= width && Number(y) >= 0 && Number(y) <= height, `${x} ${y}`);
  }
  for (const [, x, y] of svg.matchAll(/<text[^>]* x="([\d.]+)" y="([\d.]+)"/g)) {
    assert(Number(x) < width && Number(y) < height, `${x} ${y}`);
  }
  assertStringIncludes(svg, "@media(prefers-color-scheme:dark)");
  assertEquals(/href|url\(|@import|<script|<image/.exec(svg), null);
  assertMatch(svg, />trainer 82\.0 %, 4,000 bytes as float32</);
  assertMatch(svg, />accuracy on test data in percent; median and range of 3 seeds</);
  assertEquals(/NaN|Infinity|undefined|null/.exec(svg), null);
});

Deno.test("drawStudy: names are text, also where they look like tags; a folder's name is its last part", () => {
  const named = { ...plan, data: { ...plan.data, name: "/data/<b>&co/" } };
  const svg = drawStudy({ ...result, plan: named });
  checkNesting(svg);
  assertStringIncludes(svg, ">&#60;b&#62;&#38;co<");
});

Deno.test("drawStudy: one network, one seed, no test data", async () => {
  const plan = await makePlan({ ...smallStudy("unused"), networks: [{ functions: 8 }], seeds: [4], test: undefined });
  const outcomes = outcomesOf(plan, (outcome) => ({ ...outcome, testAccuracy: null })).map((outcome) => ({
    ...outcome,
    trainer: { ...outcome.trainer, testAccuracy: null },
  }));
  const result = summarize(plan, outcomes);
  const svg = drawStudy(result);
  checkNesting(svg);
  assertEquals(/NaN|Infinity|undefined|null/.exec(svg), null);
  assertStringIncludes(svg, ">accuracy on validation data in percent<");
  assertStringIncludes(svg, ">trainer 90.0 %");
  const report = reportOf(result);
  assertStringIncludes(report, "there were no test data");
  assertEquals(/NaN|Infinity|undefined|null/.exec(report), null);
});

Deno.test("drawStudy: twenty series are told apart", () => {
  const points = Array.from({ length: 20 }, (_, index) => ({ ...result.points[0], series: `kind number ${index}` }));
  const svg = drawStudy({ ...result, points });
  checkNesting(svg);
  const looks = Array.from({ length: 20 }, (_, index) => {
    const [, colour] = new RegExp(`\\.s${index}\\{color:(#\\w+)\\}`).exec(svg)!;
    const [, mark] = new RegExp(`<g class="s${index}"><path class="line"[^>]*/><g [^>]*>(.*?)</g>`).exec(svg)!;
    return colour + mark;
  });
  assertEquals(new Set(looks).size, 20);
});

Deno.test("reportOf: the answer first, then every network", () => {
  const report = reportOf(result);
  assertMatch(
    report,
    /^# How many bits does blobs need\?\n\nOf the trainer's accuracy on validation data, 24 bits \(hadamard, 178 bytes\) keep 90 %; none of these networks keeps 95 % or 99 %\./,
  );
  assertStringIncludes(
    report,
    "| bits | sign | hadamard |\n| --- | --- | --- |\n| 8 | 47.00 (84) | 67.00 (104) |\n| 24 | ",
  );
  assertStringIncludes(report, "| 99 % | fewest bits | none of these networks |");
  assertStringIncludes(report, "medians over the seeds 1, 2, 3. 300 rows of 4 classes");
});
