/**
 * The answer of a study on a page: how many bits and bytes the task needs.
 *
 * @module
 */
import { shortName, type StudyPoint, type StudyResult } from "./summarize.ts";

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
  const series = [...new Set(points.map((point) => point.series))];
  const sizes = [...new Set(points.map((point) => point.bits))].sort((a, b) => a - b);
  const allRows = sizes.map((bits) => [
    count(bits),
    ...series.map((name) => {
      const found = points.filter((point) => point.bits === bits && point.series === name);
      return found.map((point) =>
        `${fixed(point.projectionAccuracy ?? point.validationAccuracy)} (${count(point.modelBytes)})`
      )
        .join(" or ");
    }),
  ]);
  return [
    `# How many bits does ${shortName(data.name)} need?`,
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
    `Accuracy on ${test === null ? "validation" : "test"} data in percent, and in brackets the bytes of the file.`,
    "",
    markdown(["bits", ...series], allRows),
    "",
    `Figures are ${seeds.length === 1 ? `those of seed ${seeds[0]}` : `medians over the seeds ${seeds.join(", ")}`}. ${
      count(data.rows)
    } rows of ${data.classes} classes; everything is chosen on ${chosenOn}; ${
      test === null
        ? "there were no test data."
        : `${count(test.rows)} test rows are read once for each network, to report.`
    } The bytes are those of the whole packed file, which \`train\` writes with the network's options and seed. plan.json has every option, study.csv every seed.`,
    "",
  ].join("\n");
}

function sentence(answers: StudyResult["answers"], points: StudyResult["points"]): string {
  const [kept, lost] = [true, false].map((isKept) =>
    answers.filter(({ least, point }) => least === "bits" && (point !== null) === isKept)
  );
  const least = kept.map(({ share, point }) => {
    const { bits, series, modelBytes } = points[point!];
    return `${count(bits)} bits (${series}, ${count(modelBytes)} bytes) keep ${100 * share} %`;
  });
  const none = lost.length === 0
    ? []
    : [`none of these networks keeps ${lost.map(({ share }) => `${100 * share} %`).join(" or ")}`];
  return `Of the trainer's accuracy on validation data, ${[...least, ...none].join("; ")}.`;
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
