/**
 * The options for texts (`--task text`), and what they ask of a training.
 */
import {
  parseTextFeatures,
  type TextFeatureOptions,
  type TextProjectionOptions,
  textTrainers,
  type TrainTextOptions,
} from "../joint/mod.ts";
import type { ThresholdRule } from "../projection/mod.ts";
import { loadTexts, type StoredTextDataset, type TextDataset } from "../data/mod.ts";
import { checkPool } from "./code_options.ts";
import { UsageError } from "./errors.ts";
import { type BitSize, choice, integer, list, number, ValueError } from "./option_values.ts";

const FOLDINGS = { nfkc: "compatibility", lower: "lowerCase", digits: "digitsAlike", symbols: "dropSymbols" } as const;

/** Options that are for `--task text` only. */
export const TEXT_OPTIONS = {
  features: {
    value: "KINDS",
    help:
      "for --task text: kinds of features, as kind, smallest-largest n, and share of the bits: words (n in a row), skips (pairs with n words between), " +
      "characters (n of a word), across (n of the text), openings (the first n words with each that follows); otherwise words1-2:2,skips1-3,characters3-4",
    parse(text: string): TextFeatureOptions[] {
      const features = parseTextFeatures(text);
      if (features === undefined) throw new ValueError('kinds such as "words1-2:2,skips1-3,characters3-4"');
      return features;
    },
  },
  entries: {
    value: "KIND",
    help:
      "for --task text: what a feature does: presence (sets bits), or sign or ternary (adds to all sums, whose signs are the bits); otherwise presence",
    parse: choice(["presence", "sign", "ternary"]),
  },
  touches: {
    value: "N",
    help: "for --task text: bits that a feature sets (otherwise 1)",
    parse: integer({ min: 1, max: 64 }),
  },
  fold: {
    value: "HOW",
    help:
      "for --task text: what counts as the same, of nfkc (compatible characters), lower (cases), digits (all digits), symbols (left out), or none; " +
      "otherwise nfkc,lower",
    parse: list(choice(["nfkc", "lower", "digits", "symbols", "none"]), { noun: "foldings" }),
  },
  "feature-dropout": {
    value: "P",
    help: "for --task text: share of the features that is dropped in training (otherwise 0.2)",
    parse: number({ min: 0, below: 1 }),
  },
  "max-bytes": {
    value: "BYTES",
    help: "for --task text: prune weights until the file has at most so many bytes",
    parse: integer({ min: 1 }),
  },
  distort: {
    value: "P",
    help:
      "for --task text: share of the words of a training text that get a spelling mistake, others in each epoch (0.25 as in pQRNN; otherwise 0)",
    parse: number({ min: 0, max: 1 }),
  },
  crop: {
    value: "P",
    help:
      "for --task text: share of the training texts of which only a random part is read, others in each epoch; otherwise 0",
    parse: number({ min: 0, max: 1 }),
  },
  balance: {
    value: "B",
    help: "for --task text: make rare classes count more, from 0 (not at all) to 1 (all classes alike); otherwise 0",
    parse: number({ min: 0, max: 1 }),
  },
  reject: {
    value: "SHARE",
    help:
      "for --task text: mark the least probable answers as rejected, by a bound that this share of the validation texts stays below",
    parse: number({ min: 0, max: 1 }),
  },
} as const;

/** Options of `train` that mean nothing for texts. */
const NOT_FOR_TEXT = [
  ...["taps", "patch", "filter", "stride", "cell", "cell-stride", "filter-quantile", "reads"],
  ...["data-dir", "size", "element", "trainer-reads", "augment", "budget", "minutes"],
  ...["normalize", "code-dropout", "ternary-threshold"],
];

/** The values of options that a training on texts looks at. */
export interface TextValues {
  projection: string;
  bits?: BitSize[];
  hidden?: number;
  head: TextProjectionOptions["head"];
  trainer?: string;
  "trainer-hidden"?: number[];
  bidirectional: boolean;
  dropout?: number;
  features?: TextFeatureOptions[];
  entries?: TextProjectionOptions["entries"];
  touches?: number;
  thresholds?: ThresholdRule | "auto";
  select?: number;
  "select-by"?: "greedy" | "prune";
  fold?: string[];
  "feature-dropout"?: number;
  "max-bytes"?: number;
  distort?: number;
  crop?: number;
  balance?: number;
  reject?: number;
  data: string;
  validation: string | number;
  test?: string;
  label?: string;
  header?: "yes" | "no";
  labeled?: number;
  "load-limit"?: number;
}

