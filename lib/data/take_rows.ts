/**
 * Parts of a data set at hand, whether it is in memory or stays in its files.
 */

import type { Dataset, StoredDataset, StoredRows } from "./dataset.ts";
import { type AnyDataset, copyRows } from "./split.ts";
import type { StoredTextDataset, TextDataset } from "./text_dataset.ts";

/** Whether rows are read from their files when they are asked for. */
export function isStored(data: Dataset | StoredDataset): data is StoredDataset {
  return "read" in data.features;
}

/** Copies of some rows, in the given order, in memory wherever the features are. */
export function takeRows(
  data: { features: Uint8Array | StoredRows; featureLength: number },
  rows: ArrayLike<number>,
): Uint8Array;
export function takeRows<Features extends Dataset["features"]>(
  data: { features: Features | StoredRows; featureLength: number },
  rows: ArrayLike<number>,
): Features;
export function takeRows(
  { features, featureLength }: { features: Dataset["features"] | StoredRows; featureLength: number },
  rows: ArrayLike<number>,
): Dataset["features"] {
  const length = rows.length * featureLength;
  if ("read" in features) {
    const taken = new Uint8Array(length);
    features.read(rows, taken);
    return taken;
  }
  return copyRows({ features, featureLength }, rows);
}

/** Rows `start` to `end - 1` as a classifier takes them: texts, or [rows x featureLength]. */
export function samplesOf(dataset: AnyDataset, start: number, end: number): string[] | Dataset["features"] {
  const numbers = (): Uint32Array => Uint32Array.from({ length: end - start }, (_, i) => start + i);
  if ("texts" in dataset) {
    const { texts } = dataset;
    return Array.isArray(texts) ? texts.slice(start, end) : texts.read(numbers());
  }
  const { features, featureLength } = dataset;
  if ("read" in features) return takeRows({ features, featureLength }, numbers());
  return features.subarray(start * featureLength, end * featureLength);
}

/** Some texts, in the given order. */
export function takeTexts(
  { texts }: Pick<TextDataset | StoredTextDataset, "texts">,
  rows: ArrayLike<number>,
): string[] {
  return Array.isArray(texts) ? Array.from(rows, (row) => texts[row]) : texts.read(rows);
}

/** Stored texts that are read at a time. */
const TEXT_BLOCK = 1024;

/** All texts in order, in blocks: one block of what is in memory. */
export function* textBlocks({ texts, count }: TextDataset | StoredTextDataset): Generator<string[]> {
  if (Array.isArray(texts)) return yield texts;
  for (let first = 0; first < count; first += TEXT_BLOCK) {
    yield texts.read(Uint32Array.from({ length: Math.min(TEXT_BLOCK, count - first) }, (_, i) => first + i));
  }
}

/** The numbers of at most so many of `count` rows, spread evenly. */
export function spreadRows(count: number, most: number): Uint32Array {
  const rows = new Uint32Array(Math.min(count, most));
  for (let i = 0; i < rows.length; i++) rows[i] = Math.floor(i * count / rows.length);
  return rows;
}
