/**
 * `train --budget`: the search for the best network whose file fits, with its progress, Ctrl-C and report.
 */
import { writeFileWhole } from "../data/mod.ts";
import {
  type BudgetOptions,
  type BudgetProgress,
  type BudgetResult,
  describeProjection,
  type TrainedProjection,
  trainWithinBudget,
} from "../joint/mod.ts";
import type { CommandCheckpoints } from "./checkpoint_options.ts";
import { CODE_OPTIONS } from "./code_options.ts";
import type { Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count, duration, percent, table } from "./format.ts";
import { integer, number } from "./option_values.ts";
import type { OptionValues } from "./options.ts";
import { Progress, type ProgressState } from "./progress.ts";
import { trainingJson, trainingReport, trainState } from "./training.ts";

/** Options of a search. */
export const BUDGET_OPTIONS = {
  budget: {
    value: "BYTES",
    help:
      "find the best network whose file takes at most so many bytes, instead of training one of given bits, hidden layer and head; the best " +
      "on validation data is written",
    parse: integer({ min: 1 }),
  },
  minutes: {
    value: "M",
    help: "about how long to search, for --budget (otherwise 10)",
    parse: number({ above: 0 }),
  },
} as const;

/** What the search chooses, and what it does not use. */
const SEARCHED = [...Object.keys(CODE_OPTIONS), "hidden", "head"];
const UNUSED = ["normalize", "code-dropout", "ternary-threshold", "project-from", "trunk-precision", "labeled"];

/**
 * Refuses options that do not go with or without a search.
 *
 * @throws {UsageError} that names them
 */
export function checkBudget(
  options: OptionValues<typeof BUDGET_OPTIONS> & { readonly validation: number | string },
  given: ReadonlySet<string>,
): void {
  if (options.budget === undefined) {
    if (options.minutes !== undefined) throw new UsageError("--minutes is for --budget BYTES");
    return;
  }
  const chosen = SEARCHED.find((name) => given.has(name));
  if (chosen !== undefined) throw new UsageError(`--${chosen} says what --budget searches for; give one of the two`);
  const unused = UNUSED.find((name) => given.has(name));
  if (unused !== undefined) throw new UsageError(`--${unused} is not for --budget, whose search does without it`);
  if (options.validation === 0) {
    throw new UsageError("--budget chooses on validation data, and --validation 0 leaves none");
  }
}

function searchState(progress: BudgetProgress): ProgressState {
  const { stage, done, planned, tried, candidates, seconds, secondsGiven, training, selection } = progress;
  // Before the halving each network is trained alone, in too short a time to show how far it is.
  const isJoint = stage === "halving" || stage === "finals";
  const what = candidates.length === 1
    ? describeProjection(candidates[0])
    : `${candidates.length} networks beside the trainer`;
  const state = {
    label: isJoint ? stage : `${stage} ${done + 1}/${planned}`,
    fraction: seconds / secondsGiven,
    unit: "examples",
    secondsLeft: secondsGiven - seconds,
    detail: `${tried} tried, now ${what}`,
    milestone: training === undefined && selection === undefined,
  };
  if (!isJoint || training === undefined) return state;
  const { label, detail, milestone, rate } = trainState(training);
  return { ...state, label: `${stage}, ${label}`, detail, milestone, rate };
}

/** Searches, shows, and writes the best network to `out`; after Ctrl-C the best so far. */
export async function runBudget(
  open: (signal: AbortSignal) => Promise<BudgetOptions>,
  { out, args, checkpoints, io, output }:
    & Pick<Invocation<Record<never, never>>, "args" | "io" | "output">
    & { out: string; checkpoints: CommandCheckpoints },
): Promise<number> {
  const progress = new Progress(io);
  let best: TrainedProjection | undefined;
  const work = async (signal: AbortSignal): Promise<[BudgetResult, number]> => {
    const options = await open(signal);
    const result = await trainWithinBudget({
      ...options,
      signal,
      onProgress: (event) => progress.update(searchState(event)),
      onBest: (network) => best = network,
    });
    return [result, options.budget];
  };
  const keepBest = async (): Promise<string | undefined> => {
    progress.end();
    if (best === undefined) return undefined;
    await writeFileWhole(out, best.bytes);
    return `${out} holds the best network so far, ${count(best.bytes.length)} bytes, ` +
      `${percent(best.validationAccuracy ?? 0)} on validation data; test data were not read`;
  };
  const [result, budget] = await checkpoints.untilInterrupted(work, args, keepBest).finally(() => progress.end());
  await writeFileWhole(out, result.networks[0].bytes);
  const { frontier, tried, omitted, options, seconds } = result;
  const points = frontier.map(({ bytes, validationAccuracy, options }) => [
    count(bytes),
    percent(validationAccuracy),
    describeProjection(options),
  ]);
  output.note(table([["bytes", "validation", "network"], ...points]));
  output.note(`${tried} networks tried in ${duration(seconds)}.`);
  if (omitted.length > 0) output.note(`There was no time for ${omitted.join(", ")}; --minutes gives more.`);
  await output.show(trainingReport(result, [out]));
  await output.result({ ...trainingJson(result, [out]), budget, options, frontier, tried, omitted });
  return 0;
}
