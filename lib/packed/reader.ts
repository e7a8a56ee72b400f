/**
 * A cursor over the bytes of a `.pnet` file that refuses to pass the end, and names the byte in every error.
 *
 * @module
 */

import { PnetFormatError } from "./errors.ts";
import { EACH, vectorBytes, WIDE } from "./numbers.ts";

/** Reads numbers from bytes. */
export class Reader {
  /** Offset of the next byte. */
  at = 0;
  /** Offset that may not be passed: the end of the file or of the current section. */
  end: number;
  /** What is read, for error messages. */
  part = "header";
  /** All bytes of the file. */
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly view: DataView;

  /**
   * Starts at the first byte.
   *
   * @param bytes the file
   */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * Throws the error for what stands at an offset.
   *
   * @param problem what was found and what was wanted
   * @param at offset of the fault
   */
  fail(problem: string, at = this.at): never {
    throw this.error(problem, at);
  }

  /**
   * Makes the error for what stands at an offset.
   *
   * @param problem what was found and what was wanted
   * @param at offset of the fault
   * @returns the error
   */
  error(problem: string, at = this.at): PnetFormatError {
    return new PnetFormatError(`reading .pnet, ${this.part}, byte ${at}: ${problem}`, at);
  }

  /**
   * Passes over some bytes.
   *
   * @param count how many
   * @param what their name
   * @returns the offset where they start
   */
  skip(count: number, what: string): number {
    const left = this.end - this.at;
    if (count > left) this.fail(`${what} needs ${count} bytes, found ${left}`);
    const start = this.at;
    this.at += count;
    return start;
  }

  /**
   * Reads one byte.
   *
   * @param what its name
   * @param most the greatest value allowed
   * @returns 0...most
   */
  byte(what: string, most = 255): number {
    const start = this.skip(1, what);
    const value = this.bytes[start];
    if (value > most) this.fail(`${what} is ${value}, wanted 0...${most}`, start);
    return value;
  }

  /**
   * Reads a varint in its shortest form.
   *
   * @param what its name
   * @param least the smallest value allowed
   * @param most the greatest value allowed, below 2^32
   * @returns least...most
   */
  varint(what: string, least = 0, most = 0xffffffff): number {
    const start = this.at;
    let value = 0;
    for (let unit = 1, byte = 128; byte > 127; unit *= 128) {
      byte = this.byte(what);
      value += (byte & 127) * unit;
      if ((byte === 0 && unit > 1) || value > 0xffffffff || unit > 0x10000000) {
        this.fail(`${what} is no shortest varint below 2^32`, start);
      }
    }
    if (value < least || value > most) this.fail(`${what} is ${value}, wanted ${least}...${most}`, start);
    return value;
  }

  /**
   * Reads float32 or bfloat16 numbers.
   *
   * @param what their name
   * @param options how many, in which form, and their greatest magnitude
   * @returns the numbers
   */
  floats(what: string, { count, form, most }: { count: number; form: number; most: number }): Float32Array {
    const start = this.skip(vectorBytes(form, count), what);
    const values = new Float32Array(count);
    const words = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i++) {
      const index = form & EACH ? i : 0;
      words[i] = form & WIDE
        ? this.view.getUint32(start + 4 * index, true)
        : this.view.getUint16(start + 2 * index, true) << 16;
      if (!(Math.abs(values[i]) <= most)) {
        this.fail(`${what} ${i} is ${values[i]}, wanted a magnitude up to ${most}`, start);
      }
    }
    return values;
  }
}
