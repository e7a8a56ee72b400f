/**
 * What has to be known of a projection of text to regenerate it: which features of a text are hashed, and which bits each of them touches. There is no
 * vocabulary: a feature is its hash (Ravi & Kozareva, "Self-Governing Neural Networks for On-Device Short Text Classification", EMNLP 2018; each kind of
 * feature has bits of its own as in SGNN++, EMNLP 2019).
 *
 * @module
 */

import { checkSelection } from "./check.ts";
import { bitsOf, MAX_BITS, type Selection } from "./spec.ts";

/** How a text is folded before its features are looked for. */
export interface TextNormalization {
  /** Unicode normalisation form KC: compatible forms of a character count as one. */
  compatibility: boolean;
  /** Lower case. */
  lowerCase: boolean;
  /** Every decimal digit counts as "0". */
  digitsAlike: boolean;
  /** Characters that are neither letters, marks nor numbers count as blanks; otherwise each is a token of its own. */
  dropSymbols: boolean;
}

/**
 * Kinds of features:
 *
 * - `words`: n tokens that follow each other, n = `from`...`to`; from n = 2 on the start and the end of the text count as tokens.
 * - `skips`: two tokens with `from`...`to` others between them, however many those are.
 * - `characters`: n characters of a token with a blank on either side of it.
 * - `across`: n characters of the text, one blank between two tokens.
 * - `openings`: the first n tokens together with any one that follows: how a question or a command begins, and what about.
 */
export type TextKind = "words" | "skips" | "characters" | "across" | "openings";

/** The kinds in the order of their numbers in a file. */
export const TEXT_KINDS: readonly TextKind[] = ["words", "skips", "characters", "across", "openings"];

/** Features of one kind and the projection functions that they alone touch. */
export interface TextPartition {
  /** Kind of the features. */
  kind: TextKind;
  /** The smallest n, or of `skips` the fewest tokens left out. */
  from: number;
  /** The largest n, or of `skips` the most tokens left out; at most 16. */
  to: number;
  /** Number of projection functions; of a projection with a selection, number of rows in the pool. */
  functions: number;
}

/** A projection of text. */
export interface TextSpec {
  /** Tag of the union. */
  family: "text";
  /** Unsigned 32-bit seed of every hash. */
  seed: number;
  /** T: number of projection functions, the sum of those of the partitions unless rows are selected. */
  functions: number;
  /** d: number of bits of each function. */
  bitsPerFunction: number;
  /**
   * `presence`: each occurrence of a feature adds 1 to `touches` of the partition's values, so that a bit says whether one of its features is there.
   * `sign`: it adds +1 or -1 to all of them. `ternary`: +1, 0, -1 or 0, as in pQRNN.
   */
  entries: "presence" | "sign" | "ternary";
  /** Values that a feature touches, 1...{@linkcode MAX_TOUCHES}; all of the partition when it is left out, and for presence only given. */
  touches?: number;
  /** `length` multiplies what the features of a token count by 1 for one character, 2 for two or three, 3 for up to seven, 4 for more; not for presence. */
  weights: "equal" | "length";
  /** Which features there are; their functions follow each other in this order. */
  partitions: TextPartition[];
  /** Which rows of the partitions are used, the pool being all rows of all partitions in their order; not for presence. */
  selection?: Selection;
}

/** The most values that a feature touches when it does not touch all. */
export const MAX_TOUCHES = 64;
/** The most partitions. */
export const MAX_PARTITIONS = 16;
/** The largest n of an n-gram, and the most tokens that a pair leaves out. */
export const MAX_GRAM = 16;

/**
 * Refuses a specification of a projection of text with a number out of its range.
 *
 * @param spec the projection
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkText(spec: TextSpec): void {
  const check = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`projection: ${name} is ${value}, wanted an integer ${least}...${most}`);
    }
  };
  const checkWord = (name: string, value: string, words: readonly string[]): void => {
    if (!words.includes(value)) throw new RangeError(`projection: ${name} is ${value}, wanted ${words.join(", ")}`);
  };
  const { entries, weights, touches, partitions, selection } = spec;
  check("seed", spec.seed, 0, 0xffffffff);
  check("functions", spec.functions, 1, MAX_BITS);
  check("bitsPerFunction", spec.bitsPerFunction, 1, MAX_BITS);
  check("functions x bitsPerFunction", bitsOf(spec), 1, MAX_BITS);
  checkWord("entries", entries, ["presence", "sign", "ternary"]);
  checkWord("weights", weights, ["equal", "length"]);
  if (entries === "presence") {
    check("touches", touches ?? NaN, 1, MAX_TOUCHES);
    checkWord("weights of presence", weights, ["equal"]);
  } else if (touches !== undefined) {
    throw new RangeError(`projection: touches is ${touches}, wanted none for ${entries}`);
  }
  check("partitions", partitions.length, 1, MAX_PARTITIONS);
  let functions = 0;
  partitions.forEach((partition, i) => {
    const { kind, from, to } = partition;
    checkWord(`partition ${i}: kind`, kind, TEXT_KINDS);
    check(`partition ${i}: from`, from, kind === "skips" ? 0 : 1, MAX_GRAM);
    check(`partition ${i}: to`, to, from, MAX_GRAM);
    check(`partition ${i}: functions`, partition.functions, 1, MAX_BITS);
    functions += partition.functions;
  });
  const wanted = selection?.pool ?? spec.functions;
  check("functions of all partitions", functions, wanted, wanted);
  if (selection === undefined) return;
  if (entries === "presence") throw new RangeError("projection: selection of presence, wanted none");
  checkSelection(selection, bitsOf(spec), MAX_BITS);
}
