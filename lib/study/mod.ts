/**
 * How many bits a task needs: accuracy against bits and against bytes, for several kinds of projection networks, sizes and seeds (Ravi 2017, section 4). The
 * work is cut into trainings that any number of processors, restarts and machines share; what does it is loaded when it is asked for, in
 * the way that joint/on_demand.ts tells.
 *
 * @module
 */
import type { StudyOptions, StudyState } from "./plan.ts";
import type { StudyResult } from "./summarize.ts";

export type { NetworkOutcome } from "./folder.ts";
export type { DataFacts } from "../joint/mod.ts";
export type {
  Shard,
  StudyNetwork,
  StudyOptions,
  StudyPlan,
  StudyProgress,
  StudyState,
  StudyTraining,
  StudyTrainingOf,
} from "./plan.ts";
export type { StudyAnswer, StudyPoint, StudyResult, StudyRun, StudyTrainer } from "./summarize.ts";

/** A study that cannot go on: options that do not fit together, a folder that holds another study, parts that do not belong to each other. */
export class StudyError extends Error {
  /** The error's name, `"StudyError"`. */
  override readonly name = "StudyError";
}

/**
 * Trains every network with every seed and writes study.json, study.csv, study.svg and report.md into the folder `out`. Each training that is done is a file
 * there: a study that was stopped goes on where it was, and ends with the same bytes.
 *
 * @example
 * ```ts
 * import { parseTable, runStudy } from "@neuralbits/projectionnet";
 *
 * const rows = Array.from({ length: 300 }, (_, i) => Array.from({ length: 4 }, (_, j) => (i * 37 + j * 91 + i * j * 17) % 251));
 * const csv = rows.map((row) => [...row, row[0] > row[1] ? "fall" : "rise"].join(",")).join("\n");
 * const out = await Deno.makeTempDir();
 * const { result } = await runStudy({
 *   data: await parseTable(new TextEncoder().encode(csv), { file: "slopes.csv" }),
 *   networks: [4, 16].map((functions) => ({ functions, family: "sign" })),
 *   seeds: [1, 2],
 *   training: { trainer: { hidden: [16] }, epochs: 5, batchSize: 16 },
 *   out,
 *   threads: 1,
 * });
 * await Deno.remove(out, { recursive: true });
 * if (result?.points.map(({ bits }) => bits).join() !== "4,16") throw new Error("two points");
 * ```
 *
 * @throws {StudyError} when the folder holds another study, or a training fails
 */
export async function runStudy(options: StudyOptions): Promise<StudyState> {
  const running: typeof import("./run_study.ts") = await import("./run_study.ts" as string);
  return await running.runStudy(options);
}

/**
 * Joins the folders of shards into the folder `out`, with the results of the whole study.
 *
 * @throws {StudyError} when they are parts of different studies, or trainings are missing
 */
export async function mergeStudies(folders: readonly string[], options: { out: string }): Promise<StudyResult> {
  const results: typeof import("./results.ts") = await import("./results.ts" as string);
  return await results.mergeStudies(folders, options);
}
