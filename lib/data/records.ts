/**
 * Splits the bytes of a delimited text into records and cells (RFC 4180), in one pass and without a string for each cell:
 * a cell is a range of bytes until its text is asked for. Lines end with LF, CRLF or CR; blank lines are skipped; spaces
 * around a cell do not count; a cell that holds delimiters, line ends or quotes stands in double quotes.
 */

import { DataFormatError } from "./errors.ts";

/** What may stand between two cells. */
export type Delimiter = "," | "\t" | ";";

/** What may stand between two cells of a file for programs, such as an edge list: a run of spaces as well. */
export type FieldDelimiter = Delimiter | " ";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;

/** Settings of {@link RecordReader}. */
export interface RecordReaderOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** What stands between two cells. */
  delimiter: FieldDelimiter;
}

/** Reads one record after another; the cells of the latest one are at hand until the next call. */
export class RecordReader {
  /** Number of cells of the current record. */
  cells = 0;
  /** Line at which the current record starts, counted from 1. */
  row = 0;
  /** Where each cell of the current record starts. */
  starts: Int32Array = new Int32Array(64);
  /** Where each cell of the current record ends (exclusive). */
  ends: Int32Array = new Int32Array(64);
  readonly #bytes: Uint8Array;
  readonly #file: string;
  readonly #delimiter: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #position = 0;
  #line = 1;

  /** Starts at the first byte; a byte order mark is expected to be gone. */
  constructor(bytes: Uint8Array, options: RecordReaderOptions) {
    this.#bytes = bytes;
    this.#file = options.file;
    this.#delimiter = options.delimiter.charCodeAt(0);
  }

  /** Moves to the next record that is not blank; false at the end. Misplaced quotes are a {@link DataFormatError}. */
  next(): boolean {
    while (this.#position < this.#bytes.length) {
      this.row = this.#line;
      this.cells = 0;
      while (this.#cell());
      if (this.cells > 1 || this.starts[0] !== this.ends[0]) return true;
    }
    return false;
  }

  /** Starts again at the first record. */
  rewind(): void {
    this.#position = 0;
    this.#line = 1;
  }

  /** The text of a cell of the current record, doubled quotes undone. Bytes that are not UTF-8 are an error. */
  text(cell: number): string {
    const start = this.starts[cell];
    const range = this.#bytes.subarray(start, this.ends[cell]);
    try {
      const text = this.#decoder.decode(range);
      return start > 0 && this.#bytes[start - 1] === QUOTE ? text.replaceAll('""', '"') : text;
    } catch (cause) {
      throw this.#error(`cell ${cell + 1} is not UTF-8 text`, cause);
    }
  }

  /** Reads one cell and what ends it; true when another cell of the same record follows. */
  #cell(): boolean {
    const bytes = this.#bytes;
    const length = bytes.length;
    const delimiter = this.#delimiter;
    let position = this.#skipSpaces(this.#position);
    let start = position;
    let end: number;
    if (position < length && bytes[position] === QUOTE) {
      start = position + 1;
      end = this.#closingQuote(start);
      position = this.#skipSpaces(end + 1);
    } else {
      while (position < length) {
        const byte = bytes[position];
        if (byte === delimiter || byte === LF || byte === CR) break;
        if (byte === QUOTE) throw this.#error(`cell ${this.cells + 1} has a quote inside unquoted text`);
        position++;
      }
      end = position;
      while (end > start && isSpace(bytes[end - 1])) end--;
    }
    this.#keep(start, end);
    if (position >= length) {
      this.#position = length;
      return false;
    }
    const byte = bytes[position++];
    if (byte === delimiter) {
      this.#position = position;
      return true;
    }
    if (byte !== LF && byte !== CR) throw this.#error(`cell ${this.cells} goes on after its closing quote`);
    if (byte === CR && bytes[position] === LF) position++;
    this.#line++;
    this.#position = position;
    return false;
  }

  #closingQuote(start: number): number {
    const bytes = this.#bytes;
    for (let position = start; position < bytes.length; position++) {
      if (bytes[position] === QUOTE) {
        if (bytes[position + 1] !== QUOTE) return position;
        position++;
      } else if (bytes[position] === LF || (bytes[position] === CR && bytes[position + 1] !== LF)) {
        this.#line++;
      }
    }
    throw this.#error(`the quote of cell ${this.cells + 1} is never closed`);
  }

  #skipSpaces(position: number): number {
    while (this.#bytes[position] === SPACE || (this.#bytes[position] === TAB && this.#delimiter !== TAB)) position++;
    return position;
  }

  #keep(start: number, end: number): void {
    if (this.cells === this.starts.length) {
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    this.starts[this.cells] = start;
    this.ends[this.cells++] = end;
  }

  #error(problem: string, cause?: unknown): DataFormatError {
    return new DataFormatError(problem, { file: this.#file, row: this.row, cause });
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function grown(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** An upper bound on the number of records: the number of line ends, and one. */
export function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) lines++;
  }
  return lines;
}

const ZERO = 0x30;
const EXACT_DIGITS = 15;

/**
 * The value of the ASCII decimal number in `bytes[start...end)`: sign, digits with or without a point, exponent. NaN when the
 * bytes are anything else, hexadecimal, "NaN" and "Infinity" included; infinite when it is too large for float64.
 *
 * Made without a string for each cell. Up to 15 digits the mantissa and the
 * power of ten are both exact in float64, so that one division gives the correctly rounded value (Clinger, "How to Read
 * Floating Point Numbers Accurately", 1990, section 3); what is longer or has an exponent goes through `Number`.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  const negative = bytes[position] === 0x2d && position < end;
  if (position < end && (negative || bytes[position] === 0x2b)) position++;
  let mantissa = 0;
  let digits = 0;
  let scale = 1;
  let digit = 0;
  while (position < end && (digit = bytes[position] - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    digits++;
    position++;
  }
  if (position < end && bytes[position] === 0x2e) {
    position++;
    while (position < end && (digit = bytes[position] - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      scale *= 10;
      digits++;
      position++;
    }
  }
  if (digits === 0) return NaN;
  if (position === end && digits <= EXACT_DIGITS) return (negative ? -mantissa : mantissa) / scale;
  if (position < end && !isExponent(bytes, position, end)) return NaN;
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return Number(text);
}

function isExponent(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  if ((bytes[position++] | 0x20) !== 0x65) return false;
  if (position < end && (bytes[position] === 0x2b || bytes[position] === 0x2d)) position++;
  const first = position;
  while (position < end && bytes[position] >= ZERO && bytes[position] <= ZERO + 9) position++;
  return position === end && position > first;
}
