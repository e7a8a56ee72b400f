/**
 * The files of a finished study, and joining the parts that were done elsewhere.
 *
 * @module
 */
import { csvOf } from "./csv.ts";
import { drawStudy } from "./draw_study.ts";
import { StudyError } from "./mod.ts";
import { jsonText, StudyFolder, type UnitOutcome } from "./folder.ts";
import { planDifference, unitsOf } from "./plan.ts";
import { reportOf } from "./report.ts";
import { type StudyResult, summarize } from "./summarize.ts";

/** Writes study.json, study.csv, study.svg and report.md of a study whose units are all done. */
export async function writeResults(folder: StudyFolder): Promise<StudyResult> {
  const outcomes: UnitOutcome[] = [];
  for (const unit of unitsOf(folder.plan)) {
    const outcome = await folder.readUnit(unit);
    if (outcome === undefined) throw new StudyError(`${folder.path}: ${unit.name} is missing`);
    outcomes.push(outcome);
  }
  const result = summarize(folder.plan, outcomes);
  await folder.write("study.csv", csvOf(result));
  await folder.write("study.svg", drawStudy(result));
  await folder.write("report.md", reportOf(result));
  // Last, so that who sees it sees the others as well.
  await folder.write("study.json", jsonText(result));
  return result;
}

/** What `mergeStudies` of mod.ts runs. */
export async function mergeStudies(
  paths: readonly string[],
  { out }: { out: string },
): Promise<StudyResult> {
  if (paths.length === 0) throw new StudyError("merging studies: at least one folder was wanted, none found");
  const parts: StudyFolder[] = [];
  for (const path of paths) parts.push(await StudyFolder.read(path));
  const [first, ...others] = parts;
  for (const other of others) {
    const differing = planDifference([first.plan, first.path], [other.plan, other.path]);
    if (differing !== undefined) throw new StudyError(`these are parts of different studies: ${differing}`);
  }
  const found: [unit: ReturnType<typeof unitsOf>[number], outcome: UnitOutcome][] = [];
  const missing: string[] = [];
  for (const unit of unitsOf(first.plan)) {
    let source: { outcome: UnitOutcome; path: string } | undefined;
    for (const part of parts) {
      const outcome = await part.readUnit(unit);
      if (outcome === undefined) continue;
      if (source !== undefined && jsonText(source.outcome) !== jsonText(outcome)) {
        throw new StudyError(
          `${unit.name} is not the same in ${source.path} and ${part.path}; kernels that give the same on every machine are simd and reference`,
        );
      }
      source ??= { outcome, path: part.path };
    }
    if (source === undefined) missing.push(unit.name);
    else found.push([unit, source.outcome]);
  }
  if (missing.length > 0) {
    const named = missing.slice(0, 5).join(", ");
    const rest = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
    throw new StudyError(
      `the study is not complete: of ${
        found.length + missing.length
      } trainings ${missing.length} are missing, ${named}${rest}`,
    );
  }
  const folder = await StudyFolder.create(out, first.plan, { index: 1, count: 1 });
  for (const [unit, { plan: _plan, ...outcome }] of found) await folder.writeUnit(unit, outcome);
  return await writeResults(folder);
}
