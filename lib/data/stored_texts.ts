/**
 * JSON lines of texts in a file that is larger than memory. It is gone through once to check every line and to note where it stands (four bytes a row) and what
 * its label is (two); the texts are read when they are asked for.
 */

import { MAX_CLASSES } from "./dataset.ts";
import { decodeText, isMarked } from "./decode_text.ts";
import { DataFormatError } from "./errors.ts";
import { ascending, type FileStamp, openUnchanged, readAt, readPieces } from "./stored_rows.ts";
import { orderTextLabels, type StoredTextDataset } from "./text_dataset.ts";
import { readJsonLine, type TextRecordOptions } from "./text_records.ts";

const LF = 0x0a, CR = 0x0d;
/** Bytes that are looked at at a time, and that a line has at most. */
const BLOCK = 1 << 20, MAX_LINE = 1 << 26;
/** Rows that share an offset which the places of their lines are counted from: so few that those of the longest lines fit 32 bits. */
const SEGMENT = 2 ** 32 / MAX_LINE;

/** Where the lines of a file stand. */
class LineIndex {
  count = 0;
  /** Where the text ends. */
  end = 0;
  readonly #segments: number[] = [];
  #offsets = new Uint32Array(SEGMENT);
  #classes = new Uint16Array(SEGMENT);

  add(offset: number, label: number): void {
    if (this.count % SEGMENT === 0) this.#segments.push(offset);
    if (this.count === this.#offsets.length) {
      const [offsets, classes] = [this.#offsets, this.#classes];
      this.#offsets = new Uint32Array(2 * this.count);
      this.#classes = new Uint16Array(2 * this.count);
      this.#offsets.set(offsets);
      this.#classes.set(classes);
    }
    this.#offsets[this.count] = offset - this.#segments[this.#segments.length - 1];
    this.#classes[this.count++] = label;
  }

  /** Where a line begins; of the one behind the last, where the file ends. */
  offset(row: number): number {
    return row === this.count ? this.end : this.#segments[Math.floor(row / SEGMENT)] + this.#offsets[row];
  }

  /** The labels, by their places. */
  labels(positions: readonly number[]): Uint16Array {
    const labels = new Uint16Array(this.count);
    for (let row = 0; row < labels.length; row++) labels[row] = positions[this.#classes[row]];
    return labels;
  }
}

/** Settings of {@link openJsonLines}. */
export interface StoredTextOptions extends TextRecordOptions {
  /** What the file is. */
  stamp: FileStamp;
  /** Class names of a trained model: they keep their places, labels it does not know are appended. */
  labelNames?: readonly string[];
}

/** Opens JSON lines whose texts stay in their file. Whatever is wrong is refused as where the file is loaded. */
export function openJsonLines(options: StoredTextOptions): StoredTextDataset {
  const { file, stamp, labelNames: known } = options;
  const index = new LineIndex(), numbers = new Map<string, number>();
  forEachLine(options, (bytes, { offset, row }) => {
    const line = decodeLine(bytes, { file, row });
    if (line.trim() === "") return;
    const { label } = readJsonLine(line, row, options);
    const number = numbers.get(label) ?? numbers.size;
    if (number === MAX_CLASSES) {
      throw new DataFormatError(`has more than ${MAX_CLASSES} different labels`, { file, row });
    }
    numbers.set(label, number);
    index.add(offset, number);
  });
  index.end = stamp.size;
  if (index.count === 0) throw new DataFormatError("holds no text, wanted at least one", { file });
  const { labelNames, positions } = orderTextLabels([...numbers.keys()], { file, known });
  return {
    name: file,
    input: { kind: "text" },
    count: index.count,
    texts: {
      read(rows) {
        const texts = new Array<string>(rows.length), order = ascending(rows);
        readPieces({ file, stamp }, {
          rows: order,
          bounds: (place) => [index.offset(rows[place]), index.offset(rows[place] + 1)],
          name: (place) => `text ${rows[place]}`,
          use(bytes, place) {
            const row = rows[place] + 1;
            // Blank lines may follow.
            const ends = [bytes.indexOf(LF), bytes.indexOf(CR), bytes.length].filter((end) => end >= 0);
            const line = decodeLine(bytes.subarray(0, Math.min(...ends)), { file, row });
            texts[place] = readJsonLine(line, row, options).text;
          },
        });
        return texts;
      },
    },
    labels: index.labels(positions),
    labelNames,
  };
}

/** Calls `use` with each line, where it begins, and its number from 1. */
function forEachLine(
  { file, stamp }: StoredTextOptions,
  use: (line: Uint8Array, place: { offset: number; row: number }) => void,
): void {
  using opened = openUnchanged(stamp, { file });
  let buffer = new Uint8Array(2 * BLOCK);
  let row = 0, length = 0, offset = 0, end = 0;
  const take = (from: number, to: number): void =>
    use(buffer.subarray(from, to), { offset: offset + from, row: ++row });
  while (end < stamp.size) {
    if (length > MAX_LINE) {
      throw new DataFormatError(`the line has more than ${MAX_LINE} bytes`, { file, row: row + 1 });
    }
    if (length + BLOCK > buffer.length) {
      const grown = new Uint8Array(2 * buffer.length);
      grown.set(buffer.subarray(0, length));
      buffer = grown;
    }
    const wanted = Math.min(BLOCK, stamp.size - end);
    const read = readAt(opened, end, buffer.subarray(length, length + wanted));
    end += read;
    if (read < wanted) {
      throw new DataFormatError(`the file ends, wanted ${stamp.size} bytes`, { file, row: row + 1 });
    }
    const filled = length + read;
    let from = offset === 0 && length === 0 && isMarked(buffer) ? 3 : 0;
    // A line break may be two bytes, of which the second one stands in the next block.
    for (let at = Math.max(length - 1, from); at < filled; at++) {
      const byte = buffer[at];
      if (byte !== LF && byte !== CR || byte === CR && at + 1 === filled && end < stamp.size) continue;
      take(from, at);
      if (byte === CR && buffer[at + 1] === LF && at + 1 < filled) at++;
      from = at + 1;
    }
    buffer.copyWithin(0, from, filled);
    offset += from;
    length = filled - from;
  }
  if (length > 0) take(0, length);
}

/** The text of a line; errors name it. */
function decodeLine(bytes: Uint8Array, { file, row }: { file: string; row: number }): string {
  try {
    return decodeText(bytes, { file });
  } catch (cause) {
    if (!(cause instanceof DataFormatError)) throw cause;
    throw new DataFormatError(cause.message.slice(cause.message.indexOf(": ") + 2), { file, row, cause });
  }
}
