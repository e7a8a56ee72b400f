import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Classification, type Classifier, type Dataset, TrainingError } from "../../mod.ts";
import { evaluate } from "../../lib/joint/mod.ts";

/** Answers with the logits that stand in the sample. */
const echo: Pick<Classifier, "classifyBatch" | "labels"> = {
  labels: ["a", "b", "c", "d"],
  classifyBatch: (samples) =>
    Array.from({ length: samples.length / 4 }, (_, i): Classification => {
      const logits = Float32Array.from({ length: 4 }, (_, j) => samples[i * 4 + j] as number);
      const index = logits.indexOf(Math.max(...logits));
      return { index, label: "abcd"[index], probability: 1, probabilities: logits, logits };
    }),
};

Deno.test("evaluate counts what its definitions say", () => {
  const rows: [number[], number][] = [
    [[9, 0, 0, 0], 0],
    [[9, 5, 0, 0], 1],
    [[3, 9, 1, 2], 2],
    [[3, 9, 1, 2], 1],
    [[1, 1, 1, 1], 3],
    [[5, 4, 3, 2], 4],
  ];
  const data: Dataset = {
    name: "rows",
    input: { kind: "table", columns: ["a", "b", "c", "d"] },
    count: rows.length,
    featureLength: 4,
    features: Uint8Array.from(rows.flatMap(([features]) => features)),
    labels: Uint16Array.from(rows.map(([, label]) => label)),
    labelNames: ["a", "b", "c", "d", "unknown"],
  };
  const result = evaluate(echo as Classifier, data);
  assertEquals(result.examples, 6);
  assertEquals(result.correct, 2);
  assertAlmostEquals(result.accuracy, 2 / 6);
  // Row 2's label is fourth, row 4's loses every tie, row 5's is unknown to the model.
  assertAlmostEquals(result.top3, 3 / 6);
  const third = evaluate(echo as Classifier, {
    ...data,
    count: 1,
    features: data.features.subarray(8, 12),
    labels: Uint16Array.of(3),
  });
  assertEquals(third.top3, 1);
  assertEquals(result.confusion, [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]);
  assertEquals(result.perClass[0], { label: "a", precision: 1 / 4, recall: 1, f1: 0.4, support: 1 });
  assertEquals(result.perClass[1], { label: "b", precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 });
  assertEquals(result.perClass[2], { label: "c", precision: 0, recall: 0, f1: 0, support: 1 });
  assertAlmostEquals(result.macroF1, (0.4 + 0.5) / 5);
});

Deno.test("evaluate refuses no rows and labels in another order", () => {
  const data: Dataset = {
    name: "rows",
    input: { kind: "table", columns: ["a", "b", "c", "d"] },
    count: 1,
    featureLength: 4,
    features: new Uint8Array(4),
    labels: new Uint16Array(1),
    labelNames: ["a", "b", "c", "d"],
  };
  assertThrows(() => evaluate(echo as Classifier, { ...data, count: 0 }), TrainingError, "at least one row");
  assertThrows(
    () => evaluate(echo as Classifier, { ...data, labelNames: ["b", "a", "c", "d"] }),
    TrainingError,
    "class 0",
  );
  assertThrows(
    () => evaluate(echo as Classifier, { ...data, labelNames: ["a", "b"] }),
    TrainingError,
    "missing where c",
  );
});
