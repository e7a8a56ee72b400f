/**
 * Opening a data set to run a packed model on, for `eval` and `predict`.
 */
import { type AnyDataset, type ImageSize, loadTexts } from "../data/mod.ts";
import type { Classifier } from "../packed/mod.ts";
import { UsageError } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { checkLength, checkPixels, checkTableOptions, openWithProgress, tableOptions } from "./open_data.ts";
import { choice, text } from "./option_values.ts";
import { DATA_DIR, DATA_HELP, HEADER, LABEL, LOAD_LIMIT, SIZE } from "./shared_options.ts";

/** The options that name a data set and what is to be read of it. */
export const MODEL_DATA_OPTIONS = {
  data: {
    value: "NAME|PATH",
    help: `${DATA_HELP}; for a model of texts a file or folder of texts`,
    parse: text,
  },
  split: {
    value: "SPLIT",
    help: "which part of a known data set, folder or archive: train or test",
    parse: choice(["train", "test"]),
    default: "test",
  },
  label: LABEL,
  header: HEADER,
  size: SIZE,
  "load-limit": LOAD_LIMIT,
  "data-dir": DATA_DIR,
} as const;

/** Options that mean nothing for texts. */
const NOT_FOR_TEXT = ["split", "size", "data-dir"];

interface DataOptions {
  data: string;
  split: "train" | "test";
  label?: string;
  header?: "yes" | "no";
  size?: ImageSize;
  "load-limit": number;
  "data-dir"?: string;
}

/** A model, and what was said about its data. */
export interface ModelDataOptions {
  /** Path of the model, for messages. */
  model: string;
  /** Values of {@linkcode MODEL_DATA_OPTIONS}. */
  options: DataOptions;
  /** Names of the options that were given. */
  given: ReadonlySet<string>;
  /** Where progress goes. */
  io: CliIo;
}

/**
 * Opens the data set. Its first labels are the model's, in their order.
 *
 * @throws {UsageError} for options that the data cannot take
 * @throws {Error} when its samples are none that the model takes
 */
export async function openModelData(
  classifier: Classifier,
  { model, options, given, io }: ModelDataOptions,
): Promise<AnyDataset> {
  const { data, split, label, header, "load-limit": loadLimit } = options;
  const { input, labels: labelNames } = classifier;
  if (input.kind === "text") {
    const stray = NOT_FOR_TEXT.find((name) => given.has(name));
    if (stray !== undefined) throw new UsageError(`--${stray} is not for texts`);
    return await loadTexts(data, {
      labelNames,
      loadLimit,
      labelField: label,
      header: header === undefined ? undefined : header === "yes",
    });
  }
  const opening = tableOptions(options, { split, dataDir: options["data-dir"], labelNames, loadLimit });
  const dataset = await openWithProgress(data, opening, io);
  checkTableOptions(dataset, options);
  if (given.has("split") && dataset.split === undefined) {
    throw new UsageError(`--split is for known data sets, folders and archives, and ${data} is one part`);
  }
  const featureLength = input.kind === "image" ? input.width * input.height * input.channels : input.features;
  checkLength(dataset, { featureLength, owner: model });
  if (input.kind === "image") checkPixels(dataset, model);
  return dataset;
}
