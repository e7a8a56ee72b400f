/**
 * `eval`: how good a packed model is on a data set.
 */
import { type Dataset, loadTexts, type TextDataset } from "../data/mod.ts";
import { evaluate, type Evaluation } from "../joint/mod.ts";
import type { Classifier } from "../packed/mod.ts";
import { type LoadedClassifier, readModel, RUNTIME } from "./classifier.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count, percent, table } from "./format.ts";
import type { CliIo } from "./io.ts";
import { checkLength, checkPixels, checkTableOptions, openWithProgress, quoteSome, tableOptions } from "./open_data.ts";
import { choice, text } from "./option_values.ts";
import { DATA_DIR, HEADER, LABEL } from "./shared_options.ts";

const OPTIONS = {
  data: {
    value: "NAME|PATH",
    help: "a known data set, a folder of IDX files, or a table; for a model of texts a file or folder of texts",
    parse: text,
    required: true,
  },
  split: {
    value: "SPLIT",
    help: "which part of a known data set or folder: train or test",
    parse: choice(["train", "test"]),
    default: "test",
  },
  label: LABEL,
  header: HEADER,
  "data-dir": DATA_DIR,
  runtime: RUNTIME,
} as const;

/** Values in each sample that a model takes. */
function sampleLength({ input }: Classifier): number {
  if (input.kind === "text") return 1;
  return input.kind === "image" ? input.width * input.height * input.channels : input.features;
}

/** Most classes that the confusion matrix is shown for. */
const MAX_SHOWN_CLASSES = 20;

function report(evaluation: Evaluation, { classifier, runtime }: LoadedClassifier): string {
  const perClass = [
    ["class", "precision", "recall", "F1", "examples"],
    ...evaluation.perClass.map(({ label, precision, recall, f1, support }) => [
      label,
      percent(precision),
      percent(recall),
      percent(f1),
      count(support),
    ]),
  ];
  const parts = [
    table([
      ["accuracy", percent(evaluation.accuracy), `${count(evaluation.correct)} of ${count(evaluation.examples)}`],
      ["top-3", percent(evaluation.top3)],
      ["macro F1", percent(evaluation.macroF1)],
      ["model", `${count(classifier.modelBytes)} bytes`],
      ["speed", `${evaluation.microsecondsPerSample.toFixed(1)} µs a sample`, `${runtime} runtime`],
    ]),
    table(perClass),
  ];
  const labels = evaluation.perClass.map(({ label }) => label);
  if (labels.length <= MAX_SHOWN_CLASSES) {
    const rows = evaluation.confusion.map((row, i) => [labels[i], ...row.map(String)]);
    parts.push(`confusion (rows: true class, columns: predicted)\n${table([["", ...labels], ...rows])}`);
  }
  return parts.join("\n\n");
}

type Options = Invocation<typeof OPTIONS>["options"];

/** Options of `eval` that mean nothing for texts. */
const NOT_FOR_TEXT = ["split", "data-dir"];

async function openTextData(
  { labels: labelNames }: Classifier,
  { data, label: labelField, header }: Options,
  given: ReadonlySet<string>,
): Promise<TextDataset> {
  const stray = NOT_FOR_TEXT.find((name) => given.has(name));
  if (stray !== undefined) throw new UsageError(`--${stray} is not for texts`);
  return await loadTexts(data, { labelNames, labelField, header: header === undefined ? undefined : header === "yes" });
}

async function openNumbers(
  classifier: Classifier,
  options: Options & { model: string },
  { given, io }: { given: ReadonlySet<string>; io: CliIo },
): Promise<Dataset> {
  const { split, data, model } = options;
  const opening = tableOptions(options, { split, dataDir: options["data-dir"], labelNames: classifier.labels });
  const dataset = await openWithProgress(data, opening, io);
  checkTableOptions(dataset, options);
  if (given.has("split") && dataset.input.kind === "table") {
    throw new UsageError(`--split is for known data sets and folders, and ${data} is a table`);
  }
  checkLength(dataset, { featureLength: sampleLength(classifier), owner: model });
  if (classifier.input.kind === "image") checkPixels(dataset, model);
  return dataset;
}

async function run({ options, given, positionals, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [model] = positionals;
  const { data } = options;
  const loaded = await readModel(model, options.runtime);
  const { classifier, runtime } = loaded;
  const dataset = classifier.input.kind === "text"
    ? await openTextData(classifier, options, given)
    : await openNumbers(classifier, { ...options, model }, { given, io });
  const unknown = dataset.labelNames.slice(classifier.labels.length);
  if (unknown.length > 0) {
    output.note(
      `${data} has labels that ${model} does not know, and their samples count as wrong: ${quoteSome(unknown)}`,
    );
  }
  const evaluation = evaluate(classifier, dataset);
  await output.show(report(evaluation, loaded));
  const { accuracy, top3, examples, correct, macroF1, microsecondsPerSample, perClass, confusion } = evaluation;
  const { modelBytes } = classifier;
  await output.result({
    accuracy,
    top3,
    examples,
    correct,
    macroF1,
    modelBytes,
    microsecondsPerSample,
    runtime,
    perClass,
    confusion,
  });
  return 0;
}

/** The command `eval`. */
export const command: Command = defineCommand({
  name: "eval",
  description:
    "Evaluates a packed model: accuracy, top-3, precision and recall of every class, confusion matrix, size and speed.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet)" }],
  options: OPTIONS,
  examples: ["% eval mnist.pnet --data mnist"],
  run,
});
