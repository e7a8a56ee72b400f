/**
 * The wire format of protocol buffers, as much as ONNX needs: varints, fixed-size numbers, and fields with a length.
 *
 * A reader is given a message's bytes and calls back for each field; it checks every length against the bytes that are there before it touches them, so that
 * what a hostile file can cost is bounded by its size.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @module
 */
import { OnnxFormatError } from "./errors.ts";

/** How a field is stored. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Builds a message. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Writes an integer of up to 64 bits; negative ones take ten bytes, as the format wants. */
  integer(field: number, value: number | bigint): this {
    this.#tag(field, wireTypes.varint);
    return this.#append(varint(BigInt.asUintN(64, BigInt(value))));
  }

  /** Writes a float32. */
  float(field: number, value: number): this {
    this.#tag(field, wireTypes.fixed32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#append(bytes);
  }

  /** Writes bytes, which are not copied. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, wireTypes.bytes);
    this.#append(varint(BigInt(value.length)));
    return this.#append(value);
  }

  /** Writes a text as UTF-8. */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Writes a message. */
  message(field: number, value: MessageWriter): this {
    this.#tag(field, wireTypes.bytes);
    this.#append(varint(BigInt(value.#length)));
    this.#parts.push(...value.#parts);
    this.#length += value.#length;
    return this;
  }

  /** The message's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #tag(field: number, wireType: number): void {
    this.#append(varint(BigInt(8 * field + wireType)));
  }

  #append(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  bytes.push(Number(value));
  return Uint8Array.from(bytes);
}

/** A field of a message: an integer, the bits of a fixed-size number, or bytes. */
export interface Field {
  /** Its number. */
  readonly number: number;
  /** How it is stored. */
  readonly wireType: number;
  /** The integer of a varint, else 0. */
  readonly integer: bigint;
  /** Its bytes; none for a varint. */
  readonly bytes: Uint8Array;
  /** Where these begin in the file. */
  readonly start: number;
}

/** A message's bytes and where they stand in the file. */
export type Span = Pick<Field, "bytes" | "start">;

/** Calls `visit` for each field of a message in order. Throws {@linkcode OnnxFormatError} for bytes that are no message. */
export function readMessage({ bytes, start }: Span, visit: (field: Field) => void): void {
  const cursor = { bytes, at: 0, start };
  while (cursor.at < bytes.length) {
    const at = start + cursor.at;
    const tag = readVarint(cursor);
    const number = Number(tag >> 3n), wireType = Number(tag & 7n);
    if (number < 1 || number > 0x1fffffff) throw new OnnxFormatError(`field number ${number}, wanted 1...2^29 - 1`, at);
    let integer = 0n, length = 0;
    if (wireType === wireTypes.varint) integer = readVarint(cursor);
    else if (wireType === wireTypes.fixed32) length = 4;
    else if (wireType === wireTypes.fixed64) length = 8;
    else if (wireType === wireTypes.bytes) length = Number(readVarint(cursor));
    else throw new OnnxFormatError(`wire type ${wireType} of field ${number}, wanted 0, 1, 2 or 5`, at);
    const left = bytes.length - cursor.at;
    if (length > left) {
      throw new OnnxFormatError(`field ${number} announces ${length} bytes, and its message has ${left} left`, at);
    }
    const content = bytes.subarray(cursor.at, cursor.at + length);
    visit({ number, wireType, integer, bytes: content, start: start + cursor.at });
    cursor.at += length;
  }
}

/** Calls `visit` for the integers of a field that repeats: one, or many packed into bytes. */
export function eachInteger(field: Field, visit: (integer: bigint) => void): void {
  if (field.wireType === wireTypes.varint) return visit(field.integer);
  const cursor = { bytes: wanted(field, wireTypes.bytes).bytes, at: 0, start: field.start };
  while (cursor.at < cursor.bytes.length) visit(readVarint(cursor));
}

/** The field as a signed 64-bit integer. */
export function readInteger(field: Field): bigint {
  return BigInt.asIntN(64, wanted(field, wireTypes.varint).integer);
}

/** The field as a text. Throws {@linkcode OnnxFormatError} when it is no UTF-8. */
export function readText(field: Field): string {
  const { bytes, start } = wanted(field, wireTypes.bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OnnxFormatError(`field ${field.number} is no UTF-8`, start);
  }
}

/** The field when it is stored as wanted. Throws {@linkcode OnnxFormatError} otherwise. */
export function wanted(field: Field, wireType: number): Field {
  if (field.wireType === wireType) return field;
  throw new OnnxFormatError(
    `field ${field.number} has the wire type ${field.wireType}, wanted ${wireType}`,
    field.start,
  );
}

function readVarint(cursor: { readonly bytes: Uint8Array; at: number; readonly start: number }): bigint {
  const first = cursor.at;
  let low = 0, value = 0n;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new OnnxFormatError("an integer without an end", cursor.start + first);
    if (shift < 28) low |= (byte & 127) << shift;
    else value |= BigInt(byte & 127) << BigInt(shift);
    if (byte < 128) return BigInt.asUintN(64, value | BigInt(low));
  }
  throw new OnnxFormatError("an integer of more than ten bytes", cursor.start + first);
}
