/**
 * Projections of text, exact in integers, over the features that are there and nothing else.
 *
 * @module
 */

import { mix32, rowKey } from "./hash.ts";
import { bitsOf } from "./spec.ts";
import { hashFeatures, hashWords, type TextFeatures } from "./text_features.ts";
import { checkText, type TextNormalization, type TextSpec } from "./text_spec.ts";
import { prepareTokens } from "./text_tokens.ts";

const GOLDEN = 0x9e3779b9;

/** A projection of text that is ready to compute. Its buffers are reused from call to call. */
export interface TextProjection {
  /** Number of values: functions x bits of a function. */
  readonly bits: number;
  /**
   * Computes the projected values of one text.
   *
   * @param text any string
   * @param out [bits] receives the values
   * @throws {RangeError} when `out` is too short
   */
  project(text: string, out: Int32Array): void;
  /**
   * Finds the values that are not zero, for entries of the kind `presence`.
   *
   * @param text any string
   * @returns their numbers, each once, in no order; the array is part of a buffer
   */
  present(text: string): Int32Array;
}

/** Columns that are counted at once: the bits of a word. */
const LANES = 32;
/** What four bit planes can count. */
const MOST = 15;

/**
 * Prepares a projection of text.
 *
 * @param spec kinds of features and what they touch
 * @param normalization how the text is folded before
 * @returns the projection
 * @throws {RangeError} when `checkText` refuses the specification
 *
 * @example
 * ```ts
 * import { prepareTextProjection } from "./text_projection.ts";
 *
 * const projection = prepareTextProjection({
 *   family: "text",
 *   seed: 1,
 *   functions: 1024,
 *   bitsPerFunction: 1,
 *   entries: "presence",
 *   touches: 1,
 *   weights: "equal",
 *   partitions: [{ kind: "words", from: 1, to: 2, functions: 512 }, { kind: "characters", from: 3, to: 4, functions: 512 }],
 * }, { compatibility: true, lowerCase: true, digitsAlike: false, dropSymbols: false });
 * const bits = projection.present("Where is the nearest station?");
 * if (bits.length < 10) throw new Error("a text of five words has more features");
 * ```
 */
export function prepareTextProjection(spec: TextSpec, normalization: TextNormalization): TextProjection {
  checkText(spec);
  const { seed, entries, touches = 0, selection } = spec;
  const bits = bitsOf(spec);
  const byLength = spec.weights === "length";
  const tokenize = prepareTokens(normalization);
  const features: TextFeatures = { hashes: new Int32Array(1024), weights: new Uint8Array(1024), count: 0 };
  let words: Int32Array = new Int32Array(128);
  let first = 0;
  const partitions = spec.partitions.map((partition, i) => {
    const size = partition.functions * (selection ? 1 : spec.bitsPerFunction);
    first += size;
    return { partition, key: rowKey(seed, i), first: first - size, size };
  });
  /** Calls `use` with the features of each partition. */
  const visit = (text: string, use: (first: number, size: number) => void): void => {
    const tokens = tokenize(text);
    words = hashWords(tokens, words);
    for (const { partition, key, first, size } of partitions) {
      hashFeatures(tokens, words, { partition, key, byLength, out: features });
      use(first, size);
    }
  };
  const sums = new Int32Array(LANES);
  /** Number of the selected row that is computed next. */
  let next = 0;
  const addLanes = (lane: number, out: Int32Array): void => {
    if (entries === "sign") {
      const total = countLanes(features, byLength, { salt: (lane / LANES + 1) * GOLDEN, times: 2, out });
      for (let k = 0; k < out.length; k++) out[k] -= total;
    } else {
      countLanes(features, byLength, { salt: (lane / LANES * 2 + 1) * GOLDEN, times: 1, out });
      countLanes(features, byLength, { salt: (lane / LANES * 2 + 2) * GOLDEN, times: -1, out });
    }
  };
  const add = entries === "presence"
    ? (out: Int32Array) => (first: number, size: number): void => {
      const { hashes, count } = features;
      for (let i = 0; i < count; i++) {
        for (let hash = hashes[i], left = touches; left > 0; left--) {
          out[first + Math.floor((hash >>> 0) * size / 0x100000000)]++;
          if (left > 1) hash = mix32(hash + GOLDEN);
        }
      }
    }
    : (out: Int32Array) => (first: number, size: number): void => {
      for (let lane = 0; lane < size; lane += LANES) {
        const last = Math.min(lane + LANES, size);
        if (selection === undefined) addLanes(lane, out.subarray(first + lane, first + last));
        else {
          const { indices } = selection;
          if (!(indices[next] < first + last)) continue;
          sums.fill(0);
          addLanes(lane, sums);
          for (; indices[next] < first + last; next++) out[next] = sums[indices[next] - first - lane];
        }
      }
    };
  const marks = new Uint8Array(entries === "presence" ? bits : 0);
  let present = new Int32Array(256);
  return {
    bits,
    project(text, out) {
      if (out.length < bits) throw new RangeError(`project: room for ${out.length} values, wanted ${bits}`);
      out.fill(0, 0, bits);
      next = 0;
      visit(text, add(out));
    },
    present(text) {
      if (entries !== "presence") throw new RangeError(`present: the entries are ${entries}, wanted presence`);
      let found = 0;
      visit(text, (first, size) => {
        const { hashes, count } = features;
        const most = Math.min(found + count * touches, bits);
        if (present.length < most) {
          const grown = new Int32Array(2 * most);
          grown.set(present);
          present = grown;
        }
        for (let i = 0; i < count; i++) {
          for (let hash = hashes[i], left = touches; left > 0; left--) {
            const index = first + Math.floor((hash >>> 0) * size / 0x100000000);
            if (marks[index] === 0) {
              marks[index] = 1;
              present[found++] = index;
            }
            if (left > 1) hash = mix32(hash + GOLDEN);
          }
        }
      });
      for (let i = 0; i < found; i++) marks[present[i]] = 0;
      return present.subarray(0, found);
    },
  };
}

/**
 * Counts for each of 32 columns how often the features' hashes have its bit set, in four bit planes that are emptied before they could overflow (carry-save
 * addition), and adds `times` the counts to `out`.
 *
 * @returns the sum of the features' weights
 */
function countLanes(
  { hashes, weights, count }: TextFeatures,
  byLength: boolean,
  { salt, times, out }: { salt: number; times: number; out: Int32Array },
): number {
  let ones = 0, twos = 0, fours = 0, eights = 0, held = 0, total = 0;
  for (let i = 0; i < count; i++) {
    const weight = byLength ? weights[i] : 1;
    if (held + weight > MOST) flush();
    held += weight;
    total += weight;
    const word = mix32(hashes[i] + salt);
    for (let left = weight; left > 0; left--) {
      const two = ones & word, four = twos & two;
      ones ^= word;
      twos ^= two;
      eights ^= fours & four;
      fours ^= four;
    }
  }
  flush();
  return total;

  function flush(): void {
    for (let k = 0; k < out.length; k++) {
      out[k] += times * ((ones >>> k & 1) + 2 * (twos >>> k & 1) + 4 * (fours >>> k & 1) + 8 * (eights >>> k & 1));
    }
    ones =
      twos =
      fours =
      eights =
      held =
        0;
  }
}
