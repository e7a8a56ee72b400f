/**
 * Texts that are made batch by batch: read from where they are stored, or cut and given spelling mistakes, other ones in each epoch. The trainer network and the
 * projection networks read the same texts.
 *
 * @module
 */
import { cropText, distortText, type StoredTextDataset, takeTexts, type TextDataset } from "../data/mod.ts";
import type { TokenLists } from "../nn/mod.ts";
import { type FeatureRows, tokenRows } from "./features.ts";
import type { FitData } from "./fit.ts";

/** What reads texts. */
type Reader = (texts: readonly string[]) => TokenLists;

/** Options of {@linkcode textsByBatch}. */
export interface TextsByBatchOptions {
  /** Part of the texts of which only a part is read, 0...1; 0 when left out. */
  readonly crop?: number;
  /** Part of the words that get a mistake, 0...1; 0 when left out. */
  readonly distort?: number;
  /** Seed of parts and mistakes, which are a function of it, the epoch and the row. */
  readonly seed: number;
  /** What the trainer network reads. */
  readonly trainer: Reader;
  /** What each projection network reads. */
  readonly networks: readonly Reader[];
  /** Most tokens that are kept from epoch to epoch, of texts that stay as they are; others are found again. 2^24, 64 MiB, when left out. */
  readonly keptTokens?: number;
}

/** Texts whose lengths are measured at a time. */
const measuredAtOnce = 256;

/** Prepares texts. Those of a batch have similar lengths as they are. */
export function textsByBatch(data: TextDataset | StoredTextDataset, options: TextsByBatchOptions): FitData<TokenLists> {
  const { crop = 0, distort = 0, seed, trainer, networks, keptTokens = 2 ** 24 } = options;
  const { count, labels } = data;
  const readers = [trainer, ...networks];
  let batch: FeatureRows<TokenLists>[] = [];
  const current = (reader: number): FeatureRows<TokenLists> => ({ gather: (rows) => batch[reader].gather(rows) });
  const kept = crop === 0 && distort === 0 ? new KeptTokens(readers, { count, most: keptTokens }) : undefined;
  const read = (rows: Uint32Array, epoch: number): TokenLists[] => {
    if (kept !== undefined) return kept.lists(rows, (missing) => takeTexts(data, missing));
    const distorted = takeTexts(data, rows).map((text, i) => {
      const part = cropText(text, { probability: crop, seed, epoch, row: rows[i] });
      return distortText(part, { probability: distort, seed, epoch, row: rows[i] });
    });
    return readers.map((reader) => reader(distorted));
  };
  return {
    count,
    labels,
    features: { ...current(0), lengths: measureLengths(data, trainer) },
    codes: networks.map((_, index) => current(index + 1)),
    make(rows, epoch) {
      batch = read(rows, epoch).map(tokenRows);
      return Uint32Array.from(rows, (_, index) => index);
    },
  };
}

/** The number of tokens of each text. */
function measureLengths(data: TextDataset | StoredTextDataset, reader: Reader): Int32Array {
  const lengths = new Int32Array(data.count);
  for (let first = 0; first < data.count; first += measuredAtOnce) {
    const count = Math.min(measuredAtOnce, data.count - first);
    const { offsets } = reader(takeTexts(data, Uint32Array.from({ length: count }, (_, i) => first + i)));
    for (let i = 0; i < count; i++) lengths[first + i] = offsets[i + 1] - offsets[i];
  }
  return lengths;
}

/** Remembers the tokens of as many texts as there is room for, the first that are asked for. */
class KeptTokens {
  readonly #readers: readonly Reader[];
  /** For each kept text and reader the number of tokens, and they. */
  #tokens = new Int32Array(1 << 16);
  #used = 1;
  /** Where those of a text begin; 0 for none. */
  readonly #starts: Uint32Array;
  readonly #most: number;

  constructor(readers: readonly Reader[], { count, most }: { count: number; most: number }) {
    this.#readers = readers;
    this.#most = most;
    this.#starts = new Uint32Array(count);
  }

  /** What each reader makes of some texts, which are read when they are needed. */
  lists(rows: Uint32Array, read: (rows: Uint32Array) => string[]): TokenLists[] {
    const missing = rows.filter((row) => this.#starts[row] === 0);
    const texts = missing.length === 0 ? [] : read(missing);
    const fresh = this.#readers.map((reader) => reader(texts));
    const pieces = fresh.map((): Int32Array[] => []);
    let next = 0;
    for (const row of rows) {
      if (missing[next] === row) {
        const lists = fresh.map(({ offsets, ids }) => ids.subarray(offsets[next], offsets[next + 1]));
        next++;
        lists.forEach((list, reader) => pieces[reader].push(list));
        this.#keep(row, lists);
      } else {
        let at = this.#starts[row];
        for (const piece of pieces) {
          const end = at + 1 + this.#tokens[at];
          piece.push(this.#tokens.subarray(at + 1, end));
          at = end;
        }
      }
    }
    return pieces.map(joinLists);
  }

  #keep(row: number, lists: readonly Int32Array[]): void {
    const end = lists.reduce((sum, { length }) => sum + length + 1, this.#used);
    if (end > this.#most) return;
    if (end > this.#tokens.length) {
      const grown = new Int32Array(Math.min(this.#most, 2 * end));
      grown.set(this.#tokens);
      this.#tokens = grown;
    }
    this.#starts[row] = this.#used;
    for (const list of lists) {
      this.#tokens[this.#used] = list.length;
      this.#tokens.set(list, this.#used + 1);
      this.#used += list.length + 1;
    }
  }
}

/** Lists one after the other. */
export function joinLists(lists: readonly Int32Array[]): TokenLists {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => offsets[row + 1] = offsets[row] + list.length);
  const ids = new Int32Array(offsets[lists.length]);
  lists.forEach((list, row) => ids.set(list, offsets[row]));
  return { offsets, ids };
}
