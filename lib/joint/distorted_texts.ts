/**
 * Training texts that are cut and get spelling mistakes, other ones in each epoch, batch by batch: the trainer network and the projection networks read the same
 * texts.
 *
 * @module
 */
import { cropText, distortText, type TextDataset } from "../data/mod.ts";
import type { TokenLists } from "../nn/mod.ts";
import { type FeatureRows, tokenRows } from "./features.ts";
import type { TrainingData } from "./fit.ts";

/** What reads texts. */
type Reader = (texts: readonly string[]) => TokenLists;

/** Options of {@linkcode distortedTexts}. */
export interface DistortedTextsOptions {
  /** Part of the texts of which only a part is read, 0...1. */
  readonly crop: number;
  /** Part of the words that get a mistake, 0...1. */
  readonly distort: number;
  /** Seed of parts and mistakes, which are a function of it, the epoch and the row. */
  readonly seed: number;
  /** What the trainer network reads. */
  readonly trainer: Reader;
  /** What each projection network reads. */
  readonly networks: readonly Reader[];
}

/** Prepares distorted texts. The texts of a batch have similar lengths as they are. */
export function distortedTexts(
  { count, labels, texts }: TextDataset,
  { crop, distort, seed, trainer, networks }: DistortedTextsOptions,
): TrainingData<TokenLists> {
  const readers = [trainer, ...networks];
  let batch: FeatureRows<TokenLists>[] = [];
  const current = (reader: number): FeatureRows<TokenLists> => ({ gather: (rows) => batch[reader].gather(rows) });
  return {
    count,
    labels,
    features: { ...current(0), lengths: tokenRows(trainer(texts)).lengths },
    codes: networks.map((_, index) => current(index + 1)),
    make(rows, epoch) {
      const distorted = Array.from(rows, (row) => {
        const part = cropText(texts[row], { probability: crop, seed, epoch, row });
        return distortText(part, { probability: distort, seed, epoch, row });
      });
      batch = readers.map((read) => tokenRows(read(distorted)));
      return Uint32Array.from(rows, (_, index) => index);
    },
  };
}
