/**
 * From the bytes of a text file to its lines. UTF-8 is expected; UTF-16 is recognised by its byte order mark; what is neither is refused with the line named,
 * unless the encoding is given.
 */

import { DataFormatError } from "./errors.ts";

/** Encodings a file can be read in. `latin1` is Windows-1252, the superset of ISO-8859-1 that the web means by that name. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** The names of all encodings. */
export const TEXT_ENCODINGS: readonly TextEncoding[] = ["utf-8", "utf-16le", "utf-16be", "latin1"];

/** Settings of {@linkcode decodeText}. */
export interface DecodeTextOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** The encoding, when it is known; a byte order mark goes before it. */
  encoding?: TextEncoding;
}

/**
 * Decodes a text file; a byte order mark is not part of the text.
 *
 * @param bytes the file
 * @returns its text
 * @throws {DataFormatError} naming the line, when the bytes are no text of the encoding or look binary
 */
export function decodeText(bytes: Uint8Array, { file, encoding = "utf-8" }: DecodeTextOptions): string {
  const found = markOf(bytes) ?? encoding;
  if (found === "utf-8") checkBinary(bytes, file);
  const label = found === "latin1" ? "windows-1252" : found;
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (found !== "utf-8") {
      throw new DataFormatError(`the bytes are no ${found} text: a code unit is cut off or unpaired`, { file, cause });
    }
    const { row, column, byte } = firstInvalid(bytes);
    throw new DataFormatError(
      `byte ${column} of the line (0x${
        byte.toString(16)
      }) is not UTF-8, wanted UTF-8, UTF-16 with a byte order mark, ` +
        `or the encoding given (${TEXT_ENCODINGS.join(", ")})`,
      { file, row, cause },
    );
  }
}

/** Lines without their ends (LF, CRLF or CR); an end after the last line makes no further one. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

function markOf(bytes: Uint8Array): TextEncoding | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return isMarked(bytes) ? "utf-8" : undefined;
}

/** Whether bytes begin with the byte order mark of UTF-8. */
export function isMarked(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function checkBinary(bytes: Uint8Array, file: string): void {
  const zero = bytes.subarray(0, 4096).indexOf(0);
  if (zero < 0) return;
  throw new DataFormatError(
    `found a zero byte at ${zero}: a binary file, compressed perhaps, or UTF-16 without its mark; wanted text`,
    { file, row: 1 },
  );
}

/** Where the first character that is no UTF-8 starts. Halving finds it: a prefix is good when it decodes as the start of a stream. */
function firstInvalid(bytes: Uint8Array): { row: number; column: number; byte: number } {
  let good = 0, bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, middle), { stream: true })) good = middle;
    else bad = middle;
  }
  const prefix = bytes.subarray(0, good);
  const at = isUtf8(prefix) ? good : lastCharacter(prefix);
  let row = 1, start = 0;
  for (let i = 0; i < at; i++) {
    if (bytes[i] === 0x0a || (bytes[i] === 0x0d && bytes[i + 1] !== 0x0a)) {
      row++;
      start = i + 1;
    }
  }
  return { row, column: at - start + 1, byte: bytes[at] };
}

/** Whether bytes are UTF-8, or with `stream` the start of it. */
export function isUtf8(bytes: Uint8Array, options: { stream: boolean } = { stream: false }): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}

function lastCharacter(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at > 0 && (bytes[at] & 0xc0) === 0x80) at--;
  return at;
}