/**
 * Refuses options that are for texts alone, or not for texts.
 *
 * @throws {UsageError} naming the option
 */
export function checkTextOptions(task: string | undefined, given: ReadonlySet<string>, projection: string): void {
  if (task !== "text") {
    const stray = Object.keys(TEXT_OPTIONS).find((name) => given.has(name));
    if (stray !== undefined) throw new UsageError(`--${stray} is for --task text`);
    if (projection === "text") throw new UsageError("--projection text is for --task text");
    return;
  }
  const stray = NOT_FOR_TEXT.find((name) => given.has(name));
  if (stray !== undefined) throw new UsageError(`--${stray} is not for --task text`);
  if (given.has("projection") && projection !== "text") {
    throw new UsageError(`--projection ${projection}: wanted text, for --task text`);
  }
}

/** The sizes of `--bits`; 8192 bits when it is left out. */
export function textSizes({ bits }: Pick<TextValues, "bits">): BitSize[] {
  return bits ?? [{ functions: 8192, bitsPerFunction: 1 }];
}

/** What the options ask of each network, and of the trainer. */
export function textTraining(
  values: TextValues,
  given: ReadonlySet<string>,
): Pick<TrainTextOptions, "projections" | "trainer" | "crop" | "distort" | "balance" | "reject"> {
  const { fold, trainer, features, entries, touches, hidden } = values;
  if (fold?.includes("none") && fold.length > 1) throw new UsageError("--fold none stands alone");
  if (touches !== undefined && entries !== undefined && entries !== "presence") {
    throw new UsageError(`--touches is for --entries presence, and the entries are ${entries}`);
  }
  const { thresholds, select: pool, "select-by": by } = values;
  if (entries === undefined || entries === "presence") {
    const stray = ["thresholds", "select"].find((name) => given.has(name));
    if (stray !== undefined) throw new UsageError(`--${stray} is for --entries sign or ternary with --task text`);
  }
  for (const { functions, bitsPerFunction } of textSizes(values)) checkPool(values, functions * bitsPerFunction);
  if (thresholds === "auto") throw new UsageError("--thresholds auto is not for --task text");
  const kind = textTrainers.find((name) => name === trainer);
  if (trainer !== undefined && kind === undefined) {
    throw new UsageError(`--trainer ${trainer}: wanted one of ${textTrainers.join(", ")} for --task text`);
  }
  if (kind !== "lstm" && values.bidirectional) throw new UsageError("--bidirectional is for --trainer lstm");
  const normalization = fold &&
    Object.fromEntries(Object.entries(FOLDINGS).map(([word, name]) => [name, fold.includes(word)]));
  return {
    projections: textSizes(values).map((size) => ({
      ...size,
      features,
      entries,
      touches,
      thresholds,
      select: pool === undefined ? undefined : { pool, by },
      normalization,
      hidden,
      head: given.has("head") ? values.head : undefined,
      dropout: values["feature-dropout"],
      maxBytes: values["max-bytes"],
    })),
    trainer: { kind, hidden: values["trainer-hidden"], dropout: values.dropout, bidirectional: values.bidirectional },
    crop: values.crop,
    distort: values.distort,
    balance: values.balance,
    reject: values.reject,
  };
}

/** Opens the texts to train on and beside. */
export async function openTexts(
  { data: source, validation, test, label, header, labeled, "load-limit": loadLimit }: TextValues,
): Promise<Pick<TrainTextOptions, "data" | "validation" | "test">> {
  const options = {
    labelField: label,
    header: header === undefined ? undefined : header === "yes",
    // What is learnt from texts without labels needs them all.
    loadLimit: labeled === undefined ? loadLimit : undefined,
  };
  const data = await loadTexts(source, options);
  const beside = (path: string): Promise<TextDataset | StoredTextDataset> =>
    loadTexts(path, { ...options, labelNames: data.labelNames });
  return {
    data,
    validation: typeof validation === "number" ? validation : await beside(validation),
    // A test text with a label that training data lack counts as wrong.
    test: test === undefined ? undefined : await beside(test),
  };
}
