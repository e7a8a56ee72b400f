import { assertEquals, assertNotEquals } from "@std/assert";
import { cropText, distortText, type TextDataset } from "../../lib/data/mod.ts";
import { type FeatureRows, tokenRows } from "../../lib/joint/features.ts";
import { textsByBatch } from "../../lib/joint/texts_by_batch.ts";
import type { TokenLists } from "../../lib/nn/mod.ts";

const texts = ["set the alarm", "play a song that nobody knows", "", "alarm clock"];
const data: TextDataset = {
  name: "commands",
  input: { kind: "text" },
  count: 4,
  texts,
  labels: Uint16Array.of(0, 1, 0, 0),
  labelNames: ["time", "music"],
};

/** A token for each unit of UTF-16, or for each word its length. */
const units = (all: readonly string[]): TokenLists =>
  lists(all.map((text) => Array.from(text, (c) => c.charCodeAt(0))));
const words = (all: readonly string[]): TokenLists =>
  lists(all.map((text) => text.split(" ").map((word) => word.length)));

function lists(rows: number[][]): TokenLists {
  const offsets = Int32Array.from([0, ...rows], (_, i) => rows.slice(0, i).flat().length);
  return { offsets, ids: Int32Array.from(rows.flat()) };
}

Deno.test("trainer and projection networks read the same parts of texts with the same mistakes, others in each epoch", () => {
  const options = { crop: 0.7, distort: 0.8, seed: 5, trainer: units, networks: [words, units] };
  const training = textsByBatch(data, options);
  assertEquals([training.count, training.labels, training.codes.length], [4, data.labels, 2]);
  assertEquals(training.features.lengths, tokenRows(units(texts)).lengths);
  const seen: TokenLists[] = [];
  const distort = (row: number, epoch: number): string => {
    const part = cropText(texts[row], { probability: 0.7, seed: 5, epoch, row });
    return distortText(part, { probability: 0.8, seed: 5, epoch, row });
  };
  for (const [rows, epoch] of [[[3, 1], 0], [[2, 0, 1], 1], [[1, 3], 0]] as const) {
    const made = training.make!(Uint32Array.from(rows), epoch);
    const distorted = rows.map((row) => distort(row, epoch));
    assertEquals(training.features.gather(made), units(distorted));
    training.codes.forEach((codes, network) => {
      const read = options.networks[network];
      assertEquals((codes as FeatureRows<TokenLists>).gather(made), read(distorted));
    });
    seen.push(training.features.gather(made.slice(-1)));
  }
  // The text in row 1 of two epochs; then the two of the first batch, the other way round.
  assertNotEquals(seen[0], seen[1]);
  assertEquals(seen[2], units([distort(3, 0)]));
});

Deno.test("stored texts are read when they are needed, and once where their tokens are kept", () => {
  const reads: number[][] = [];
  const read = (rows: ArrayLike<number>): string[] => {
    reads.push(Array.from(rows));
    return Array.from(rows, (row) => texts[row]);
  };
  const options = { seed: 5, trainer: units, networks: [words, units] };
  const batches = [[3, 1], [2, 0, 1], [1, 2], [0, 3, 1, 2]];
  const readsWith = (keptTokens: number | undefined): number[][] => {
    const training = textsByBatch({ ...data, texts: { read } }, { ...options, keptTokens });
    assertEquals(training.features.lengths, tokenRows(units(texts)).lengths);
    reads.length = 0;
    for (const rows of batches) {
      const made = training.make!(Uint32Array.from(rows), 0), chosen = rows.map((row) => texts[row]);
      assertEquals(training.features.gather(made), units(chosen));
      training.codes.forEach((codes, network) =>
        assertEquals((codes as FeatureRows<TokenLists>).gather(made), options.networks[network](chosen))
      );
    }
    return reads.slice();
  };
  assertEquals(readsWith(undefined), [[3, 1], [2, 0]]);
  assertEquals(readsWith(0), batches);
  // Row 3 takes 11 + 2 + 11 tokens, their numbers three, row 1 does not fit any more, row 2 takes three numbers and an empty word's length.
  assertEquals(readsWith(1 + 27 + 4), [[3, 1], [2, 0, 1], [1], [0, 1]]);
});

Deno.test("a row that stands in a batch several times is read each time, whether its tokens are kept or not", () => {
  for (const keptTokens of [0, 20, undefined]) {
    const training = textsByBatch(data, { seed: 1, trainer: units, networks: [words], keptTokens });
    for (const rows of [[1, 1, 3], [3, 0, 3, 1], [0, 0]]) {
      const made = training.make!(Uint32Array.from(rows), 0);
      const wanted = rows.map((row) => texts[row]);
      assertEquals(training.features.gather(made), tokenRows(units(wanted)).gather(made));
      assertEquals(
        (training.codes[0] as FeatureRows<TokenLists>).gather(made),
        tokenRows(words(wanted)).gather(made),
      );
    }
  }
});
