/**
 * Lines of a byte stream with bounded memory.
 *
 * @module
 */

/** Longest line that is kept; of a longer one only the number is told. */
export const MAX_LINE_BYTES: number = 16 * 1024 * 1024;

/** One line of the stream. */
export interface Line {
  /** Number of the line, from 1. */
  number: number;
  /** Its text without the line end, or undefined when there is a problem. */
  text?: string;
  /** Why there is no text: too long, or not UTF-8. */
  problem?: string;
}

/** Cuts a stream at line feeds (a carriage return before one is dropped); gives the lines that each chunk completes together. */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 0;

  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const finish = (): Line => {
    number++;
    const size = length;
    const kept = parts;
    parts = [];
    length = 0;
    if (size > maxBytes) return { number, problem: `${size} bytes long, wanted at most ${maxBytes}` };
    try {
      return { number, text: decoder.decode(join(kept, size)).replace(/\r$/, "") };
    } catch {
      return { number, problem: "not UTF-8" };
    }
  };

  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    keep(chunk.slice(start));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [finish()];
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0];
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
