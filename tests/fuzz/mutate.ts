/**
 * Changes to valid files, as AFL and libFuzzer make them: bits, bytes, numbers that readers stumble over, pieces cut out, doubled, moved, put in or taken from
 * another file, the end lost. What a file's parts are, and its lengths and checksums, is the business of the reader's entry.
 */
import { concatenated } from "../data/fixtures.ts";
import { varint } from "../packed/file_builder.ts";
import type { Dice } from "./dice.ts";

/** Numbers at the edges of the types and of what this library allows. */
const NUMBERS = [4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 22, 24, 26, 28, 30, 31, 32, 53, 63, 64].flatMap((power) => [
  power,
  2 ** power - 1,
  2 ** power,
  2 ** power + 1,
]).concat(0, 1, 2, 3, 100);

/** How numbers stand in binary files. */
const FORMS: ((value: number) => Uint8Array)[] = [
  (value) => Uint8Array.of(value % 256),
  ...[true, false].flatMap((little) => [
    (value: number) => written(2, (view) => view.setUint16(0, value % 65536, little)),
    (value: number) => written(4, (view) => view.setUint32(0, value % 2 ** 32, little)),
    (value: number) => written(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), little)),
    (value: number) => written(4, (view) => view.setFloat32(0, value, little)),
    (value: number) => written(8, (view) => view.setFloat64(0, value, little)),
  ]),
  varintBytes,
];

/** Pieces of binary files that are numbers in no form: long varints, and floats that are none. */
const PIECES = [
  [0x80, 0],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  new Array(10).fill(0x80),
  [0, 0, 0xc0, 0x7f],
  [0, 0, 0x80, 0x7f],
  [0, 0, 0x80, 0xff],
  new Array(16).fill(0),
  new Array(16).fill(0xff),
].map((piece) => Uint8Array.from(piece));

/** What stands in text files where a number, a separator or a word is expected. */
const WORDS = [
  ...NUMBERS.map(String),
  ..."-1 -0 +1 1. .5 1e3 1e38 1e39 1e308 1e400 -1e400 5e-324 0x10 NaN nan Infinity -inf 1_000 1,5 007 99999999999999999999"
    .split(" "),
  ...[
    ",",
    "\t",
    ";",
    ":",
    "#",
    "%",
    " ",
    '"',
    '""',
    "'",
    "\\",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    "\ufeff",
    "\u00a0",
    "\u2028",
    "é",
    "😀",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "{}",
    "[]",
    '""',
    '"\\ud800"',
    '"\\u0000"',
    "__proto__",
    "constructor",
    "toString",
    "label",
    "class",
  ],
  ...[
    "text",
    "input",
    "id",
    "qid:1",
    "ABC:def ",
    "1:1",
    "0:",
    ":1",
    "//",
    "/*",
    "[".repeat(300),
    "9".repeat(400),
    "x".repeat(3000),
  ],
].map((word) => new TextEncoder().encode(word)).concat([
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xf4, 0x90, 0x80, 0x80],
  [0xc0, 0x80],
].map((bytes) => Uint8Array.from(bytes)));

/** What changes are made with. */
export interface MutateOptions {
  readonly dice: Dice;
  /** Whether the file is text. */
  readonly text?: boolean;
  /** Another valid file, or a part of one, to take pieces from. */
  readonly other: Uint8Array;
}

/** The bytes with one change or a few; never longer than twice the two files and some thousand bytes. */
export function mutateBytes(bytes: Uint8Array, options: MutateOptions): Uint8Array {
  const { dice } = options;
  let found = bytes;
  const most = 2 * (bytes.length + options.other.length) + 4096;
  for (let changes = dice.chance(0.5) ? 1 : 1 + dice.below(6); changes > 0; changes--) {
    const changed = change(found, options);
    if (changed.length <= most) found = changed;
  }
  return found;
}

