/**
 * `study`: accuracy against bits and bytes, for several kinds of projection networks and seeds.
 */
import type { TextDataset } from "../data/mod.ts";
import { mergeStudies, runStudy, type StudyOptions, type StudyProgress, type StudyResult } from "../study/mod.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count, duration, percent, table } from "./format.ts";
import { untilInterrupted } from "./interrupt.ts";
import { KNOWN_DATA_PERMISSIONS } from "./permissions.ts";
import { Progress, type ProgressState } from "./progress.ts";
import { OPTIONS, readStudy } from "./study_options.ts";
import { openTextTraining, openTraining, type TrainingData } from "./train.ts";

type Study = Invocation<typeof OPTIONS>;

async function merge({ options: { out }, given, positionals, output }: Study): Promise<number> {
  const stray = [...given].find((name) => !["merge", "out", "json"].includes(name));
  if (stray !== undefined) throw new UsageError(`--${stray} is not for --merge, which takes what the parts have`);
  if (positionals.length === 0) throw new UsageError("--merge joins folders: study --merge DIR… --out DIR");
  const result = await mergeStudies(positionals, { out });
  await output.show(report(result));
  await output.result({ ...result, out });
  return 0;
}

/** Checks what is asked for, and gives a function that opens the data. */
function prepare(
  { options, given, io }: Study,
): (signal: AbortSignal) => Promise<Pick<StudyOptions, "data" | "validation" | "test" | "networks" | "training">> {
  const asked = readStudy(options, given);
  if (options.task === "text") {
    const open = openTextTraining({ ...asked.training, io });
    return async (signal) => {
      const { data, validation, test, projections: _one, seed: _seed, signal: _signal, ...training } = await open(
        signal,
      );
      // A study loads its data whatever their size.
      const loaded = { data, validation, test } as TrainingData<TextDataset>;
      return { ...loaded, training, networks: asked.texts };
    };
  }
  return async (signal) => {
    const opened = await openTraining(asked.training.options, { io, signal });
    const { data, validation, test, seed: _seed, signal: _signal, ...training } = opened;
    return { data, validation, test, training, networks: asked.networks(data) };
  };
}

async function run(invocation: Study): Promise<number> {
  const { options, positionals, io, output } = invocation;
  if (options.merge) return await merge(invocation);
  if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`);
  const { out, seeds, group, shard, threads, kernels } = options;
  const open = prepare(invocation);
  const progress = new Progress(io);
  const began = performance.now();
  const state = await untilInterrupted(async (signal) =>
    await runStudy({
      ...await open(signal),
      ...{ out, seeds, group, shard, threads, kernels, signal },
      onProgress: (event) => progress.update(studyState(event)),
    }), { io, message: `stopped by Ctrl-C; what is done stays in ${out}, and the same command goes on` }).finally(() =>
      progress.end()
    );
  const seconds = (performance.now() - began) / 1000;
  const { units, done, result } = state;
  await output.show(
    result === null
      ? `${done} of ${units} trainings are done; the others are those of other shards`
      : `${report(result)}\n${duration(seconds)}, ${units} trainings, ${out}/report.md`,
  );
  await output.result({ ...result, units, done, seconds, out });
  return 0;
}

function studyState({ done, units, fraction, secondsLeft, endOfUnit }: StudyProgress): ProgressState {
  const left = Number.isNaN(secondsLeft) ? undefined : secondsLeft;
  return {
    label: `training ${Math.min(units, done + 1)}/${units}`,
    fraction,
    unit: "",
    secondsLeft: left,
    milestone: endOfUnit,
  };
}

function report({ trainer, points, answers }: StudyResult): string {
  const share = (value: number | null): string => value === null ? "-" : percent(value);
  const rows = points.map((point) => [
    point.series,
    count(point.bits),
    count(point.modelBytes),
    share(point.validationAccuracy),
    share(point.projectionAccuracy),
  ]);
  const { parameters, bytes, validationAccuracy, testAccuracy } = trainer;
  const found = answers.filter(({ least }) => least === "bits").map(({ share, point }) =>
    point === null
      ? `${100 * share} % of the trainer's accuracy: none of these`
      : `${100 * share} % of the trainer's accuracy: ${count(points[point].bits)} bits (${points[point].series})`
  );
  return [
    table([
      ["network", "bits", "bytes", "validation", "test"],
      [`trainer, ${count(parameters)} parameters`, "", count(bytes), share(validationAccuracy), share(testAccuracy)],
      ...rows,
    ]),
    ...found,
  ].join("\n");
}

/** How schedulers count parts: Slurm's array, Kubernetes' indexed job, GNU parallel. */
const clusterLines = [
  "#SBATCH --array=1-8",
  "srun STUDY --shard $SLURM_ARRAY_TASK_ID/8 --out part-$SLURM_ARRAY_TASK_ID",
  "STUDY --shard $((JOB_COMPLETION_INDEX + 1))/8 --out part-$JOB_COMPLETION_INDEX",
  "parallel STUDY --shard {}/8 --threads 1 --out part-{} ::: 1 2 3 4 5 6 7 8",
];

/** The command `study`. */
export const command: Command = defineCommand({
  name: "study",
  description:
    "Finds out how many bits a task needs: trains networks of every size, family, hidden layer and head with several seeds, and writes study.json, study.csv, " +
    "study.svg and report.md. Everything is chosen on validation data; test data are read once for each network. The work is cut into trainings of one seed and up " +
    "to --group networks; each that is done is a file in DIR/units, so that a study that was stopped in any way goes on with the same command and ends with the same " +
    "files. Shards may share one folder, or have one each, which --merge joins.",
  positionals: [{ name: "DIR", help: "folders of shards, for --merge", optional: true, many: true }],
  options: OPTIONS,
  permissions: [
    [
      "--allow-read=DATA,DIR,PROGRAM --allow-write=DIR",
      "the data, the study's folder, and the program's own where it was not loaded from a registry, since trainings run in workers",
    ],
    ...KNOWN_DATA_PERMISSIONS,
    [
      "--allow-sys=systemMemoryInfo --allow-read=/sys/fs/cgroup",
      "not needed: so that no more trainings run beside one another than fit into memory",
    ],
  ],
  examples: [
    "% study --data mnist --bits 10,20,40,80,160,320,640 --projection gaussian,hadamard,patch --out mnist-study",
    "% study --data mnist --bits 80,240,720 --projection conv --hidden 0,64 --head float,ternary --seeds 5 --out conv-study",
    "% study --data spam.tsv --task text --bits 256,1024,4096 --out spam-study",
  ],
  moreExamples: {
    "A part on each of eight machines or cores, and all of them joined": [
      ...clusterLines.map((line) => line.replace("STUDY", "% study --data mnist --bits 10,40,160,640 --seeds 8")),
      "% study --merge part-* --out mnist-study",
    ],
  },
  run,
});
