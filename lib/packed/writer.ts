/**
 * Appends numbers to the bytes of a `.pnet` file.
 *
 * @module
 */

import { EACH, WIDE } from "./numbers.ts";

/** A growing list of bytes. */
export class Writer {
  private buffer = new Uint8Array(256);
  /** Number of bytes written. */
  length = 0;

  /**
   * Appends bytes.
   *
   * @param bytes 0...255 each
   */
  bytes(bytes: ArrayLike<number>): void {
    const needed = this.length + bytes.length;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(2 * needed);
      grown.set(this.buffer);
      this.buffer = grown;
    }
    this.buffer.set(bytes, this.length);
    this.length = needed;
  }

  /**
   * Appends an unsigned LEB128 number.
   *
   * @param value 0...2^32 - 1
   */
  varint(value: number): void {
    const bytes: number[] = [];
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    this.bytes([...bytes, value]);
  }

  /**
   * Appends little-endian numbers.
   *
   * @param value unsigned
   * @param size number of bytes
   */
  integer(value: number, size: number): void {
    this.bytes(Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 255));
  }

  /**
   * Appends a vector in one of the forms of FORMAT.md.
   *
   * @param values numbers that the form holds exactly
   * @param form sum of `WIDE` and `EACH`
   */
  floats(values: Float32Array, form: number): void {
    const words = new Uint32Array(values.slice().buffer, 0, form & EACH ? values.length : 1);
    const out = new Uint8Array(words.length * (form & WIDE ? 4 : 2));
    const view = new DataView(out.buffer);
    words.forEach((word, i) =>
      form & WIDE ? view.setUint32(4 * i, word, true) : view.setUint16(2 * i, word >>> 16, true)
    );
    this.bytes(out);
  }

  /**
   * Ends the writing.
   *
   * @returns a copy of the bytes
   */
  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }
}
