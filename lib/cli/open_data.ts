/**
 * Opening data sets for the commands: the progress of a fetch is shown, and what does not fit is said before work begins.
 */
import {
  type AnyDataset,
  type Dataset,
  type FetchProgress,
  type ImageSize,
  openDataset,
  type OpenOptions,
  type StoredDataset,
} from "../data/mod.ts";
import { UsageError } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { Progress, type ProgressState } from "./progress.ts";

/** A fetch's progress in the form that is shown. */
export function fetchState(progress: FetchProgress): ProgressState {
  const { name, file, index, files, received, total } = progress;
  const within = total === undefined || total === 0 ? 0 : Math.min(1, received / total);
  return {
    label: `fetching ${name}, file ${index} of ${files} (${file})`,
    fraction: (index - 1 + within) / files,
    unit: "bytes",
    detail: `${(received / 1e6).toFixed(1)} MB`,
  };
}

/** Opens a data set; when it has to be fetched, the progress goes to standard error. */
export async function openWithProgress(
  source: string,
  options: OpenOptions & { loadLimit?: undefined },
  io: CliIo,
): Promise<Dataset>;
/** The same with `loadLimit`: what is larger stays in its files. */
export async function openWithProgress(
  source: string,
  options: OpenOptions,
  io: CliIo,
): Promise<Dataset | StoredDataset>;
export async function openWithProgress(
  source: string,
  options: OpenOptions,
  io: CliIo,
): Promise<Dataset | StoredDataset> {
  const progress = new Progress(io);
  try {
    return await openDataset(source, { ...options, onProgress: (event) => progress.update(fetchState(event)) });
  } finally {
    progress.end();
  }
}

/** What the options say about labels, tables and images. */
export interface TableChoice {
  /** `--label`. */
  label?: string;
  /** `--header`. */
  header?: "yes" | "no";
  /** `--size`. */
  size?: ImageSize;
}

/** The options for opening a data set, from those of the command line. */
export function tableOptions<T extends object>(
  { label, header, size }: TableChoice,
  rest: T,
): T & { label?: string; header?: boolean; size?: ImageSize } {
  return { ...rest, label, size, header: header === undefined ? undefined : header === "yes" };
}

/**
 * Refuses options about tables, labels and sizes for data that have nothing to choose.
 *
 * @throws {UsageError} naming the option
 */
export function checkTableOptions(
  { name, input, labelField, files }: Dataset | StoredDataset,
  { label, header, size }: TableChoice,
): void {
  if (size !== undefined && files === undefined) {
    throw new UsageError(`--size is for folders of PNG images, and ${name} is none`);
  }
  if (input.kind === "table") return;
  if (label !== undefined && labelField === undefined) {
    throw new UsageError(`--label is for tables and for CIFAR-100, and ${name} holds images with one label`);
  }
  if (header !== undefined) throw new UsageError(`--header is for tables, and ${name} holds images`);
}

/** What a dataset has to be like to be used beside another, or with a model. */
export interface Expectation {
  /** Values in each sample. */
  featureLength: number;
  /** What the expectation comes from, for messages. */
  owner: string;
}

/**
 * Fails when samples have another length.
 *
 * @throws {Error} naming both sides
 */
export function checkLength({ name, input, featureLength }: Dataset | StoredDataset, expected: Expectation): void {
  if (featureLength === expected.featureLength) return;
  const found = input.kind === "image"
    ? `images of ${input.width}×${input.height}×${input.channels}`
    : `rows of ${featureLength} numbers`;
  throw new Error(`${name} holds ${found}, but ${expected.owner} has samples of ${expected.featureLength} values`);
}

/**
 * Fails at the first value that is no pixel, for data to be used beside images or with a model of images.
 *
 * @throws {Error} naming file, sample and column
 */
export function checkPixels({ name, input, features, featureLength }: Dataset | StoredDataset, owner: string): void {
  if (!(features instanceof Float32Array)) return;
  const at = features.findIndex((value) => (value & 255) !== value);
  const column = at % featureLength;
  const place = input.kind === "table" ? `column ${JSON.stringify(input.columns[column])}` : `pixel ${column}`;
  throw new Error(
    `${name}: sample ${Math.floor(at / featureLength) + 1} has ${
      features[at]
    } in ${place}, but ${owner} takes images, ` +
      "whose pixels are integers 0…255",
  );
}

/**
 * Fails when a data set has labels that the training data lack.
 *
 * @throws {Error} naming them
 */
export function checkLabels(
  { name, labelNames }: Pick<AnyDataset, "name" | "labelNames">,
  training: Pick<AnyDataset, "name" | "labelNames">,
): void {
  const unknown = labelNames.slice(training.labelNames.length);
  if (unknown.length > 0) throw new Error(`${name} has labels that ${training.name} lacks: ${quoteSome(unknown)}`);
}

/** The first few of some words in quotation marks. */
export function quoteSome(words: readonly string[]): string {
  const shown = words.slice(0, 5).map((word) => JSON.stringify(word)).join(", ");
  return words.length > 5 ? `${shown} and ${words.length - 5} more` : shown;
}
