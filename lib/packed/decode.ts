/**
 * Reads `.pnet` files (FORMAT.md). What a file fills is allocated only after its bytes have been seen to be there, what it only
 * announces (columns that share one number, a regenerated projection) within the bounds of FORMAT.md. That every part has its smallest
 * form is not checked here but by `decodePnet`, which encodes what it has read.
 *
 * @module
 */

import { bitsOf, MAX_FEATURES, type TextSpec } from "../projection/mod.ts";
import {
  crc32,
  decimalLabels,
  MAGIC,
  MAX_FLOAT32,
  MAX_OUTPUTS,
  type SectionName,
  TAGS,
  TEXT_INPUT,
  VERSION,
} from "./format.ts";
import type { AnyModel, InputDescription, NumericInput, PnetModel, TextInput, TextModel } from "./model.ts";
import { type Families, readProjection, readThresholds } from "./read_projection.ts";
import { readLayer } from "./read_layer.ts";
import { Reader } from "./reader.ts";
import type { Trunk } from "./trunk.ts";

/** Reads what only files about text have. The runtime for numbers does without. */
export interface TextSections {
  /** Reads the rest of the input section. */
  readInput(reader: Reader): TextInput;
  /** Reads the projection section. */
  readProjection(reader: Reader): { projection: TextSpec; reads?: undefined };
  /** Reads the rejection section. */
  readRejection(reader: Reader): Pick<TextModel, "rejection">;
}

/** Reads the trunk of a file that has one: what it is, and what it gives the projection to read. */
export type ReadTrunk = (reader: Reader, input: NumericInput) => { trunk: Trunk; output: NumericInput };

/** Readers of what only some files have; without them those files are refused. */
export interface SectionReaders {
  /** For projections of numbers. */
  families: Families;
  /** For files about text. */
  text?: TextSections;
  /** For files with a trunk. */
  trunk?: ReadTrunk;
}

/** A model and where its sections stand in the file. */
export interface ParsedPnet {
  /** The content. */
  model: AnyModel;
  /** Sections in their order, from the tag byte at `start` to before `end`. */
  sections: { name: SectionName; start: number; end: number }[];
}

/**
 * Decodes a `.pnet` file about numbers.
 *
 * @param bytes the whole file
 * @param readers of what it may have; not of text
 * @returns the model; its arrays are copies
 * @throws {PnetFormatError} when the bytes are not exactly one valid file, or one about text
 */
export function decodeNumeric(bytes: Uint8Array, readers: Omit<SectionReaders, "text">): PnetModel {
  return parsePnet(bytes, readers).model as PnetModel;
}

/**
 * Decodes a `.pnet` file and keeps the places of its sections.
 *
 * @param bytes the whole file
 * @param readers of what only some files have
 * @returns model and sections
 * @throws {PnetFormatError} when the bytes are not exactly one valid file; that it is canonical is not checked
 */
