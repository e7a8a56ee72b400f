import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fitRejection, fitTemperature } from "../../lib/joint/calibrate.ts";
import type { Classification } from "../../lib/packed/mod.ts";

function answer(logits: number[], probability = 0): Classification {
  return { index: 0, label: "", probability, probabilities: new Float32Array(0), logits: Float32Array.from(logits) };
}

Deno.test("fitTemperature: finds the number that logits were multiplied by", () => {
  // Of two classes with logits 0 and log 3, the second is right in three of four cases.
  for (const factor of [0.25, 1, 5]) {
    const answers = Array.from({ length: 400 }, () => answer([0, factor * Math.log(3)]));
    const labels = answers.map((_, i) => i % 4 === 0 ? 0 : 1);
    assertAlmostEquals(fitTemperature(answers, labels) / factor, 1, 0.02);
  }
  assertEquals(fitTemperature([], []), 1);
  assertEquals(fitTemperature([answer([1, 2])], [2]), 1);
});

Deno.test("fitRejection: the greatest bound that rejects no more than the share", () => {
  const answers = Array.from({ length: 100 }, (_, i) => answer([], (i + 0.5) / 100));
  for (const share of [0.05, 0.5, 0.9]) {
    const q = fitRejection(answers, share)!;
    const rejected = (bound: number): number => answers.filter(({ probability }) => probability < bound / 256).length;
    assertEquals([rejected(q) <= share * 100, rejected(q + 1) > share * 100], [true, true]);
  }
  assertEquals(fitRejection(answers, 1), 255);
  assertEquals(fitRejection([answer([], 0)], 0), undefined);
});
