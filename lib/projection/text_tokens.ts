/**
 * Cuts a text into tokens: runs of letters, marks and numbers of any script, and single symbols. ASCII goes through a table; other text through the
 * language's own Unicode functions, whose character classes are looked up once for each block of 256 characters that occurs.
 *
 * @module
 */

import type { TextNormalization } from "./text_spec.ts";

/** A text cut into tokens. Its buffers are used again for the next text. */
export interface TextTokens {
  /** The code points: a blank, then each token followed by a blank. */
  points: Int32Array;
  /** Number of code points. */
  length: number;
  /** For each token the index of its first code point. */
  starts: Int32Array;
  /** For each token the index after its last code point. */
  ends: Int32Array;
  /** Number of tokens. */
  count: number;
}

const BLANK = 0, WORD = 1, DIGIT = 2, SYMBOL = 3;
/** The code point that stands between tokens. */
const SPACE = 32;

const blocks: Uint8Array[] = [];

/** The class of a code point: letters, marks, numbers and format characters make words, separators and controls are blank. */
function classOf(point: number): number {
  const block = blocks[point >>> 8] ??= Uint8Array.from({ length: 256 }, (_, i) => {
    const character = String.fromCodePoint((point & ~255) + i);
    if (/\p{Nd}/u.test(character)) return DIGIT;
    if (/[\p{Z}\p{Cc}\ufeff]/u.test(character)) return BLANK;
    return /[\p{L}\p{M}\p{N}\p{Cf}]/u.test(character) ? WORD : SYMBOL;
  });
  return block[point & 255];
}

/**
 * Prepares the cutting of texts.
 *
 * @param normalization how a text is folded
 * @returns cuts a text; time and memory are linear in its length, and any string is a text, lone surrogates included
 */
export function prepareTokens(normalization: TextNormalization): (text: string) => TextTokens {
  const { compatibility, lowerCase, digitsAlike, dropSymbols } = normalization;
  const tokens: TextTokens = {
    points: new Int32Array(512),
    length: 0,
    starts: new Int32Array(256),
    ends: new Int32Array(256),
    count: 0,
  };
  /** For each ASCII code its class, and above it the code that it counts as. Texts in ASCII are spared the making of Unicode's classes, which takes milliseconds. */
  const ascii = Uint16Array.from({ length: 128 }, (_, code) => {
    const small = code | 32, isDigit = code >= 48 && code <= 57, isLetter = small >= 97 && small <= 122;
    const kind = isDigit ? DIGIT : isLetter ? WORD : code <= SPACE || code === 127 ? BLANK : SYMBOL;
    return kind | (isLetter && lowerCase ? small : code) << 2;
  });
  return (text) => {
    let limit = text.length;
    if (compatibility || lowerCase) {
      let at = 0;
      while (at < limit && text.charCodeAt(at) < 128) at++;
      if (at < limit) {
        if (compatibility) text = text.normalize("NFKC");
        if (lowerCase) text = text.toLowerCase();
        limit = text.length;
      }
    }
    // Each unit of the text gives at most a token of one code point and a blank.
    if (tokens.points.length < 2 * limit + 2) {
      tokens.points = new Int32Array(4 * limit);
      tokens.starts = new Int32Array(2 * limit);
      tokens.ends = new Int32Array(2 * limit);
    }
    const { points, starts, ends } = tokens;
    points[0] = SPACE;
    let length = 1, count = 0, inWord = false;
    for (let at = 0; at < limit; at++) {
      let point = text.charCodeAt(at);
      let kind: number;
      if (point < 128) {
        kind = ascii[point] & 3;
        point = ascii[point] >> 2;
      } else {
        if (point >= 0xd800 && point < 0xdc00) {
          point = text.codePointAt(at)!;
          if (point > 0xffff) at++;
        }
        kind = classOf(point);
      }
      if (kind === DIGIT && digitsAlike) point = 48;
      if (kind === WORD || kind === DIGIT) {
        if (!inWord) starts[count] = length;
        points[length++] = point;
        inWord = true;
        continue;
      }
      if (inWord) {
        ends[count++] = length;
        points[length++] = SPACE;
        inWord = false;
      }
      if (kind === SYMBOL && !dropSymbols) {
        starts[count] = length;
        points[length++] = point;
        ends[count++] = length;
        points[length++] = SPACE;
      }
    }
    if (inWord) {
      ends[count++] = length;
      points[length++] = SPACE;
    }
    tokens.length = length;
    tokens.count = count;
    return tokens;
  };
}
