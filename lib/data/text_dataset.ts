/** Labelled texts in memory, and how loaders put them together. */

import { MAX_CLASSES } from "./dataset.ts";
import { DataFormatError } from "./errors.ts";
import { type LabelOrder, orderLabels } from "./labels.ts";

/** A labelled set of texts. */
export interface TextDataset {
  /** Name of the file or folder it was read from. */
  name: string;
  /** Tells texts from images and tables. */
  input: { kind: "text" };
  /** Number of rows. */
  count: number;
  /** The text of each row; may be empty. */
  texts: string[];
  /** The class of each row, an index into `labelNames`; `count` long. */
  labels: Uint16Array;
  /** The name of each class. */
  labelNames: string[];
}

/** Texts that stay in their file and are read when they are asked for. */
export interface StoredTexts {
  /**
   * Reads some texts.
   *
   * @param rows their numbers, in any order
   * @returns the texts in that order
   * @throws {DataFormatError} naming file and row, when the file is no longer what it was when it was opened
   */
  read(rows: ArrayLike<number>): string[];
}

/** A labelled set of texts that stays in its file, for sets that are larger than memory. */
export interface StoredTextDataset extends Omit<TextDataset, "texts"> {
  /** The text of each row. */
  texts: StoredTexts;
}

/** What a loader has read, and where, for errors. */
export interface LabelledTexts {
  /** Path or name of the file or folder. */
  file: string;
  /** The text of each row. */
  texts: string[];
  /** The label of each row. */
  labels: string[];
  /** Class names of a trained model: they keep their places, labels it does not know are appended. */
  labelNames?: readonly string[];
}

/** Numbers the labels. No row at all, or more than 65,536 classes, is a {@linkcode DataFormatError}. */
export function makeTextDataset({ file, texts, labels, labelNames: known }: LabelledTexts): TextDataset {
  if (texts.length === 0) throw new DataFormatError("holds no text, wanted at least one", { file });
  const numbers = new Map<string, number>();
  const rows = labels.map((label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
  const { labelNames, positions } = orderTextLabels([...numbers.keys()], { file, known });
  return {
    name: file,
    input: { kind: "text" },
    count: texts.length,
    texts,
    labels: Uint16Array.from(rows, (number) => positions[number]),
    labelNames,
  };
}

/** Orders the different labels of a file of texts. More than 65,536 with the known ones is a {@linkcode DataFormatError}. */
export function orderTextLabels(
  found: readonly string[],
  { file, known }: { file: string; known?: readonly string[] },
): LabelOrder {
  const order = orderLabels(found, known), { length } = order.labelNames;
  if (length <= MAX_CLASSES) return order;
  throw new DataFormatError(`has ${length} different labels, wanted at most ${MAX_CLASSES}`, { file });
}