export function parsePnet(bytes: Uint8Array, { families, text, trunk: readTrunk }: SectionReaders): ParsedPnet {
  const reader = new Reader(bytes);
  const sections: ParsedPnet["sections"] = [];
  const magic = reader.skip(4, "magic");
  if (reader.view.getUint32(magic, true) !== MAGIC) reader.fail('no "PNET" at the start', magic);
  const version = reader.byte("version");
  if (version !== VERSION) reader.fail(`version is ${version}, wanted ${VERSION}`, 4);
  const length = reader.varint("length");
  const bodyEnd = bytes.length - 4;
  if (length !== bytes.length || reader.at > bodyEnd) {
    reader.fail(`length is ${length}, found ${bytes.length} bytes`, 5);
  }
  if (crc32(bytes.subarray(0, bodyEnd)) !== reader.view.getUint32(bodyEnd, true)) {
    reader.fail("wrong checksum", bodyEnd);
  }

  /** Reads a section with `read`, or gives `undefined` when the next one is another. */
  const optional = <T>(name: SectionName, read: () => T): T | undefined => {
    const start = reader.at;
    const tag = TAGS[name];
    reader.part = name;
    reader.end = bodyEnd;
    if (start === bodyEnd || bytes[start] !== tag) return;
    reader.at++;
    const size = reader.varint("section length");
    reader.end = reader.skip(size, "section") + size;
    reader.at = reader.end - size;
    const value = read();
    if (reader.at !== reader.end) reader.fail(`${reader.end - reader.at} bytes left over`);
    sections.push({ name, start, end: reader.end });
    return value;
  };
  const section = <T>(name: SectionName, read: () => T): T =>
    optional(name, read) ?? reader.fail(`no section with tag ${TAGS[name]}`);

  const input = section("input", () => readInput(reader, text));
  const isText = input.kind === "text";
  const trunk = isText
    ? undefined
    : optional("trunk", () => readTrunk?.(reader, input) ?? reader.fail("a trunk, wanted its runtime"));
  const { projection, ...reads } = section(
    "projection",
    (): ReturnType<typeof readProjection> | ReturnType<TextSections["readProjection"]> =>
      isText ? text!.readProjection(reader) : readProjection(reader, trunk?.output ?? input, families),
  );
  const bits = bitsOf(projection);
  const { count, texts } = section("labels", () => readLabels(reader));
  const thresholds = reads.reads === undefined && (projection as TextSpec).entries !== "presence"
    ? optional("thresholds", () => readThresholds(reader, { width: reader.byte("width - 1", 31) + 1, count: bits }))
    : undefined;
  const code = { inputs: bits, tables: reads.reads === undefined ? projection : undefined, sparse: isText };
  const hidden = optional(
    "hidden layer",
    () => readLayer(reader, { outputs: reader.varint("outputs", 1, MAX_OUTPUTS), ...code }),
  );
  const output = section(
    "output layer",
    () => readLayer(reader, { outputs: count, ...(hidden ? { inputs: hidden.outputs } : code) }),
  );
  const rest = isText && optional("rejection", () => text!.readRejection(reader));
  if (reader.at !== bodyEnd) reader.fail("bytes after the last section");
  return {
    model: {
      input,
      ...(trunk && { trunk: trunk.trunk }),
      projection,
      thresholds: thresholds ?? new Int32Array(bits),
      ...reads,
      head: hidden ? [hidden, output] : [output],
      labels: texts ?? decimalLabels(count),
      ...rest,
    } as AnyModel,
    sections,
  };
}

function readInput(reader: Reader, text?: TextSections): InputDescription {
  const size = (what: string): number => reader.varint(what, 1, MAX_FEATURES);
  const floats = (what: string, count: number, form: number): Float32Array =>
    reader.floats(what, { count, form, most: MAX_FLOAT32 });
  const kind = reader.byte("kind", TEXT_INPUT);
  if (kind === TEXT_INPUT) return text?.readInput(reader) ?? reader.fail("text, wanted its runtime");
  if (kind === 0) return { kind: "image", width: size("width"), height: size("height"), channels: size("channels") };
  const features = size("features");
  if (kind === 1) return { kind: "table", features, quantization: { rule: "none" } };
  if (kind === 2) {
    const [offset] = floats("offset", 1, 1);
    const [scale] = floats("scale", 1, 1);
    return { kind: "table", features, quantization: { rule: "shared", offset, scale } };
  }
  const forms = reader.byte("forms", 15);
  const offsets = floats("offset", features, forms & 3);
  const scales = floats("scale", features, forms >> 2);
  return { kind: "table", features, quantization: { rule: "columns", offsets, scales } };
}

function readLabels(reader: Reader): { count: number; texts?: string[] } {
  const count = reader.varint("labels", 1, MAX_OUTPUTS);
  if (reader.at === reader.end) return { count };
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  while (texts.length < count) {
    const length = reader.varint("label length");
    const start = reader.skip(length, "label");
    try {
      texts.push(decoder.decode(reader.bytes.subarray(start, reader.at)));
    } catch {
      reader.fail(`label ${texts.length} is no UTF-8`, start);
    }
  }
  return { count, texts };
}
