/** Random parts of texts, and spelling mistakes in them, as augmentation. */

import { hash32 } from "../projection/hash.ts";

/** Keep the random numbers apart from others of the same seed; 'typo' and 'crop' in ASCII. */
const seedPurposes = { mistakes: 0x7479706f, part: 0x63726f70 };
/** The most characters by which an end of a part moves on to a blank; where none is so near, as in Chinese or Thai, it stays. */
const reach = 16;

/** Settings of {@link cropText}. */
export interface CropTextOptions {
  /** Part of the texts that are cut, 0...1. */
  probability: number;
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** The epoch; each has random numbers of its own. */
  epoch: number;
  /** Number of the text in its data set. */
  row: number;
}

/** Settings of {@link distortText}. */
export interface DistortTextOptions extends Omit<CropTextOptions, "probability"> {
  /** Part of the words that get a mistake, 0...1; 0.25 when left out, as in pQRNN. */
  probability?: number;
}

/**
 * The text, or with the given probability a part of it: of any length and at any place, all alike probable, but for its ends, which move on to the next blank
 * where one is near. The result depends on nothing but the arguments, and is blank only where the text is. A probability outside 0...1, or a seed, epoch or row
 * that is no unsigned 32-bit integer, is a RangeError.
 */
export function cropText(text: string, options: CropTextOptions): string {
  const key = keyOf("cutting", options, seedPurposes.part);
  if (hash32(key, 0, 0) >= options.probability * 2 ** 32) return text;
  const characters = Array.from(text);
  const random = (draw: number, below: number): number => Math.floor(hash32(key, 0, draw) / 2 ** 32 * below);
  const length = 1 + random(1, characters.length);
  const start = random(2, characters.length - length + 1);
  const next = (from: number): number => {
    const end = Math.min(from + reach, characters.length);
    for (let at = from; at < end; at++) if (/\s/.test(characters[at])) return at;
    return end < from + reach ? end : from;
  };
  const first = start === 0 ? 0 : next(start);
  const part = characters.slice(first, next(Math.max(first + 1, start + length))).join("").trim();
  return part === "" ? text : part;
}

/**
 * The text with a mistake in some of its words, which are what stands between white space: a character is left out, or exchanged with the next, or one of the
 * word's characters stands at one more place (pQRNN: Kaliamoorthi et al. 2021). Words of one character stay. The result depends on nothing but the arguments. A
 * probability outside 0...1, or a seed, epoch or row that is no unsigned 32-bit integer, is a RangeError.
 */
export function distortText(text: string, { probability = 0.25, ...numbers }: DistortTextOptions): string {
  const key = keyOf("distorting", { probability, ...numbers }, seedPurposes.mistakes);
  let word = 0;
  return text.replace(/\S+/gu, (found) => {
    const number = word++;
    return hash32(key, number, 0) < probability * 2 ** 32 ? distortWord(found, { key, number }) : found;
  });
}

/** The key of a row's random numbers. */
function keyOf(doing: string, { probability, seed, epoch, row }: CropTextOptions, purpose: number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`${doing} a text: the probability is ${probability}, wanted 0...1`);
  }
  for (const [name, value] of Object.entries({ seed, epoch, row })) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`${doing} a text: ${name} is ${value}, wanted an integer in 0...2^32-1`);
    }
  }
  return hash32(hash32(seed, purpose, epoch), 0, row);
}

function distortWord(word: string, { key, number }: { key: number; number: number }): string {
  const characters = Array.from(word);
  const random = (draw: number, below: number): number => hash32(key, number, draw) % below;
  if (characters.length < 2) return word;
  const place = random(2, characters.length), kind = random(1, 3);
  if (kind === 0) characters.splice(place, 1);
  else if (kind === 1) characters.splice(place, 0, characters[random(3, characters.length)]);
  else {
    const first = random(3, characters.length - 1);
    [characters[first], characters[first + 1]] = [characters[first + 1], characters[first]];
  }
  return characters.join("");
}
