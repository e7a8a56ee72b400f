/**
 * The trainer networks for texts: over hashed features, over bags of their embeddings, or over the words in their order.
 *
 * @module
 */
import { Dense, Dropout, type Module, Sequential, SparseDense, type TokenLists } from "../nn/mod.ts";
import { hash32, type TextNormalization } from "../projection/mod.ts";
import { prepareTokenHashes } from "../projection/text.ts";
import { embeddingBagTrainer } from "./embedding_bag_trainer.ts";
import { tokenLstmTrainer } from "./lstm_trainer.ts";
import { prepareTextEncoder, textSpec } from "./text_network.ts";
import type { TextFeatureOptions, TextTrainerOptions } from "./text_options.ts";
import { joinLists } from "./texts_by_batch.ts";

/** Keeps the random numbers apart from others of the same seed; 'ttr0' in ASCII. */
const seedPurpose = 0x74747230;

/** A trainer network, and what it reads of texts. */
export interface TextTrainer {
  /** The network. */
  readonly network: Module<TokenLists>;
  /** What the network reads. */
  read(texts: readonly string[]): TokenLists;
}

/** The trainer network with fresh weights in the current region. */
export function createTextTrainer(
  options: TextTrainerOptions,
  shape: {
    classes: number;
    seed: number;
    normalization: TextNormalization;
    features: readonly TextFeatureOptions[] | undefined;
  },
): TextTrainer {
  const { kind = "linear", dropout = 0.2, buckets = 16384 } = options;
  const { classes, seed, normalization } = shape;
  if (kind === "lstm") {
    const hash = prepareTokenHashes(normalization);
    const { hidden, bidirectional } = options;
    return {
      network: tokenLstmTrainer({ classes, seed, hidden, bidirectional, dropout, buckets, reads: "mean" }),
      read: (texts) => joinLists(texts.map(hash)),
    };
  }
  const spec = textSpec({ functions: buckets, features: shape.features }, hash32(seed, seedPurpose, 0));
  const read = prepareTextEncoder(spec, normalization);
  if (kind === "bag") {
    return { network: embeddingBagTrainer({ classes, seed, hidden: options.hidden, dropout, buckets }), read };
  }
  const hidden = kind === "linear" ? [] : options.hidden ?? [64];
  const widths = [...hidden, classes];
  const first = new SparseDense({
    inputs: buckets,
    outputs: widths[0],
    relu: hidden.length > 0,
    dropout,
    seed: hash32(seed, seedPurpose, 1),
    name: "trainer.0",
  });
  const rest = new Sequential(
    hidden.flatMap((inputs, i): Module[] => [
      new Dropout(dropout, hash32(seed, seedPurpose, 16 + i)),
      new Dense({
        inputs,
        outputs: widths[i + 1],
        relu: i + 1 < hidden.length,
        seed: hash32(seed, seedPurpose, 2 + i),
        name: `trainer.${i + 1}`,
      }),
    ]),
  );
  return {
    network: {
      parameters: [...first.parameters, ...rest.parameters],
      forward: (lists, context) => rest.forward(first.forward(lists, context), context),
    },
    read,
  };
}
