/** Small models of texts for the tests of this room. */
import type { TextModel } from "../../lib/packed/mod.ts";
import type { TextPartition, TextSpec } from "../../lib/projection/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { type LayerKind, makeLayer } from "./models.ts";

const PARTITIONS: TextPartition[] = [
  { kind: "words", from: 1, to: 2, functions: 5 },
  { kind: "skips", from: 0, to: 1, functions: 3 },
  { kind: "characters", from: 2, to: 3, functions: 6 },
  { kind: "across", from: 4, to: 4, functions: 2 },
  { kind: "openings", from: 1, to: 2, functions: 2 },
];

export interface TextModelOptions {
  entries?: TextSpec["entries"];
  weights?: TextSpec["weights"];
  head?: LayerKind[];
  bitsPerFunction?: number;
  labels?: string[];
  rejection?: number;
  /** Bits of the folding, in the order of the format. */
  fold?: number;
  /** Whether the bits are selected from a pool twice as large. */
  selected?: boolean;
  seed?: number;
}

export function makeTextModel(options: TextModelOptions = {}): TextModel {
  const { entries = "presence", weights = "equal", head = ["int4"], fold = 3, seed = 1, rejection, selected } = options;
  const { labels = ["no", "yes", "perhaps"], bitsPerFunction = 3 } = options;
  const functions = PARTITIONS.reduce((sum, partition) => sum + partition.functions, 0);
  const bits = functions * bitsPerFunction;
  const next = testNumbers(seed);
  const shapes = head.length === 1 ? [[bits, labels.length]] : [[bits, 4], [4, labels.length]];
  return {
    input: {
      kind: "text",
      compatibility: (fold & 1) > 0,
      lowerCase: (fold & 2) > 0,
      digitsAlike: (fold & 4) > 0,
      dropSymbols: (fold & 8) > 0,
    },
    projection: {
      family: "text",
      seed: Math.floor(next() * 2 ** 32),
      functions,
      bitsPerFunction,
      entries,
      ...(entries === "presence" && { touches: 2 }),
      weights,
      partitions: selected
        ? PARTITIONS.map((partition) => ({ ...partition, functions: 2 * bitsPerFunction * partition.functions }))
        : PARTITIONS,
      ...(selected && {
        selection: { pool: 2 * bits, indices: Uint32Array.from({ length: bits }, (_, k) => 2 * k + k % 2) },
      }),
    },
    // The first says that five bits are needed, the second that the shift is none.
    thresholds: Int32Array.from({ length: bits }, (_, k) => entries === "presence" ? 0 : k === 0 ? -16 : k % 5 - 1),
    head: head.map((kind, i) =>
      makeLayer({ kind, inputs: shapes[i][0], outputs: shapes[i][1], tableBits: bitsPerFunction, next })
    ),
    labels,
    ...(rejection !== undefined && { rejection }),
  };
}
