/**
 * `demo`: the whole way on MNIST, from the data to a packed model at work.
 */
import { type Dataset, writeFileWhole } from "../data/mod.ts";
import { evaluate, train } from "../joint/mod.ts";
import type { Classifier } from "../packed/mod.ts";
import { checkWritable } from "./check_writable.ts";
import { loadClassifier } from "./classifier.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count, percent } from "./format.ts";
import { untilInterrupted } from "./interrupt.ts";
import { openWithProgress } from "./open_data.ts";
import { integer, text } from "./option_values.ts";
import { KNOWN_DATA_PERMISSIONS, OUT_PERMISSION } from "./permissions.ts";
import { applyKernelOptions, DATA_DIR, KERNELS, SEED, THREADS } from "./shared_options.ts";
import { sideBySide, textArt } from "./text_art.ts";
import { trainingJson, trainingReport, trainWithProgress } from "./training.ts";

const OPTIONS = {
  epochs: { value: "N", help: "most passes over the training data", parse: integer({ min: 1 }), default: "10" },
  seed: SEED,
  threads: THREADS,
  kernels: KERNELS,
  "data-dir": DATA_DIR,
  out: { value: "FILE", help: "the packed model", parse: text, default: "mnist-demo.pnet" },
} as const;

const TRAINER_HIDDEN = [256, 256];
/** A row of the paper's MNIST table (Ravi 2017): 720 bits, the signs of Gaussian projections, and a linear head. */
const PROJECTION = { functions: 60, bitsPerFunction: 12, family: "gaussian", head: "float" } as const;

/** How many digits are shown, and in how many characters. */
const SHOWN = { right: 6, wrong: 2, columns: 18, rows: 9 };

/** Test digits to look at: the first that are classified rightly and the first that are not. */
function chooseDigits(classifier: Classifier, test: Dataset): number[] {
  const right: number[] = [];
  const wrong: number[] = [];
  for (let i = 0; i < test.count && (right.length < SHOWN.right || wrong.length < SHOWN.wrong); i++) {
    const { index } = classifier.classify(sample(test, i));
    const [chosen, most] = index === test.labels[i] ? [right, SHOWN.right] : [wrong, SHOWN.wrong];
    if (chosen.length < most) chosen.push(i);
  }
  return [...right, ...wrong];
}

function sample(dataset: Dataset, index: number): Dataset["features"] {
  return dataset.features.subarray(index * dataset.featureLength, (index + 1) * dataset.featureLength);
}

function drawDigit(classifier: Classifier, test: Dataset, index: number): string[] {
  const pixels = sample(test, index);
  const { label, probability } = classifier.classify(pixels);
  const truth = test.labelNames[test.labels[index]];
  const verdict = label === truth ? "right" : "WRONG";
  const { columns, rows } = SHOWN;
  return [
    ...textArt({ pixels, width: 28, height: 28 }, { columns, rows }),
    `says ${label} (${Math.round(100 * probability)} %)`,
    `is   ${truth}, ${verdict}`,
  ];
}

async function run({ options, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  applyKernelOptions(options);
  await checkWritable(options.out);
  const work = async (signal: AbortSignal) => {
    const opening = { dataDir: options["data-dir"], signal };
    const data = await openWithProgress("mnist", { ...opening, split: "train" }, io);
    const test = await openWithProgress("mnist", { ...opening, split: "test" }, io);
    output.note(
      `Training 784-${TRAINER_HIDDEN.join("-")}-10 and a projection network of 60x12 bits together on ${
        count(data.count)
      } digits.`,
    );
    const { epochs, seed } = options;
    const result = await trainWithProgress(train, {
      data,
      test,
      trainer: { hidden: TRAINER_HIDDEN },
      projections: [PROJECTION],
      epochs,
      seed,
      signal,
    }, io);
    return { result, test };
  };
  const { result, test } = await untilInterrupted(work, { io, message: "stopped by Ctrl-C; nothing was written" });
  const [{ bytes }] = result.networks;
  await writeFileWhole(options.out, bytes);
  await output.show(trainingReport(result, [options.out]));

  // From here on only the bytes of the file are used.
  const { classifier, runtime } = loadClassifier(bytes);
  const { accuracy, correct, examples, microsecondsPerSample } = evaluate(classifier, test);
  await output.show(
    `\nThe packed file alone: ${count(correct)} of ${count(examples)} test digits (${percent(accuracy)}), ` +
      `${microsecondsPerSample.toFixed(1)} µs each in the ${runtime} runtime.\n`,
  );
  const digits = chooseDigits(classifier, test).map((index) => drawDigit(classifier, test, index));
  await output.show(sideBySide(digits, { width: io.terminal?.columns() ?? 80, gap: 2 }));
  await output.show(`\nTry it: deno task eval ${options.out} --data mnist`);
  await output.result(trainingJson(result, [options.out]));
  return 0;
}

/** The command `demo`. */
export const command: Command = defineCommand({
  name: "demo",
  description:
    "Trains a full network and a 720-bit projection network together on MNIST (fetched when it is not there), packs the small one, " +
    "evaluates the file and shows a few test digits with its predictions.",
  positionals: [],
  options: OPTIONS,
  permissions: [OUT_PERMISSION, ...KNOWN_DATA_PERMISSIONS],
  examples: ["% demo --epochs 3"],
  run,
});
