/**
 * `eval`: how good a packed model is on a data set.
 */
import { evaluate, type Evaluation } from "../joint/mod.ts";
import { type LoadedClassifier, readModel, RUNTIME } from "./classifier.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count, percent, table } from "./format.ts";
import { MODEL_DATA_OPTIONS, openModelData } from "./model_data.ts";
import { quoteSome } from "./open_data.ts";
import { KNOWN_DATA_PERMISSIONS } from "./permissions.ts";

const OPTIONS = {
  ...MODEL_DATA_OPTIONS,
  data: { ...MODEL_DATA_OPTIONS.data, required: true },
  runtime: RUNTIME,
} as const;

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

async function run({ options, given, positionals, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [model] = positionals;
  const { data } = options;
  const loaded = await readModel(model, options.runtime);
  const { classifier, runtime } = loaded;
  const dataset = await openModelData(classifier, { model, options, given, io });
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
  permissions: [["--allow-read=MODEL,DATA", "the model and the data"], ...KNOWN_DATA_PERMISSIONS],
  examples: ["% eval mnist.pnet --data mnist"],
  run,
});
