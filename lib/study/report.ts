/**
 * The answer of a study on a page: how many bits and bytes the task needs.
 *
 * @module
 */
import type { StudyPoint, StudyResult } from "./summarize.ts";

/** The text of report.md. */
export function reportOf({ plan, trainer, points, answers }: StudyResult): string {
  const { data, validation, test, seeds } = plan;
  const chosenOn = typeof validation === "number"
    ? `${(100 * validation).toFixed(0)} % of the training data, which no network learns from`
    : `${count(validation.rows)} rows of ${validation.name}`;
  const columns = ["projection network", "bits", "file, bytes", "validation", "test", "share of the trainer's, test"];
  const described = (point: StudyPoint): string[] => [
    point.series,
    count(point.bits),
    count(point.modelBytes),
    percent(point.validationAccuracy),
    percent(point.projectionAccuracy),
  ];
  const answerRows = answers.map(({ share, least, point, testShare }) => [
    `${100 * share} %`,
    least === "bits" ? "fewest bits" : "fewest bytes",
    ...(point === null ? ["none of these networks", "", "", "", "", ""] : [
      ...described(points[point]),
      percent(testShare),
    ]),
  ]);
  const allRows = points.map((point) => {
    const { runs, projectionAccuracy, trainerAccuracy } = point;
    const tested = runs.map((run) => run.projectionAccuracy ?? NaN);
    const range = test === null || runs.length === 1
      ? ""
      : `${fixed(Math.min(...tested))}–${fixed(Math.max(...tested))}`;
    const share = projectionAccuracy === null || trainerAccuracy === null ? null : projectionAccuracy / trainerAccuracy;
    return [...described(point), range, percent(share)];
  });
  return [
    `# How many bits does ${data.name} need?`,
    "",
    `${sentence(answers, points)} The trainer network beside them has ${count(trainer.parameters)} parameters (${
      count(trainer.bytes)
    } bytes as float32) and reaches ${percent(trainer.validationAccuracy)} on validation data${
      trainer.testAccuracy === null ? "" : ` and ${percent(trainer.testAccuracy)} on test data`
    }.`,
    "",
    "![Accuracy against bits and bytes](study.svg)",
    "",
    "## What it takes to keep a share of the trainer's accuracy",
    "",
    markdown(["share to keep", "with the", ...columns], answerRows),
    "",
    "## All networks",
    "",
    markdown([...columns.slice(0, 5), "test, range over the seeds", columns[5]], allRows),
    "",
    `Figures are medians over ${seeds.length === 1 ? "one seed" : `${seeds.length} seeds`} (${seeds.join(", ")}). ${
      count(data.rows)
    } rows of ${data.classes} classes; everything is chosen on ${chosenOn}; ${
      test === null
        ? "there were no test data."
        : `${count(test.rows)} test rows are read once for each network, to report.`
    } The bytes are those of the whole packed file. plan.json has every option, study.csv every seed.`,
    "",
  ].join("\n");
}

function sentence(answers: StudyResult["answers"], points: StudyResult["points"]): string {
  const known = answers.filter(({ least, point }) => least === "bits" && point !== null);
  if (known.length === 0) return "None of these networks keeps 90 % of the trainer's accuracy on validation data.";
  const parts = known.map(({ share, point }) => {
    const { bits, series, modelBytes } = points[point!];
    return `${count(bits)} bits (${series}, ${count(modelBytes)} bytes) for ${100 * share} %`;
  });
  return `Of the trainer's accuracy on validation data, ${parts.join("; ")}.`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function fixed(share: number): string {
  return (100 * share).toFixed(2);
}

function percent(share: number | null): string {
  return share === null ? "" : `${fixed(share)} %`;
}
