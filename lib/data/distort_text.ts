/** Random spelling mistakes as augmentation of texts (pQRNN: Kaliamoorthi et al. 2021). */

import { hash32 } from "../projection/hash.ts";

/** Keeps these random numbers apart from others of the same seed; 'typo' in ASCII. */
const seedPurpose = 0x7479706f;

/** Settings of {@link distortText}. */
export interface DistortTextOptions {
  /** Part of the words that get a mistake, 0...1; 0.25 when left out, as in pQRNN. */
  probability?: number;
  /** Seed, an unsigned 32-bit integer. */
  seed: number;
  /** The epoch; each has mistakes of its own. */
  epoch: number;
  /** Number of the text in its data set. */
  row: number;
}

/**
 * The text with a mistake in some of its words, which are what stands between white space: a character is left out, or exchanged with the next, or one of the
 * word's characters stands at one more place. Words of one character stay. The result depends on nothing but the arguments. A probability outside
 * 0...1, or a seed, epoch or row that is no unsigned 32-bit integer, is a RangeError.
 */
export function distortText(text: string, options: DistortTextOptions): string {
  const { probability = 0.25, seed, epoch, row } = options;
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`distorting a text: the probability is ${probability}, wanted 0...1`);
  }
  for (const [name, value] of Object.entries({ seed, epoch, row })) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`distorting a text: ${name} is ${value}, wanted an integer in 0...2^32-1`);
    }
  }
  const key = hash32(hash32(seed, seedPurpose, epoch), 0, row);
  let word = 0;
  return text.replace(/\S+/gu, (found) => {
    const number = word++;
    return hash32(key, number, 0) < probability * 2 ** 32 ? distortWord(found, { key, number }) : found;
  });
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
