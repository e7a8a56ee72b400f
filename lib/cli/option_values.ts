/**
 * The kinds of values that options take. Each reads a text and gives the value, or throws a {@linkcode ValueError} that says what
 * was wanted.
 */
import { type Distortions, distortionStrengths, edgeRules, type ImageSize } from "../data/mod.ts";

/** A value that an option cannot take; the message says what was wanted. */
export class ValueError extends Error {
  /** Takes what the option wants, such as "a whole number of at least 1". */
  constructor(wanted: string) {
    super(wanted);
    this.name = "ValueError";
  }
}

/** Reads the text of an option's value. */
export type ParseValue<T> = (text: string) => T;

/** Limits of a number. */
export interface NumberRange {
  /** Smallest allowed value. */
  min?: number;
  /** Largest allowed value. */
  max?: number;
  /** The value has to be larger than this. */
  above?: number;
  /** The value has to be smaller than this. */
  below?: number;
}

function describe(noun: string, range: NumberRange): string {
  const parts: string[] = [];
  if (range.min !== undefined && range.max !== undefined) parts.push(`from ${range.min} to ${range.max}`);
  else if (range.min !== undefined) parts.push(`of at least ${range.min}`);
  else if (range.max !== undefined) parts.push(`of at most ${range.max}`);
  if (range.above !== undefined) parts.push(`above ${range.above}`);
  if (range.below !== undefined) parts.push(`below ${range.below}`);
  return [noun, parts.join(" and ")].filter(Boolean).join(" ");
}

