/**
 * `predict`: JSON lines or the rows of a data set in, JSON lines out, in order and as they come.
 */
import { answerWriter, classifyLines } from "../packed/jsonl.ts";
import type { Classifier } from "../packed/mod.ts";
import { type AnyDataset, samplesOf } from "../data/mod.ts";
import { readModel, RUNTIME } from "./classifier.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import type { CliIo } from "./io.ts";
import { readFailure } from "./model.ts";
import { MODEL_DATA_OPTIONS, openModelData } from "./model_data.ts";
import { UsageError } from "./errors.ts";
import { integer } from "./option_values.ts";
import { flag } from "./options.ts";
import { KNOWN_DATA_PERMISSIONS } from "./permissions.ts";

const OPTIONS = {
  top: { value: "K", help: "add the K most probable labels to each answer", parse: integer({ min: 1 }) },
  raw: flag("for a model of texts: each line is a text as it is, not JSON"),
  ...MODEL_DATA_OPTIONS,
  data: {
    ...MODEL_DATA_OPTIONS.data,
    help:
      `rows to classify in place of JSON lines; each answer has its row's number from 0 as "id" (of an image its file as "file") and its label in the data as "expected": ${MODEL_DATA_OPTIONS.data.help}`,
  },
  runtime: RUNTIME,
} as const;

/** Rows that are answered at once. */
const CHUNK = 256;

async function predictData(
  classifier: Classifier,
  dataset: AnyDataset,
  { top, io }: { top?: number; io: CliIo },
): Promise<void> {
  const { count, labels, labelNames } = dataset, files = "files" in dataset ? dataset.files : undefined;
  const write = answerWriter(classifier, { top });
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(count, start + CHUNK);
    const answers = classifier.classifyBatch(samplesOf(dataset, start, end)).map((found, i) => {
      const id = start + i, file = files === undefined ? "" : `"file":${JSON.stringify(files[id])},`;
      const answer = write(found).slice(1, -1);
      return `{"id":${id},${file}${answer},"expected":${JSON.stringify(labelNames[labels[id]])}}\n`;
    });
    await io.writeOut(answers.join(""));
  }
}

async function openInput(file: string, stdin: () => ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  if (file === "-") return stdin();
  try {
    return (await Deno.open(file)).readable;
  } catch (error) {
    throw new Error(`cannot read ${file}: ${readFailure(error)}`, { cause: error });
  }
}

function checkSource({ options, given, positionals }: Invocation<typeof OPTIONS>): void {
  const { data } = options;
  if (data === undefined) {
    const stray = Object.keys(MODEL_DATA_OPTIONS).find((name) => given.has(name));
    if (stray !== undefined) throw new UsageError(`--${stray} goes with --data`);
    return;
  }
  if (positionals.length > 1) throw new UsageError(`${positionals[1]} and --data ${data}: wanted one of them`);
  if (options.raw) throw new UsageError("--raw is for lines, and --data says what to read");
}

async function run(invocation: Invocation<typeof OPTIONS>): Promise<number> {
  checkSource(invocation);
  const { options, given, positionals, io, output } = invocation;
  const [modelPath, file = "-"] = positionals;
  const { classifier } = await readModel(modelPath, options.runtime);
  const { data, top } = options;
  if (data !== undefined) {
    const dataset = await openModelData(classifier, { model: modelPath, options: { ...options, data }, given, io });
    await predictData(classifier, dataset, { top, io });
    return 0;
  }
  if (options.raw && classifier.input.kind !== "text") {
    throw new UsageError(`--raw is for models of texts, and ${modelPath} takes numbers`);
  }
  const input = await openInput(file, () => io.stdin);
  let failures = 0;
  const onProblem = (line: number, problem: string): void => {
    failures++;
    output.note(`line ${line}: ${problem}`);
  };
  for await (const answers of classifyLines(classifier, input, { top, raw: options.raw, onProblem })) {
    await io.writeOut(answers);
  }
  return failures > 0 ? 1 : 0;
}

/** The command `predict`. */
export const command: Command = defineCommand({
  name: "predict",
  description:
    "Classifies JSON lines, or the rows of a data set, and answers each with a JSON line, in order and as they come. A line is an array of numbers, or an " +
    'object with "input" (that array) and optionally "id", which is passed through; a model of texts takes a string in place of the array. A line that cannot be classified gets an object ' +
    'with "error" and "line" in its place, and the exit code is 1 at the end. Blank lines are skipped. The output is JSON with or ' +
    "without --json.",
  positionals: [
    { name: "MODEL", help: "a packed model (.pnet)" },
    { name: "FILE", help: "a file of JSON lines; - or nothing for standard input", optional: true },
  ],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL,FILE", "the model, and a file of lines"], [
    "--allow-read=DATA",
    "with --data PATH",
  ], ...KNOWN_DATA_PERMISSIONS],
  examples: [
    `echo '{"id": 1, "input": [5.1, 3.5, 1.4, 0.2]}' | % predict iris.pnet`,
    "% predict mnist.pnet digits.jsonl --top 3",
    "% predict spam.pnet messages.txt --raw",
    "% predict cifar.pnet --data cifar-100-binary.tar.gz --top 5",
  ],
  run,
});
