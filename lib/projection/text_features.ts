/**
 * The features of a text as hashes, made step by step from code points: no string is cut out, and one more character or token costs one more step.
 *
 * The step is that of FxHash (rotate, exclusive or, multiply), the end the finaliser of {@linkcode mix32}, which spreads what the step leaves in the upper bits.
 *
 * @module
 */

import { mix32 } from "./hash.ts";
import type { TextNormalization, TextPartition } from "./text_spec.ts";
import { prepareTokens, type TextTokens } from "./text_tokens.ts";

const GOLDEN = 0x9e3779b9;

/** Features of one partition. */
export interface TextFeatures {
  /** A hash for each occurrence of a feature. */
  hashes: Int32Array;
  /** What each occurrence counts, 1...4; filled in only when asked for. */
  weights: Uint8Array;
  /** Number of occurrences. */
  count: number;
}

function step(hash: number, next: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ next, GOLDEN);
}

/**
 * Hashes of all tokens, for {@linkcode hashFeatures}.
 *
 * @param tokens the text
 * @param words receives a hash for each token, between a 0 for the start of the text and a 0 for its end; it is replaced when it is too short
 * @returns the array
 */
export function hashWords({ points, starts, ends, count }: TextTokens, words: Int32Array): Int32Array {
  if (words.length < count + 2) words = new Int32Array(2 * count + 2);
  words[0] = words[count + 1] = 0;
  for (let i = 0; i < count; i++) {
    let hash = 0;
    for (let at = starts[i]; at < ends[i]; at++) hash = step(hash, points[at]);
    words[i + 1] = hash;
  }
  return words;
}

/**
 * Prepares the hashing of the words of texts in their order, for networks that read sequences.
 *
 * @param normalization how a text is folded
 * @returns gives a hash for each token of a text
 */
export function prepareTokenHashes(normalization: TextNormalization): (text: string) => Int32Array {
  const tokenize = prepareTokens(normalization);
  return (text) => {
    const tokens = tokenize(text);
    return hashWords(tokens, new Int32Array(tokens.count + 2)).subarray(1, tokens.count + 1);
  };
}

/**
 * Hashes the features of one partition.
 *
 * @param tokens the text
 * @param words from {@linkcode hashWords}
 * @param options the partition, its key, whether the features of long tokens count more, and where the features go; their arrays are replaced when they are too short
 */
export function hashFeatures(
  tokens: TextTokens,
  words: Int32Array,
  { partition, key, byLength, out }: { partition: TextPartition; key: number; byLength: boolean; out: TextFeatures },
): void {
  const { kind, from, to } = partition;
  const { points, length, starts, ends, count } = tokens;
  const needed = (to - from + 1) * ((kind === "characters" || kind === "across" ? 2 * length : 0) + count + 2);
  if (out.hashes.length < needed) {
    out.hashes = new Int32Array(2 * needed);
    out.weights = new Uint8Array(2 * needed);
  }
  const { hashes, weights } = out;
  let found = 0;
  const characters = (first: number, end: number): void => {
    for (let start = first; start < end; start++) {
      let hash = key;
      const stop = Math.min(start + to, end);
      for (let at = start, shortest = start + from - 1; at < stop; at++) {
        hash = step(hash, points[at]);
        if (at >= shortest) hashes[found++] = mix32(hash);
      }
    }
  };
  /** What a feature of token i counts; the start and the end of the text are no tokens. */
  const weightOf = (i: number): number => i < 0 || i >= count ? 1 : lengthWeight(ends[i] - starts[i]);
  if (kind === "across") {
    characters(0, length);
    if (byLength) weights.fill(1, 0, found);
  } else if (kind === "characters") {
    for (let i = 0; i < count; i++) {
      const first = found;
      characters(starts[i] - 1, ends[i] + 1);
      if (byLength) weights.fill(weightOf(i), first, found);
    }
  } else if (kind === "skips") {
    for (let i = 0; i < count; i++) {
      const hash = step(key, words[i + 1]);
      for (let j = i + 1 + from, last = Math.min(i + 1 + to, count - 1); j <= last; j++) {
        if (byLength) weights[found] = Math.max(weightOf(i), weightOf(j));
        hashes[found++] = mix32(step(hash, words[j + 1]));
      }
    }
  } else if (kind === "openings") {
    let opening = key, weight = 1;
    for (let n = 1; n <= to && n < count; n++) {
      opening = step(opening, words[n]);
      if (byLength) weight = Math.max(weight, weightOf(n - 1));
      for (let i = n; i < count && n >= from; i++) {
        if (byLength) weights[found] = Math.max(weight, weightOf(i));
        hashes[found++] = mix32(step(opening, words[i + 1]));
      }
    }
  } else {
    // Token i is words[i + 1]. The start of the text begins n-grams, but is none by itself; its end only ends them.
    for (let i = to > 1 ? -1 : 0; i < count; i++) {
      let hash = key, weight = 1;
      for (let j = i, last = Math.min(i + to - 1, to > 1 ? count : count - 1); j <= last; j++) {
        hash = step(hash, words[j + 1]);
        if (byLength) weight = Math.max(weight, weightOf(j));
        if (j - i + 1 < from || j < 0) continue;
        if (byLength) weights[found] = weight;
        hashes[found++] = mix32(hash);
      }
    }
  }
  out.count = found;
}

/** What a feature of a token of so many characters counts. */
function lengthWeight(length: number): number {
  return length < 2 ? 1 : length < 4 ? 2 : length < 8 ? 3 : 4;
}