function isWithin(value: number, range: NumberRange): boolean {
  return value >= (range.min ?? -Infinity) && value <= (range.max ?? Infinity) &&
    (range.above === undefined || value > range.above) && (range.below === undefined || value < range.below);
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Any text. */
export const text: ParseValue<string> = (given): string => given;

/** A whole number in decimal digits. */
export function integer(range: NumberRange = {}): ParseValue<number> {
  return (given) => {
    const value = Number(given);
    if (!/^[+-]?\d+$/.test(given) || !Number.isSafeInteger(value) || !isWithin(value, range)) {
      throw new ValueError(describe("a whole number", range));
    }
    return value;
  };
}

/** A decimal number. */
export function number(range: NumberRange = {}): ParseValue<number> {
  return (given) => {
    const value = Number(given);
    if (!DECIMAL.test(given) || !Number.isFinite(value) || !isWithin(value, range)) {
      throw new ValueError(describe("a number", range));
    }
    return value;
  };
}

/** Several values of one kind, separated by commas. */
export function list<T>(item: ParseValue<T>, { length, noun }: { length?: number; noun: string }): ParseValue<T[]> {
  return (given) => {
    const items = given.split(",").map((part) => part.trim());
    if (length !== undefined && items.length !== length) {
      throw new ValueError(`${length} ${noun} separated by commas`);
    }
    try {
      return items.map(item);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new ValueError(`${length ?? "one or more"} ${noun} separated by commas, each ${error.message}`);
    }
  };
}

/** Two numbers `FROM-TO`, the second not smaller than the first; `N` alone means `N-N`. */
function ascending(item: ParseValue<number>, wanted: string): ParseValue<{ from: number; to: number }> {
  return (given) => {
    const [from, to = from, ...more] = given.split("-");
    const refuse = (): never => {
      throw new ValueError(`two numbers such as ${wanted}, the smaller first`);
    };
    try {
      const found = { from: item(from), to: item(to) };
      return more.length > 0 || found.from > found.to ? refuse() : found;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      return refuse();
    }
  };
}

/** Two whole numbers `FROM-TO`, the second not smaller than the first; `N` alone means `N-N`. */
export function integerRange(range: NumberRange = {}): ParseValue<{ from: number; to: number }> {
  return ascending(integer(range), `"4-20", each ${describe("a whole number", range)}`);
}

/** Two numbers `FROM-TO` without exponents, the second not smaller than the first; `X` alone means `X-X`. */
export function numberRange(range: NumberRange = {}): ParseValue<{ from: number; to: number }> {
  return ascending(number(range), `"0.2-0.8", each ${describe("a number", range)}`);
}

/** One of some words. */
export function choice<const T extends string>(words: readonly T[]): ParseValue<T> {
  return (given) => {
    const found = words.find((word) => word === given);
    if (found === undefined) {
      throw new ValueError(words.length === 1 ? `"${words[0]}"` : `one of ${words.join(", ")}`);
    }
    return found;
  };
}

/** A share from 0 to below 1, or a text that is no number. */
export const shareOrText: ParseValue<number | string> = (given): number | string => {
  if (!DECIMAL.test(given)) return given;
  try {
    return number({ min: 0, below: 1 })(given);
  } catch {
    throw new ValueError("a path, or a share of at least 0 and below 1");
  }
};

/** The size of images, `WIDTHxHEIGHT`. */
export const imageSize: ParseValue<ImageSize> = (given): ImageSize => {
  const [, width, height] = /^([1-9]\d{0,4})[x×]([1-9]\d{0,4})$/i.exec(given) ?? [];
  if (height === undefined) throw new ValueError('width and height such as "32x32"');
  return { width: Number(width), height: Number(height) };
};

/** The size of one projection network: T projection functions of d bits each. */
export interface BitSize {
  /** T, the number of projection functions. */
  functions: number;
  /** d, the number of bits of each. */
  bitsPerFunction: number;
}

/** One or several sizes `TxD` separated by commas; `N` alone means `Nx1`. */
export const bitSizes: ParseValue<BitSize[]> = (given): BitSize[] => {
  const sizes = given.split(",").map((part): BitSize => {
    const match = /^\s*(\d{1,6})(?:[x×](\d{1,6}))?\s*$/i.exec(part);
    const size = { functions: Number(match?.[1] ?? 0), bitsPerFunction: Number(match?.[2] ?? 1) };
    if (size.functions < 1 || size.bitsPerFunction < 1) {
      throw new ValueError('sizes such as "60x12" (60 functions of 12 bits) or "720" (720 of 1), separated by commas');
    }
    return size;
  });
  const names = sizes.map((size) => `${size.functions}x${size.bitsPerFunction}`);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new ValueError(`every size once, and ${repeated} stands there twice`);
  return sizes;
};

/** Random distortions such as `flip,shift=2,rotate=10,edges=reflect`; a distortion without a strength has its usual one. */
export const distortions: ParseValue<Distortions> = (given): Distortions => {
  const found: Record<string, number | boolean | string> = {};
  for (const part of given.split(",")) {
    const [name, strength, ...more] = part.split("=").map((side) => side.trim());
    if (Object.hasOwn(found, name)) throw new ValueError(`every distortion once, and ${name} stands there twice`);
    const range = Object.hasOwn(distortionStrengths, name)
      ? distortionStrengths[name as keyof typeof distortionStrengths]
      : undefined;
    if (range !== undefined && more.length === 0) {
      const { usual, max, whole } = range;
      const read = (whole ? integer : number)({ min: 0, max });
      found[name] = strength === undefined ? usual : within(name, strength, read);
    } else if (name === "edges" && strength !== undefined && more.length === 0) {
      found.edges = within(name, strength, choice(edgeRules));
    } else if (part.trim() === "flip") found.flip = true;
    else {
      const names = ["flip", ...Object.keys(distortionStrengths).map((known) => `${known}=N`)];
      throw new ValueError(`distortions separated by commas, of ${names.join(", ")} and edges=RULE`);
    }
  }
  if (Object.keys(found).every((name) => name === "edges")) throw new ValueError("a distortion beside the edges");
  return found;
};

/** Reads the value of a name within an option. */
function within<T>(name: string, given: string, parse: ParseValue<T>): T {
  try {
    return parse(given);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(`${name} to be ${error.message}`);
  }
}
