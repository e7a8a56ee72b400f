/**
 * Bytes of the WebAssembly binary format: numbers, names, lists and sections.
 *
 * Source: WebAssembly Core Specification, chapter 5 (https://webassembly.github.io/spec/core/binary/).
 *
 * @module
 */

/** An unsigned integer up to 2^32 - 1 as LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push(rest & 0x7f | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** A signed 32-bit integer as LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push(rest & 0x7f | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
  return bytes;
}

/** A float32 as its four bytes, lowest first. */
export function float32(value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...bytes];
}

/** A name: its length in bytes and its UTF-8 text. */
export function text(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...unsigned(bytes.length), ...bytes];
}

/** A list: the number of its items and the items. */
export function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** A section as byte sequences to be joined: its identifier, its length in bytes and the list in it; nothing when that is empty. */
export function section(id: number, items: readonly (readonly number[])[]): readonly (readonly number[])[] {
  if (items.length === 0) return [];
  const count = unsigned(items.length);
  const length = items.reduce((sum, item) => sum + item.length, count.length);
  return [[id], unsigned(length), count, ...items];
}

/** Byte sequences one after the other. */
export function concatenate(sequences: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sequences.reduce((sum, sequence) => sum + sequence.length, 0));
  let at = 0;
  for (const sequence of sequences) {
    bytes.set(sequence, at);
    at += sequence.length;
  }
  return bytes;
}
