/**
 * How good a classifier is on labelled data.
 *
 * @module
 */
import { type AnyDataset, type Dataset, samplesOf } from "../data/mod.ts";
import type { Classifier } from "../packed/mod.ts";
import { TrainingError } from "./errors.ts";

/** One class in an {@linkcode Evaluation}. */
export interface ClassReport {
  /** The class. */
  readonly label: string;
  /** Part of the samples given this label that bear it; 0 when none is given it. */
  readonly precision: number;
  /** Part of the samples that bear this label that are given it; 0 when none bears it. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Number of samples that bear this label. */
  readonly support: number;
}

/** What {@linkcode evaluate} found. */
export interface Evaluation {
  /** Part of the samples whose label is right, 0...1. */
  readonly accuracy: number;
  /** Part of the samples whose label is among the three most probable, 0...1. */
  readonly top3: number;
  /** Number of samples. */
  readonly examples: number;
  /** Number of samples whose label is right. */
  readonly correct: number;
  /** Mean of the classes' f1, over classes that occur in the data or in the answers. */
  readonly macroF1: number;
  /** Precision and recall of each class of the data. */
  readonly perClass: readonly ClassReport[];
  /** Counts [label in the data][label given]; labels that the model does not know stand last. */
  readonly confusion: readonly (readonly number[])[];
  /** Mean time of a sample, raw features to label. */
  readonly microsecondsPerSample: number;
}

/** Classifies every row of a data set; see `evaluate` in on_demand.ts. */
export function evaluate(classifier: Classifier, data: AnyDataset): Evaluation {
  const { count, labels, labelNames } = data;
  checkLabelOrder("evaluate", data, classifier.labels);
  if (count === 0) throw new TrainingError(`evaluate: at least one row was wanted, none found in ${data.name}`);
  const confusion = labelNames.map(() => new Array<number>(labelNames.length).fill(0));
  let amongThree = 0;
  let milliseconds = 0;
  const chunk = 256;
  for (let start = 0; start < count; start += chunk) {
    const end = Math.min(count, start + chunk);
    const samples = samplesOf(data, start, end);
    const began = performance.now();
    const answers = classifier.classifyBatch(samples);
    milliseconds += performance.now() - began;
    answers.forEach(({ index, logits }, i) => {
      const label = labels[start + i];
      confusion[label][index]++;
      if (label < logits.length && rankOf(logits, label) < 3) amongThree++;
    });
  }
  const perClass = labelNames.map((label, index) => reportClass(label, index, confusion));
  const correct = confusion.reduce((sum, row, index) => sum + row[index], 0);
  const occurring = perClass.filter(({ support }, index) => support > 0 || confusion.some((row) => row[index] > 0));
  return {
    accuracy: correct / count,
    top3: amongThree / count,
    examples: count,
    correct,
    macroF1: occurring.reduce((sum, { f1 }) => sum + f1, 0) / occurring.length,
    perClass,
    confusion,
    microsecondsPerSample: milliseconds * 1000 / count,
  };
}

/** How many classes come before `label` in the order of probability; of equal ones the lower index comes first. */
function rankOf(logits: ArrayLike<number>, label: number): number {
  let rank = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > logits[label] || (logits[i] === logits[label] && i < label)) rank++;
  }
  return rank;
}

function reportClass(label: string, index: number, confusion: number[][]): ClassReport {
  const right = confusion[index][index];
  const support = confusion[index].reduce((sum, n) => sum + n, 0);
  const given = confusion.reduce((sum, row) => sum + row[index], 0);
  const precision = given === 0 ? 0 : right / given;
  const recall = support === 0 ? 0 : right / support;
  return { label, precision, recall, f1: right === 0 ? 0 : 2 * precision * recall / (precision + recall), support };
}

/** Throws {@linkcode TrainingError} unless the first label names of `data` are the given ones, in their order. */
export function checkLabelOrder(
  use: string,
  data: Pick<Dataset, "name" | "labelNames">,
  labels: readonly string[],
): void {
  const index = labels.findIndex((label, i) => data.labelNames[i] !== label);
  if (index < 0) return;
  throw new TrainingError(
    `${use}: class ${index} of ${data.name} is ${data.labelNames[index] ?? "missing"} where ${
      labels[index]
    } was wanted; ` +
      `open it with the labelNames of the training data`,
  );
}
