/**
 * The parts of a `.pnet` file that only files about text have (FORMAT.md, sections 1, 2 and 7): reading and writing.
 *
 * @module
 */

import { bitsOf, MAX_BITS, type TextPartition, type TextSpec } from "../projection/mod.ts";
import { checkText, TEXT_KINDS } from "../projection/text.ts";
import type { TextSections } from "./decode.ts";
import { SELECTED, TEXT_FAMILY, TEXT_INPUT } from "./format.ts";
import type { TextInput } from "./model.ts";
import { readSelection } from "./read_projection.ts";
import type { Reader } from "./reader.ts";

/** Options of the folding in the order of their bits. */
const FOLDINGS = ["compatibility", "lowerCase", "digitsAlike", "dropSymbols"] as const;
/** Number of entries that are neither +1 nor -1 alone; fewer is presence with so many touches, 0 sign. */
const TERNARY = 127;
/** Added when weights are by length. */
const BY_LENGTH = 128;

/** Numbers that a section is written with. */
export interface TextWriter {
  /** Appends bytes. */
  bytes(bytes: ArrayLike<number>): void;
  /** Appends a varint. */
  varint(value: number): void;
}

/** Writes the input section. */
export function writeTextInput(payload: TextWriter, input: TextInput): void {
  const flags = FOLDINGS.reduce((sum, name, i) => sum + (input[name] ? 1 << i : 0), 0);
  payload.bytes([TEXT_INPUT, flags]);
}

/** Writes the projection section up to the selection. */
export function writeTextProjection(payload: TextWriter, spec: TextSpec): void {
  payload.bytes([TEXT_FAMILY + (spec.selection ? SELECTED : 0)]);
  payload.varint(spec.seed);
  payload.varint(spec.functions);
  payload.varint(spec.bitsPerFunction);
  const entries = { presence: spec.touches!, sign: 0, ternary: TERNARY }[spec.entries];
  payload.bytes([entries + (spec.weights === "length" ? BY_LENGTH : 0), spec.partitions.length]);
  for (const { kind, from, to, functions } of spec.partitions) {
    payload.bytes([TEXT_KINDS.indexOf(kind), from, to]);
    payload.varint(functions);
  }
}

/** Reads the sections. */
export const textSections: TextSections = {
  readInput(reader: Reader): TextInput {
    const flags = reader.byte("folding", (1 << FOLDINGS.length) - 1);
    const [compatibility, lowerCase, digitsAlike, dropSymbols] = FOLDINGS.map((_, i) => (flags >> i & 1) === 1);
    return { kind: "text", compatibility, lowerCase, digitsAlike, dropSymbols };
  },

  readProjection(reader: Reader): { projection: TextSpec } {
    const start = reader.at;
    const family = reader.byte("family");
    const selected = family === TEXT_FAMILY + SELECTED;
    if (family !== TEXT_FAMILY && !selected) reader.fail(`family is ${family}, wanted ${TEXT_FAMILY} for texts`, start);
    const seed = reader.varint("seed");
    const functions = reader.varint("functions", 1, MAX_BITS);
    const bitsPerFunction = reader.varint("bits of a function", 1, MAX_BITS);
    const kinds = reader.byte("entries");
    const touches = kinds & (BY_LENGTH - 1);
    const entries = touches === 0 ? "sign" : touches === TERNARY ? "ternary" : "presence";
    const partitions = Array.from({ length: reader.byte("partitions") }, (): TextPartition => {
      const kind = TEXT_KINDS[reader.byte("kind", TEXT_KINDS.length - 1)];
      const [from, to] = ["smallest", "largest"].map((what) => reader.byte(what));
      return { kind, from, to, functions: reader.varint("functions of the partition") };
    });
    const weights = kinds & BY_LENGTH ? "length" : "equal";
    const shape = { family: "text", seed, functions, bitsPerFunction, entries, weights, partitions } as const;
    const projection: TextSpec = entries === "presence" ? { ...shape, touches } : shape;
    if (selected) projection.selection = readSelection(reader, bitsOf(shape));
    try {
      checkText(projection);
    } catch (error) {
      reader.fail((error as Error).message);
    }
    return { projection };
  },

  readRejection(reader: Reader): { rejection: number } {
    const rejection = reader.byte("rejection") || reader.fail("rejection is 0, wanted 1...255", reader.at - 1);
    return { rejection };
  },
};
