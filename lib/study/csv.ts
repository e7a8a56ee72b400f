/**
 * The runs of a study as a table: one line for each network and seed (RFC 4180).
 *
 * @module
 */
import type { StudyResult } from "./summarize.ts";

const columns = [
  ...["series", "projection", "head", "hidden", "bits", "parameters", "seed", "modelBytes", "bestEpoch"],
  ...["validationAccuracy", "projectionAccuracy", "trainerValidationAccuracy", "trainerAccuracy"],
] as const;

/** The text of study.csv. What there is none of (a hidden layer, test data) is an empty cell. */
export function csvOf({ points }: Pick<StudyResult, "points">): string {
  const rows = points.flatMap(({ runs, ...point }) =>
    runs.map((run) => columns.map((column) => cell({ ...point, ...run }[column])).join(","))
  );
  return [columns.join(","), ...rows, ""].join("\r\n");
}

function cell(value: string | number | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
