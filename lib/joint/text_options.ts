/**
 * What can be asked of the networks for texts.
 *
 * @module
 */
import type { TextNormalization, TextPartition, TextSpec, ThresholdRule } from "../projection/mod.ts";
import type { HeadKind } from "./head_kind.ts";
import type { SelectionOptions } from "./projection_options.ts";

/** Features of one kind, and their part of the bits. */
export interface TextFeatureOptions extends Omit<TextPartition, "functions"> {
  /** Weight of the kind when the functions are shared out; 1 when left out. */
  readonly share?: number;
}

/** Shape and kind of a projection network over texts. */
export interface TextProjectionOptions {
  /** T: number of projection functions, shared out among the kinds of features. */
  readonly functions: number;
  /** d: bits of each function; 1 when left out. */
  readonly bitsPerFunction?: number;
  /** Kinds of features; {@linkcode defaultTextFeatures} when left out. */
  readonly features?: readonly TextFeatureOptions[];
  /** What a feature does to bits: set some (`presence`), or add to sums whose sign is the bit; `presence` when left out. */
  readonly entries?: TextSpec["entries"];
  /** Bits that a feature sets, for `presence`; 1 when left out. */
  readonly touches?: number;
  /** Whether the features of long words count more, for sums; `equal` when left out. */
  readonly weights?: TextSpec["weights"];
  /** Where sums are cut, on the training texts; `zero` when left out. Not for `presence`. */
  readonly thresholds?: ThresholdRule;
  /** Choose the bits from a pool that the kinds of features share; the first ones when left out. Not for `presence`. */
  readonly select?: SelectionOptions;
  /** How a text is folded; {@linkcode defaultNormalization} where left out. */
  readonly normalization?: Partial<TextNormalization>;
  /** Width of a hidden layer between bits and logits; none when left out. */
  readonly hidden?: number;
  /** How the head is trained and stored, for all layers or for each, no tables; `int4` when left out. */
  readonly head?: HeadKind | readonly HeadKind[];
  /** Part of the features that is dropped in training; 0.2 when left out. */
  readonly dropout?: number;
  /** The most bytes of the file, which weights of the first layer are pruned for; as many as there are when left out. */
  readonly maxBytes?: number;
}

/** Single words and pairs, pairs with words between them, and pieces of words. */
export const defaultTextFeatures: readonly TextFeatureOptions[] = [
  { kind: "words", from: 1, to: 2, share: 2 },
  { kind: "skips", from: 1, to: 3 },
  { kind: "characters", from: 3, to: 4 },
];

/** Compatible forms and cases of a letter alike, digits and symbols as they are. */
export const defaultNormalization: TextNormalization = {
  compatibility: true,
  lowerCase: true,
  digitsAlike: false,
  dropSymbols: false,
};

/** The trainer networks for texts. */
export const textTrainers = ["linear", "mlp", "bag", "lstm"] as const;

/** What the trainer network of texts is. */
export interface TextTrainerOptions {
  /**
   * `linear` and `mlp` over hashed features, `bag` over the mean of their embeddings, `lstm` over the embeddings of words in their order; `linear` when left out.
   */
  readonly kind?: typeof textTrainers[number];
  /** Units of the hidden layers; none for `linear`; [64] for `mlp`, none for `bag`, [128] for `lstm` when left out. */
  readonly hidden?: readonly number[];
  /** Part that is dropped in training: of the features, for `bag` and `lstm` of the hidden units; 0.2 when left out. */
  readonly dropout?: number;
  /** Rows of the table that features or words select by their hash; 16384 when left out. */
  readonly buckets?: number;
  /** `lstm`: read in both directions. */
  readonly bidirectional?: boolean;
}
