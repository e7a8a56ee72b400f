/**
 * The records of CIFAR's files: one or two label bytes and 3,072 pixels each, channel by channel.
 */

import { DataFormatError } from "./errors.ts";
import { type FileStamp, type RecordFile, type RecordLayout, storedRows } from "./stored_rows.ts";

const SIDE = 32, AREA = SIDE * SIDE, CHANNELS = 3;
/** Bytes that the records of a file that is loaded have at most. */
const MAX_RECORDS_BYTES = 2 ** 31;

/** An image, and how many numbers it has. */
export const IMAGE = { kind: "image", width: SIDE, height: SIDE, channels: CHANNELS } as const;
export const PIXELS: number = CHANNELS * AREA;

/** What tells the two sets apart. */
export interface CifarLayout {
  title: string;
  /** Names of the label bytes, in their order. */
  fields: readonly string[];
  /** Which of them is read when nothing is asked for. */
  usual: number;
  /** For each label byte the number of its classes. */
  classes: readonly number[];
  /** For each label byte the file with its classes' names. */
  names: readonly string[];
  /** The files of each split. */
  train: readonly string[];
  test: readonly string[];
}

/** The two sets. */
export const LAYOUTS: readonly CifarLayout[] = [
  {
    title: "CIFAR-100",
    fields: ["coarse", "fine"],
    usual: 1,
    classes: [20, 100],
    names: ["coarse_label_names.txt", "fine_label_names.txt"],
    train: ["train.bin"],
    test: ["test.bin"],
  },
  {
    title: "CIFAR-10",
    fields: [],
    usual: 0,
    classes: [10],
    names: ["batches.meta.txt"],
    train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    test: ["test_batch.bin"],
  },
];

/** A file of records or names, from wherever it comes. */
export interface CifarFile {
  /** For errors. */
  file: string;
  name: string;
  size: number;
  content(): AsyncIterable<Uint8Array>;
  /** What the file is now, when it is one of its own. */
  stamp?: FileStamp;
}

/** Bytes of a record. */
export function recordLength({ classes }: CifarLayout): number {
  return classes.length + PIXELS;
}

/** What a file of records holds. */
export interface Records {
  file: string;
  /** [count x 32 x 32 x 3], the channels of a pixel together, or the file that they stay in. */
  pixels: Uint8Array<ArrayBuffer> | RecordFile;
  /** [count] class numbers. */
  labels: Uint8Array;
}

/** How a file is read: what it is of, and which of its label bytes. */
interface RecordOptions {
  layout: CifarLayout;
  labelByte: number;
}

/** Number of records in a file. */
function countRecords({ file, size }: CifarFile, { layout, most }: { layout: CifarLayout; most: number }): number {
  const length = recordLength(layout);
  if (size > 0 && size % length === 0 && size <= most) return size / length;
  const limit = most < Infinity ? `, at most ${most} bytes` : "";
  throw new DataFormatError(
    `the file has ${size} bytes, wanted one or more records of ${length} bytes (${layout.title})${limit}`,
    { file },
  );
}

/** Reads the labels of a file whose pixels stay there. */
export function readLabels(source: CifarFile, { layout, labelByte }: RecordOptions): Records {
  const { file, stamp } = source;
  const count = countRecords(source, { layout, most: Infinity });
  const pixels = { file, stamp: stamp!, start: 0, count };
  const labels = new Uint8Array(count), rows = Uint32Array.from({ length: count }, (_, row) => row);
  storedRows([pixels], {
    recordLength: recordLength(layout),
    rowLength: 1,
    unpack: (records, from, out, to) => out[to] = records[from + labelByte],
  }).read(rows, labels);
  return { file, pixels, labels };
}

/** Reads pixels and labels of a file. */
export async function readRecords(source: CifarFile, { layout, labelByte }: RecordOptions): Promise<Records> {
  const { file, content } = source;
  const count = countRecords(source, { layout, most: MAX_RECORDS_BYTES });
  const length = recordLength(layout);
  const pixels = new Uint8Array(count * PIXELS), labels = new Uint8Array(count);
  const record = new Uint8Array(length);
  let filled = 0, row = 0;
  for await (const piece of content()) {
    for (let at = 0; at < piece.length;) {
      const end = Math.min(piece.length, at + length - filled);
      record.set(piece.subarray(at, end), filled);
      filled += end - at;
      at = end;
      if (filled < length) break;
      if (row === count) break;
      labels[row] = record[labelByte];
      interleave(record, length - PIXELS, pixels, row * PIXELS);
      filled = 0;
      row++;
    }
  }
  if (row < count) {
    throw new DataFormatError(`the file ends after ${row} of ${count} records`, { file, byte: row * length + filled });
  }
  return { file, pixels, labels };
}

function interleave(planes: Uint8Array, from: number, out: Uint8Array, to: number): void {
  for (let i = 0, at = to; i < AREA; i++, at += CHANNELS) {
    out[at] = planes[from + i];
    out[at + 1] = planes[from + AREA + i];
    out[at + 2] = planes[from + 2 * AREA + i];
  }
}

/** How records become rows. */
export function layoutOfRows(layout: CifarLayout): RecordLayout {
  const length = recordLength(layout);
  return {
    recordLength: length,
    rowLength: PIXELS,
    unpack: (source, from, out, to) => interleave(source, from + length - PIXELS, out, to),
  };
}
