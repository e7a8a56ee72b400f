import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { BitColumns } from "../../lib/joint/select/bit_columns.ts";
import { chooseNext } from "../../lib/joint/select/forward_step.ts";
import { testNumbers } from "../projection/reference.ts";

const samples = 320, classes = 2;

/** Columns from a function of sample and column, thresholds at zero. */
function columnsOf(count: number, value: (sample: number, column: number) => number): BitColumns {
  const columns = new BitColumns({ samples, count });
  const values = Int32Array.from({ length: samples * count }, (_, i) => value(Math.floor(i / count), i % count));
  columns.fill(values, { sample: 0, column: 0 }, new Int32Array(count));
  return columns;
}

function residualOf(value: (sample: number) => number): Float32Array {
  return Float32Array.from({ length: samples * classes }, (_, i) => (i % 2 ? -1 : 1) * value(Math.floor(i / 2)));
}

Deno.test("the first choice explains most alone, as a plain sum says", () => {
  const next = testNumbers(8);
  const bits = Array.from({ length: samples * 20 }, () => Math.floor(next() * 3) - 1);
  const columns = columnsOf(20, (s, k) => bits[s * 20 + k]);
  const target = Array.from({ length: samples }, () => next() - 0.5);
  const residual = residualOf((s) => target[s]);
  const score = Array.from({ length: 20 }, (_, k) => {
    const signs = target.map((_, s) => bits[s * 20 + k] > 0 ? 1 : -1);
    const mean = signs.reduce((a, b) => a + b, 0) / samples;
    const slope = target.reduce((sum, value, s) => sum + (signs[s] - mean) * value, 0);
    return slope ** 2 / (1 - mean ** 2);
  });
  const step = { columns, means: columns.means(), groupSize: 1, residual, classes };
  const best = score.indexOf(Math.max(...score));
  assertEquals(chooseNext(step, new Set(), 1), [best]);
  const second = score.indexOf(Math.max(...score.filter((_, k) => k !== best)));
  assertEquals(chooseNext(step, new Set([best]), 1), [second]);
});

Deno.test("what repeats a choice is passed over for what adds to it", () => {
  // The target is 2·a + b; columns 0, 1 and 2 are a, a again and a inverted, column 3 is b, column 4 is noise.
  const a = (s: number): number => s % 2 ? 1 : -1, b = (s: number): number => s % 4 > 1 ? 1 : -1;
  const noise = testNumbers(9);
  const columns = columnsOf(5, (s, k) => [a(s), a(s), -a(s), b(s), noise() - 0.5 > 0 ? 1 : -1][k]);
  const step = {
    columns,
    means: columns.means(),
    groupSize: 1,
    residual: residualOf((s) => 2 * a(s) + b(s)),
    classes,
  };
  const chosen = chooseNext(step, new Set(), 3);
  assertEquals(chosen[0] < 3 && chosen[1] === 3 && chosen[2] === 4, true, chosen.join());
});

Deno.test("groups are chosen whole and by what their bits explain together", () => {
  const columns = columnsOf(6, (s, k) => [(s & 1) - 0.5, 1, (s & 2) - 1, (s & 4) - 2, 1, 1][k]);
  const target = (s: number): number => ((s & 1) - 0.5) * 1.2 + (s & 2) - 1 + ((s & 4) - 2) / 2;
  const step = { columns, means: columns.means(), groupSize: 2, residual: residualOf(target), classes };
  assertEquals(chooseNext(step, new Set(), 2), [1, 0]);
  assertGreaterOrEqual(chooseNext(step, new Set(), 9).length, 3);
});