function change(bytes: Uint8Array, { dice, text, other }: MutateOptions): Uint8Array {
  const at = dice.below(bytes.length + 1), length = 1 + dice.below(dice.chance(0.2) ? 64 : 6);
  const end = Math.min(bytes.length, at + length);
  const put = (piece: Uint8Array, to = at): Uint8Array =>
    concatenated([bytes.subarray(0, at), piece, bytes.subarray(to)]);
  const word = (): Uint8Array =>
    text ? dice.one(WORDS) : dice.chance(0.15) ? dice.one(PIECES) : dice.one(FORMS)(dice.one(NUMBERS));
  switch (dice.below(14)) {
    case 0:
    case 1:
      return put(Uint8Array.of((bytes[at] ?? 0) ^ 1 << dice.below(8)), at + 1);
    case 2:
      return put(Uint8Array.of(dice.below(256)), at + 1);
    case 3:
      return put(Uint8Array.of((bytes[at] ?? 0) + dice.one([1, -1, 2, -2, 8, -8]) & 255), at + 1);
    case 4:
    case 5: {
      const piece = word();
      return put(piece, Math.min(bytes.length, at + piece.length));
    }
    case 6:
    case 7: {
      if (!text) return put(word());
      // In place of a whole number, or of a cell.
      const [first, past] = runAround(bytes, Math.min(at, bytes.length - 1));
      return concatenated([bytes.subarray(0, first), word(), bytes.subarray(past)]);
    }
    case 8:
      return put(new Uint8Array(0), end);
    case 9:
      return put(bytes.subarray(at, end));
    case 10: {
      const from = dice.below(bytes.length + 1);
      return put(bytes.subarray(from, from + length), end);
    }
    case 11: {
      const from = dice.below(other.length + 1), piece = other.subarray(from, from + length * dice.below(16));
      return dice.chance(0.5) ? put(piece) : put(piece, Math.min(bytes.length, at + piece.length));
    }
    case 12:
      return dice.chance(0.5)
        ? bytes.subarray(0, at)
        : concatenated([bytes.subarray(0, at), other.subarray(dice.below(other.length + 1))]);
    default:
      // A piece many times.
      return put(concatenated(new Array(1 + dice.below(100)).fill(bytes.subarray(at, end))));
  }
}

/** Changes among the parts of a file: parts changed, left out, doubled, exchanged, taken from another file. */
export function mutateParts(
  parts: readonly Uint8Array[],
  { dice, text, other }: Omit<MutateOptions, "other"> & { other: readonly Uint8Array[] },
): Uint8Array[] {
  const found = [...parts];
  for (let changes = 1 + dice.below(2); changes > 0; changes--) {
    const at = dice.below(found.length), stranger = dice.one(other) ?? new Uint8Array(0);
    if (found.length === 0 || dice.chance(0.03)) found.splice(at, 0, stranger);
    else if (dice.chance(0.75)) found[at] = mutateBytes(found[at], { dice, text, other: stranger });
    else changeOrder(found, { at, dice, stranger: other[at] ?? stranger });
  }
  return found;
}

function changeOrder(
  parts: Uint8Array[],
  { at, dice, stranger }: { at: number; dice: Dice; stranger: Uint8Array },
): void {
  switch (dice.below(4)) {
    case 0:
      parts.splice(at, 1);
      break;
    case 1:
      parts.splice(at, 0, parts[at]);
      break;
    case 2:
      parts[at] = stranger;
      break;
    case 3: {
      const to = dice.below(parts.length);
      [parts[at], parts[to]] = [parts[to], parts[at]];
    }
  }
}

/** The letters and digits around a place of a text. */
function runAround(bytes: Uint8Array, at: number): [start: number, end: number] {
  const isPart = (byte: number): boolean =>
    byte > 0x2c && byte !== 0x3a && byte !== 0x3b && byte !== 0x5d && byte !== 0x7d;
  let start = Math.max(0, at), end = start;
  while (start > 0 && isPart(bytes[start - 1])) start--;
  while (end < bytes.length && isPart(bytes[end])) end++;
  return [start, end];
}

/** An unsigned LEB128 number. */
export function varintBytes(value: number): Uint8Array {
  return Uint8Array.from(varint(value));
}

/** Bytes that are written as numbers. */
export function written(length: number, write: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}
