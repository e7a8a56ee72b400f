/**
 * `build-graph`: joins every example with its nearest ones and writes the edges.
 */
import { formatEdges, loadTexts, writeFileWhole } from "../data/mod.ts";
import { buildGraph } from "../joint/mod.ts";
import { checkWritable } from "./check_writable.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count, duration, percent } from "./format.ts";
import { untilInterrupted } from "./interrupt.ts";
import { checkTableOptions, openWithProgress, tableOptions } from "./open_data.ts";
import { choice, integer, text } from "./option_values.ts";
import { KNOWN_DATA_PERMISSIONS, OUT_PERMISSION } from "./permissions.ts";
import { Progress } from "./progress.ts";
import { applyKernelOptions, DATA_DIR, DATA_HELP, HEADER, KERNELS, LABEL, SEED, THREADS } from "./shared_options.ts";
import { TEXT_OPTIONS } from "./text_options.ts";

const OPTIONS = {
  data: { value: "NAME|PATH", help: "the examples: " + DATA_HELP, parse: text, required: true },
  "data-dir": DATA_DIR,
  label: LABEL,
  header: HEADER,
  task: { value: "KIND", help: "text, for data that are texts", parse: choice(["text"]) },
  neighbors: {
    value: "N",
    help: "nearest examples that each one is joined with",
    parse: integer({ min: 1, max: 1024 }),
    default: "10",
  },
  compare: {
    value: "KIND",
    help:
      "what of images is compared: filters (how often random filters respond in each part) or values (pixel by pixel); otherwise filters",
    parse: choice(["filters", "values"]),
  },
  features: TEXT_OPTIONS.features,
  hashes: {
    value: "N",
    help: "hashes of the index; more find more of the true neighbours and take longer",
    parse: integer({ min: 1, max: 1024 }),
    default: "10",
  },
  bucket: {
    value: "N",
    help: "most examples in a bucket of a hash",
    parse: integer({ min: 2, max: 8192 }),
    default: "512",
  },
  recall: {
    value: "N",
    help: "examples on which the share of the true neighbours found is measured, 0 for none",
    parse: integer({ min: 0 }),
    default: "200",
  },
  seed: SEED,
  threads: THREADS,
  kernels: KERNELS,
  out: { value: "FILE", help: "the edge list", parse: text, default: "edges.tsv" },
} as const;

async function run({ options, given, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const { data: source, out, neighbors, features, compare, hashes, bucket, recall: recallRows, seed } = options;
  const isText = options.task === "text";
  const stray = isText ? ["compare", "data-dir"].find((name) => given.has(name)) : undefined;
  if (stray !== undefined) throw new UsageError(`--${stray} is not for --task text`);
  if (!isText && features !== undefined) throw new UsageError("--features is for --task text");
  applyKernelOptions(options);
  await checkWritable(out);
  const began = performance.now();
  const progress = new Progress(io);
  const work = async (signal: AbortSignal) => {
    const table = tableOptions(options, {});
    const data = isText
      ? await loadTexts(source, { labelField: table.label, header: table.header })
      : await openWithProgress(source, { ...table, dataDir: options["data-dir"], split: "train", signal }, io);
    if (!("texts" in data)) {
      checkTableOptions(data, options);
      if (compare !== undefined && data.input.kind !== "image") {
        throw new UsageError(`--compare is for images, and ${source} is a table`);
      }
    }
    const onProgress = (fraction: number): void =>
      progress.update({ label: `joining ${count(data.count)} examples`, fraction, unit: "examples" });
    const shared = { neighbours: neighbors, hashes, bucket, recallRows, seed, onProgress, signal };
    return await buildGraph(data, { ...shared, features, compare });
  };
  const { graph, recall } = await untilInterrupted(work, { io, message: "stopped by Ctrl-C; nothing was written" })
    .finally(() => progress.end());
  await writeFileWhole(out, await formatEdges(graph));
  const seconds = (performance.now() - began) / 1000;
  const found = recall === null ? [] : [
    `${percent(recall)} of the true ${neighbors} nearest neighbours, on ${
      count(Math.min(recallRows, graph.nodes))
    } of the examples`,
  ];
  await output.show(
    [`${out}: ${count(graph.nodes)} nodes, ${count(graph.edges)} edges, ${duration(seconds)}`, ...found].join("\n"),
  );
  await output.result({ nodes: graph.nodes, edges: graph.edges, neighbors, recall, seconds, seed, out });
  return 0;
}

/** The command `build-graph`. */
export const command: Command = defineCommand({
  name: "build-graph",
  description:
    "Joins every example with its nearest ones, for train --labeled, and writes the edges: two rows, from 0, and a weight a line. An index of random " +
    "projections finds almost all true neighbours; how many, is measured on some examples.",
  positionals: [],
  options: OPTIONS,
  permissions: [["--allow-read=DATA", "the data"], OUT_PERMISSION, ...KNOWN_DATA_PERMISSIONS],
  examples: [
    "% build-graph --data mnist --out mnist-edges.tsv",
    "% build-graph --data SMSSpamCollection --task text --out spam-edges.tsv",
  ],
  run,
});
