/** An independent version of projections of text, written from FORMAT.md with strings, regular expressions and BigInt: slow, nothing shared with the library. */
import type { TextNormalization, TextPartition, TextSpec } from "../../lib/projection/mod.ts";
import { mixReference } from "./reference.ts";

const MASK = 0xffffffffn, GOLDEN = 0x9e3779b9n;

export const PLAIN: TextNormalization = {
  compatibility: false,
  lowerCase: false,
  digitsAlike: false,
  dropSymbols: false,
};

/** Texts of many scripts, lengths and faults. */
export const TEXTS = [
  "",
  " \t\n",
  "a",
  "Where is the nearest station?",
  "don't — it's 12:30 o'clock!!",
  "ＦＵＬＬ width ﬁne ½ ²",
  "ΟΔΥΣΣΕΥΣ İstanbul STRASSE Straße",
  "你好世界 今天天气很好",
  "สวัสดีชาวโลก ภาษาไทย",
  "مرحبا بالعالم ١٢٣",
  "👍🏽 great😀😀 ☃",
  "lone \ud83d surrogate \udc00\ud800",
  "\ufeffmark\u00ad hyphen\u200djoined",
  "x".repeat(50) + " " + "yz ".repeat(40),
];

export function tokensReference(text: string, normalization: TextNormalization): string[][] {
  if (normalization.compatibility) text = text.normalize("NFKC");
  if (normalization.lowerCase) text = text.toLowerCase();
  const tokens: string[][] = [];
  let open = false;
  for (let character of text) {
    if (normalization.digitsAlike) character = character.replace(/\p{Nd}/u, "0");
    const word = /[\p{L}\p{M}\p{N}\p{Cf}]/u.test(character) && character !== "\ufeff";
    const blank = /[\p{Z}\p{Cc}\ufeff]/u.test(character);
    if (word && open) tokens.at(-1)!.push(character);
    else if (word || !blank && !normalization.dropSymbols) tokens.push([character]);
    open = word;
  }
  return tokens;
}

function chain(start: bigint, numbers: bigint[]): bigint {
  return numbers.reduce((h, x) => ((((h << 5n) & MASK) | (h >> 27n)) ^ x) * GOLDEN & MASK, start);
}

/** Numbers and weight of each occurrence of a feature. */
function featuresOf(tokens: string[][], { kind, from, to }: TextPartition): { numbers: bigint[]; weight: number }[] {
  const points = (characters: string[]): bigint[] => characters.map((c) => BigInt(c.codePointAt(0)!));
  const lengthWeight = (token: string[]): number => [1, 2, 4, 8].filter((least) => token.length >= least).length;
  const found: { numbers: bigint[]; weight: number }[] = [];
  if (kind === "across" || kind === "characters") {
    const runs = kind === "across"
      ? [{ run: [" ", ...tokens.flatMap((token) => [...token, " "])], weight: 1 }]
      : tokens.map((token) => ({ run: [" ", ...token, " "], weight: lengthWeight(token) }));
    for (const { run, weight } of runs) {
      for (let n = from; n <= to; n++) {
        for (let i = 0; i + n <= run.length; i++) found.push({ numbers: points(run.slice(i, i + n)), weight });
      }
    }
    return found;
  }
  const words = [[], ...tokens, []].map((token) => ({
    hash: chain(0n, points(token)),
    weight: lengthWeight(token) || 1,
  }));
  const add = (...of: typeof words): void => {
    found.push({ numbers: of.map(({ hash }) => hash), weight: Math.max(...of.map(({ weight }) => weight)) });
  };
  for (let i = 0; i < words.length; i++) {
    const isToken = (at: number): boolean => at > 0 && at < words.length - 1;
    for (let n = from; n <= to; n++) {
      if (kind === "openings" && i > n && isToken(i)) add(...words.slice(1, n + 1), words[i]);
      if (kind === "skips" && isToken(i) && isToken(i + n + 1)) add(words[i], words[i + n + 1]);
      if (kind === "words" && i + n <= words.length && (n > 1 || isToken(i))) add(...words.slice(i, i + n));
    }
  }
  return found;
}

/** The projected values. */
export function projectTextReference(spec: TextSpec, normalization: TextNormalization, text: string): number[] {
  const d = spec.selection === undefined ? spec.bitsPerFunction : 1;
  const values: number[] = new Array(spec.partitions.reduce((sum, { functions }) => sum + functions, 0) * d).fill(0);
  const tokens = tokensReference(text, normalization);
  let first = 0;
  spec.partitions.forEach((partition, p) => {
    const size = partition.functions * d;
    const key = mixReference(mixReference(BigInt(spec.seed) + 0x243f6a88n) + BigInt(p) * GOLDEN);
    for (const { numbers, weight } of featuresOf(tokens, partition)) {
      let f = mixReference(chain(key, numbers));
      if (spec.entries === "presence") {
        for (let i = 0; i < spec.touches!; i++) {
          values[first + Number(f * BigInt(size) / 0x100000000n)]++;
          f = mixReference(f + GOLDEN);
        }
        continue;
      }
      const w = spec.weights === "length" ? weight : 1;
      const bit = (word: number, k: number): number =>
        Number(mixReference(f + BigInt(word) * GOLDEN) >> BigInt(k % 32) & 1n);
      for (let k = 0; k < size; k++) {
        const word = Math.floor(k / 32);
        values[first + k] += w *
          (spec.entries === "sign" ? 2 * bit(word + 1, k) - 1 : bit(2 * word + 1, k) - bit(2 * word + 2, k));
      }
    }
    first += size;
  });
  return spec.selection === undefined ? values : Array.from(spec.selection.indices, (row) => values[row]);
}
