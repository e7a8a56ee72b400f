/**
 * How a table is laid out: what separates its cells, whether its first record is a header, which column is the label.
 * Detection never swallows a record of data in silence: what might be either is taken as data, and then fails as such.
 */

import { type Delimiter, parseDecimal, RecordReader } from "./records.ts";
import { DataFormatError } from "./errors.ts";

/** What the caller says about a table; whatever is left out is detected. */
export interface TableLayoutOptions {
  /** Path or name of the file, for errors; `.tsv` and `.tab` mean tab-separated. */
  file: string;
  /** What stands between two cells. */
  delimiter?: Delimiter;
  /** Whether the first record holds the names of the columns. */
  header?: boolean;
  /**
   * The label column: its name or its index, counted from 0. By default the column called label, class, target or y (in
   * any case), else the last.
   */
  label?: string | number;
}

/** The layout of a table. */
export interface TableLayout {
  /** What stands between two cells. */
  delimiter: Delimiter;
  /** Whether the first record is a header. */
  header: boolean;
  /** Name of each column, the label's included; its index as a decimal number where there is no header. */
  columns: string[];
  /** Index of the label column. */
  label: number;
}

const LABEL_NAMES = ["label", "class", "target", "y"];

/** Finds the layout from the first two records. */
export function detectLayout(bytes: Uint8Array, options: TableLayoutOptions): TableLayout {
  const { file } = options;
  const delimiter = options.delimiter ?? detectDelimiter(bytes, file);
  const reader = new RecordReader(bytes, { file, delimiter });
  if (!reader.next()) throw new DataFormatError("the table is empty, wanted at least one record", { file, row: 1 });
  const row = reader.row;
  const first = Array.from({ length: reader.cells }, (_, cell) => reader.text(cell));
  if (first.length < 2) {
    throw new DataFormatError("the record has 1 cell, wanted at least 2: a feature and a label", { file, row });
  }
  const header = options.header ?? detectHeader(bytes, { reader, first });
  const columns = header ? first : first.map((_, index) => `${index}`);
  return { delimiter, header, columns, label: findLabel({ columns, header, row }, options) };
}

/** By the file's extension, else the candidate that occurs most often in the first line, outside quotes. */
function detectDelimiter(bytes: Uint8Array, file: string): Delimiter {
  if (/\.(tsv|tab)$/i.test(file)) return "\t";
  const counts: Record<Delimiter, number> = { ",": 0, "\t": 0, ";": 0 };
  let quoted = false;
  let content = false;
  for (const byte of bytes) {
    if (byte === 0x22) quoted = !quoted;
    if (!quoted && (byte === 0x0a || byte === 0x0d)) {
      if (content) break;
      continue;
    }
    content ||= byte !== 0x20;
    if (!quoted && byte === 0x2c) counts[","]++;
    if (!quoted && byte === 0x09) counts["\t"]++;
    if (!quoted && byte === 0x3b) counts[";"]++;
  }
  if (counts["\t"] > counts[","] && counts["\t"] >= counts[";"]) return "\t";
  return counts[";"] > counts[","] ? ";" : ",";
}

/**
 * The first record is a header when no cell of it is a number, and one is a usual name of a label or the second record has
 * numbers. A name alone does not make a header: "y" and "class" may be labels of the data too.
 */
function detectHeader(bytes: Uint8Array, { reader, first }: { reader: RecordReader; first: string[] }): boolean {
  if (countNumbers(bytes, reader) > 0) return false;
  if (first.some((name) => LABEL_NAMES.includes(name.toLowerCase()))) return true;
  return reader.next() && countNumbers(bytes, reader) > 0;
}

function countNumbers(bytes: Uint8Array, { cells, starts, ends }: RecordReader): number {
  let numbers = 0;
  for (let cell = 0; cell < cells; cell++) {
    if (!Number.isNaN(parseDecimal(bytes, starts[cell], ends[cell]))) numbers++;
  }
  return numbers;
}

function findLabel(
  { columns, header, row }: { columns: string[]; header: boolean; row: number },
  { file, label }: TableLayoutOptions,
): number {
  if (label === undefined) {
    const usual = columns.findIndex((name) => LABEL_NAMES.includes(name.toLowerCase()));
    return usual >= 0 ? usual : columns.length - 1;
  }
  if (typeof label === "string") {
    const index = columns.indexOf(label);
    if (index >= 0 && columns.indexOf(label, index + 1) >= 0) {
      throw new DataFormatError(`two columns are called ${JSON.stringify(label)}, wanted one as the label`, {
        file,
        row,
      });
    }
    if (index >= 0) return index;
    if (!/^\d+$/.test(label)) {
      const found = header ? `the columns are ${shorten(columns)}` : "the table has no header";
      throw new DataFormatError(`no column is called ${JSON.stringify(label)}: ${found}`, { file, row });
    }
  }
  const index = Number(label);
  if (!Number.isInteger(index) || index < 0 || index >= columns.length) {
    throw new DataFormatError(`label column ${label} does not exist, wanted 0...${columns.length - 1}`, { file, row });
  }
  return index;
}

function shorten(columns: readonly string[]): string {
  const shown = columns.slice(0, 10).map((name) => JSON.stringify(name)).join(", ");
  return columns.length > 10 ? `${shown} and ${columns.length - 10} more` : shown;
}
