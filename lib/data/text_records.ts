/**
 * The forms in which people keep labelled texts: JSON lines, tables with a text and a label column, and TREC's question files. Each reader gives one text and
 * one label a row, or says which row is wrong and why.
 */

import { splitLines } from "./decode_text.ts";
import { DataFormatError } from "./errors.ts";
import { RecordReader } from "./records.ts";

/** Settings of the readers. */
export interface TextRecordOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** Field or column of the text; otherwise one of the usual names, then the first that is not the label. A number counts columns from 0. */
  textField?: string;
  /** Field or column of the label; otherwise one of the usual names. For TREC `coarse` (the default) or `fine`. */
  labelField?: string;
  /** Whether the first record of a table is a header; by default told from its names. */
  header?: boolean;
}

/** Texts and their labels, row by row. */
export interface TextRecords {
  texts: string[];
  labels: string[];
}

const TEXT_NAMES = ["text", "sentence", "message", "utterance", "question", "content", "query"];
const LABEL_NAMES = ["label", "class", "target", "intent", "category", "y"];

/** Reads JSON lines: an object a line; blank lines are skipped. Labels are strings, numbers or booleans. */
export function readJsonLines(content: string, options: TextRecordOptions): TextRecords {
  const texts: string[] = [], labels: string[] = [];
  splitLines(content).forEach((line, index) => {
    if (line.trim() === "") return;
    const { text, label } = readJsonLine(line, index + 1, options);
    texts.push(text);
    labels.push(label);
  });
  return { texts, labels };
}

/** Reads one of {@linkcode readJsonLines} by its number from 1. */
export function readJsonLine(line: string, row: number, options: TextRecordOptions): { text: string; label: string } {
  const where = { file: options.file, row };
  const record = parseObject(line, where);
  const names = Object.keys(record);
  const textField = options.textField ?? findName(names, TEXT_NAMES) ?? "text";
  const labelField = options.labelField ?? findName(names, LABEL_NAMES) ?? "label";
  const [text, label] = [textField, labelField].map((field) =>
    Object.hasOwn(record, field) ? record[field] : undefined
  );
  if (typeof text !== "string") {
    throw new DataFormatError(
      `field ${JSON.stringify(textField)} ${describe(text)}, wanted a text as a string (fields: ${shown(names)})`,
      where,
    );
  }
  if (!["string", "number", "boolean"].includes(typeof label) || label === "") {
    throw new DataFormatError(
      `field ${JSON.stringify(labelField)} ${describe(label)}, wanted a label (fields: ${shown(names)})`,
      where,
    );
  }
  return { text, label: String(label) };
}

/** Whether a text looks like TREC's question classification files: `COARSE:fine question`. */
export function isTrec(content: string): boolean {
  const lines = splitLines(content.slice(0, 4096)).slice(0, 5);
  return lines.length > 0 && lines.every((line) => TREC_LINE.test(line));
}

const TREC_LINE = /^([A-Z]+):([a-z]+) (.*)$/;

/** Reads TREC's question files (Li and Roth 2002). */
export function readTrec(content: string, { file, labelField = "coarse" }: TextRecordOptions): TextRecords {
  if (labelField !== "coarse" && labelField !== "fine") {
    throw new DataFormatError(`the label ${JSON.stringify(labelField)}: wanted "coarse" or "fine"`, { file });
  }
  const texts: string[] = [], labels: string[] = [];
  splitLines(content).forEach((line, index) => {
    if (line.trim() === "") return;
    const match = line.match(TREC_LINE);
    if (match === null) {
      throw new DataFormatError(`found ${JSON.stringify(line.slice(0, 40))}, wanted COARSE:fine and a question`, {
        file,
        row: index + 1,
      });
    }
    labels.push(labelField === "coarse" ? match[1] : `${match[1]}:${match[2]}`);
    texts.push(match[3]);
  });
  return { texts, labels };
}

/**
 * Reads a table with a text and a label column. Tabs separate cells as they are, quotes included, as the collections that people share do; commas and semicolons
 * follow RFC 4180. Without a header a table must have two columns; the label is the one with fewer different values, the first on a tie.
 */
