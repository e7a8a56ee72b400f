/**
 * Records of equal length in files that are larger than memory. What is asked for at a time, such as a batch, is read in ascending order, records that lie close
 * together at once, and put into the order that was asked for. Files are opened for each reading: nothing is left open, and one that was changed or replaced in the
 * meantime is noticed.
 */

import type { StoredRows } from "./dataset.ts";
import { DataFormatError, type DataLocation } from "./errors.ts";

/** Bytes between two records below which they are read at once with what lies between, and most bytes that are read at once. */
const GAP = 1 << 13, SPAN = 1 << 20;

/** What a file was when it was opened. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970; null where the system does not tell. */
  readonly modified: number | null;
}

/** A file of records. */
export interface RecordFile {
  /** Its path. */
  readonly file: string;
  /** What it was when it was opened. */
  readonly stamp: FileStamp;
  /** Where the first record begins. */
  readonly start: number;
  /** Number of records. */
  readonly count: number;
}

/** What a file is now. */
export function stampOf({ size, mtime }: Deno.FileInfo): FileStamp {
  return { size, modified: mtime?.getTime() ?? null };
}

/** How records become rows. */
export interface RecordLayout {
  /** Bytes of a record. */
  readonly recordLength: number;
  /** Bytes of a row. */
  readonly rowLength: number;
  /** Writes the row of the record that begins at `from`. */
  unpack(source: Uint8Array, from: number, out: Uint8Array, to: number): void;
}

/** The records of some files, one file after the other, as rows. */
export function storedRows(files: readonly RecordFile[], layout: RecordLayout): StoredRows {
  const { recordLength, rowLength, unpack } = layout;
  const ends: number[] = [];
  for (const { count } of files) ends.push((ends.at(-1) ?? 0) + count);
  return {
    read(rows, out) {
      if (out.length !== rows.length * rowLength) {
        throw new RangeError(
          `room for ${rows.length} rows of ${rowLength} bytes was wanted, ${out.length} bytes found`,
        );
      }
      const order = ascending(rows);
      for (let place = 0, index = 0; place < order.length; index++) {
        if (index === files.length) {
          throw new RangeError(`row ${rows[order[place]]} was asked for, and there are ${ends.at(-1) ?? 0}`);
        }
        let next = place;
        while (next < order.length && rows[order[next]] < ends[index]) next++;
        const { start, count } = files[index], base = start - (ends[index] - count) * recordLength;
        readPieces(files[index], {
          rows: order.subarray(place, next),
          bounds: (place) => [base + rows[place] * recordLength, base + (rows[place] + 1) * recordLength],
          name: (place) => `record ${rows[place] - ends[index] + count}`,
          use: (bytes, place) => unpack(bytes, 0, out, place * rowLength),
        });
        place = next;
      }
    },
  };
}

/** The places of some numbers in ascending order of the numbers. */
export function ascending(numbers: ArrayLike<number>): Uint32Array {
  const places = Uint32Array.from({ length: numbers.length }, (_, place) => place);
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i] < numbers[i - 1]) return places.sort((a, b) => numbers[a] - numbers[b]);
  }
  return places;
}

/** What is read of a file at a time. */
interface Pieces {
  /** What the pieces are known by, in the order in which they stand in the file. */
  readonly rows: Uint32Array;
  /** First byte of a piece, and the one behind it. */
  bounds(row: number): readonly [from: number, to: number];
  /** What a piece is called in errors. */
  name(row: number): string;
  /** Takes the bytes of a piece, which are overwritten afterwards. */
  use(bytes: Uint8Array, row: number): void;
}

let buffer = new Uint8Array(0);

/** Reads pieces of a file; those that lie close together at once. What is no longer there is a {@link DataFormatError}. */
export function readPieces(
  { file, stamp }: Pick<RecordFile, "file" | "stamp">,
  { rows, bounds, name, use }: Pieces,
): void {
  if (rows.length === 0) return;
  using opened = openUnchanged(stamp, { file, byte: bounds(rows[0])[0] });
  for (let place = 0; place < rows.length;) {
    const [from, first] = bounds(rows[place]);
    let to = first, next = place + 1;
    for (; next < rows.length; next++) {
      const [start, end] = bounds(rows[next]);
      if (start - to > GAP || end - from > SPAN) break;
      to = end;
    }
    if (buffer.length < to - from) buffer = new Uint8Array(Math.max(to - from, SPAN));
    const read = readAt(opened, from, buffer.subarray(0, to - from));
    for (; place < next; place++) {
      const [start, end] = bounds(rows[place]);
      if (end - from > read) {
        throw new DataFormatError(`the file ends in ${name(rows[place])}, which was there when the data were opened`, {
          file,
          byte: from + read,
        });
      }
      use(buffer.subarray(start - from, end - from), rows[place]);
    }
  }
}

/** Opens a file again. One that has become another is a {@link DataFormatError}. */
export function openUnchanged(stamp: FileStamp, where: DataLocation): Deno.FsFile {
  let opened: Deno.FsFile;
  try {
    opened = Deno.openSync(where.file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataFormatError(`the file was there when the data were opened, and cannot be read any more: ${reason}`, {
      ...where,
      cause,
    });
  }
  const found = stampOf(opened.statSync());
  if (found.size === stamp.size && found.modified === stamp.modified) return opened;
  opened.close();
  const change = found.size === stamp.size ? "was written" : `went from ${stamp.size} bytes to ${found.size}`;
  throw new DataFormatError(`the file ${change} since the data were opened, wanted it to stay as it was`, where);
}

/** Reads from a place on until `out` is full or the file ends; gives the number of bytes. */
export function readAt(file: Deno.FsFile, from: number, out: Uint8Array): number {
  file.seekSync(from, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < out.length) {
    const read = file.readSync(out.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return filled;
}