export function readTextTable(content: string, options: TextRecordOptions): TextRecords {
  const rows = readCells(content, options.file);
  if (rows.length === 0) {
    throw new DataFormatError("the table is empty, wanted at least one record", { file: options.file, row: 1 });
  }
  const width = rows[0].cells.length;
  const wrong = rows.find(({ cells }) => cells.length !== width);
  if (width < 2 || wrong !== undefined) {
    const { cells, row } = wrong ?? rows[0];
    const wanted = width < 2 ? "at least 2: a text and a label" : `${width} as in the first`;
    throw new DataFormatError(`the record has ${cells.length} cells, wanted ${wanted}`, { file: options.file, row });
  }
  const first = rows[0].cells;
  const header = options.header ??
    (findName(first, LABEL_NAMES) !== undefined &&
      (findName(first, TEXT_NAMES) !== undefined || options.textField !== undefined));
  const body = header ? rows.slice(1) : rows;
  const { text, label } = findColumns(header ? first : undefined, { rows: body, width, options });
  const empty = body.find(({ cells }) => cells[label] === "");
  if (empty !== undefined) throw new DataFormatError("the label is empty", { file: options.file, row: empty.row });
  return { texts: body.map(({ cells }) => cells[text]), labels: body.map(({ cells }) => cells[label]) };
}

interface Row {
  cells: string[];
  row: number;
}

function readCells(content: string, file: string): Row[] {
  const firstLine = (content.match(/[^\r\n]+/)?.[0] ?? "").replaceAll(/"[^"]*"/g, "");
  if (firstLine.includes("\t") || /\.(tsv|tab)$/i.test(file)) {
    return splitLines(content).flatMap((line, index) =>
      line === "" ? [] : [{ cells: line.split("\t"), row: index + 1 }]
    );
  }
  const delimiter = firstLine.split(";").length > firstLine.split(",").length ? ";" : ",";
  const reader = new RecordReader(new TextEncoder().encode(content), { file, delimiter });
  const rows: Row[] = [];
  while (reader.next()) {
    rows.push({ cells: Array.from({ length: reader.cells }, (_, cell) => reader.text(cell)), row: reader.row });
  }
  return rows;
}

function findColumns(
  names: string[] | undefined,
  { rows, width, options }: { rows: Row[]; width: number; options: TextRecordOptions },
): { text: number; label: number } {
  const { file } = options;
  const column = (field: string | undefined, usual: readonly string[], what: string): number | undefined => {
    if (field === undefined) {
      const name = names && findName(names, usual);
      return name === undefined ? undefined : names!.indexOf(name);
    }
    const index = names !== undefined && names.includes(field)
      ? names.indexOf(field)
      : /^\d+$/.test(field)
      ? Number(field)
      : -1;
    if (index >= 0 && index < width) return index;
    const found = names === undefined ? `${width} columns without a header` : `the columns ${shown(names)}`;
    throw new DataFormatError(`the ${what} column ${JSON.stringify(field)} is not there: found ${found}`, {
      file,
      row: 1,
    });
  };
  let text = column(options.textField, TEXT_NAMES, "text"), label = column(options.labelField, LABEL_NAMES, "label");
  if (text === undefined && label === undefined) {
    if (width !== 2) {
      throw new DataFormatError(
        `${width} columns without usual names, wanted to be told which is the text and which the label`,
        {
          file,
          row: 1,
        },
      );
    }
    const distinct = [0, 1].map((index) => new Set(rows.map(({ cells }) => cells[index])).size);
    label = distinct[1] < distinct[0] ? 1 : 0;
  }
  text ??= label === 0 ? 1 : 0;
  label ??= text === width - 1 ? 0 : width - 1;
  if (text === label) throw new DataFormatError(`column ${text} is both text and label`, { file, row: 1 });
  return { text, label };
}

function findName(names: readonly string[], usual: readonly string[]): string | undefined {
  for (const wanted of usual) {
    const name = names.find((name) => name.trim().toLowerCase() === wanted);
    if (name !== undefined) return name;
  }
  return undefined;
}

function parseObject(line: string, where: { file: string; row: number }): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DataFormatError(`no JSON: ${cause instanceof Error ? cause.message : cause}`, { ...where, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DataFormatError(`found ${JSON.stringify(value).slice(0, 40)}, wanted an object`, where);
}

function describe(value: unknown): string {
  return value === undefined ? "is missing" : `is ${JSON.stringify(value).slice(0, 40)}`;
}

function shown(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.slice(0, 10).map((name) => JSON.stringify(name)).join(", ");
}
