/**
 * CSV and TSV tables: numeric features and one label column. The bytes are read in one pass; features stay bytes as long as
 * every value is an integer in 0...255 and become float32 at the first that is not.
 */

import { type Dataset, MAX_CLASSES } from "./dataset.ts";
import { countLines, parseDecimal, RecordReader } from "./records.ts";
import { DataFormatError } from "./errors.ts";
import { orderLabels } from "./labels.ts";
import { detectLayout, type TableLayout, type TableLayoutOptions } from "./table_layout.ts";

/** Settings of {@link parseTable}. */
export interface TableOptions extends TableLayoutOptions {
  /** Class names of a trained model: they keep their places, labels it does not know are appended. */
  labelNames?: readonly string[];
  /** Name of the data set; by default that of the file. */
  name?: string;
}

/** What `parseTable` of on_demand.ts runs. */
export function parseTable(bytes: Uint8Array, options: TableOptions): Dataset {
  const { file } = options;
  checkText(bytes, file);
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  const layout = detectLayout(text, options);
  const { features, classes, found } = readRows(text, { ...layout, file });
  const { labelNames, positions } = orderLabels(found, options.labelNames);
  if (labelNames.length > MAX_CLASSES) throw tooManyClasses(layout, { file });
  return {
    name: options.name ?? file,
    input: { kind: "table", columns: layout.columns.filter((_, index) => index !== layout.label) },
    count: classes.length,
    featureLength: layout.columns.length - 1,
    features,
    labels: classes.map((index) => positions[index]),
    labelNames,
  };
}

/** What `loadTable` of on_demand.ts runs. */
export async function loadTable(path: string, options: Omit<TableOptions, "file"> = {}): Promise<Dataset> {
  return parseTable(await Deno.readFile(path), { ...options, file: path });
}

interface Rows {
  features: Uint8Array | Float32Array;
  /** For each row the index of its label in `found`. */
  classes: Uint16Array;
  /** The distinct labels in the order of their first appearance. */
  found: string[];
}

function readRows(bytes: Uint8Array, layout: TableLayout & { file: string }): Rows {
  const { file, columns, label } = layout;
  const reader = new RecordReader(bytes, layout);
  if (layout.header) reader.next();
  const lines = countLines(bytes);
  // A cell takes at least one byte and its separator, whatever the number of lines promises.
  const capacity = Math.min(lines * (columns.length - 1), (bytes.length + 1) >> 1);
  let features: Uint8Array | Float32Array = new Uint8Array(capacity);
  let integers = true;
  let length = 0;
  const classes = new Uint16Array(lines);
  let count = 0;
  const indices = new Map<string, number>();
  while (reader.next()) {
    if (reader.cells !== columns.length) {
      throw new DataFormatError(`the number of cells is ${reader.cells}, wanted ${columns.length}`, {
        file,
        row: reader.row,
      });
    }
    for (let cell = 0; cell < reader.cells; cell++) {
      if (cell === label) continue;
      const value = parseDecimal(bytes, reader.starts[cell], reader.ends[cell]);
      if (integers && !(value >= 0 && value <= 255 && Math.floor(value) === value)) {
        checkNumber(value, { reader, cell, layout });
        features = new Float32Array(features);
        integers = false;
      } else if (!integers && !Number.isFinite(Math.fround(value))) {
        checkNumber(value, { reader, cell, layout });
      }
      features[length++] = value;
    }
    const name = reader.text(label);
    if (name === "") {
      throw new DataFormatError(`the label (${describe(layout, label)}) is empty`, { file, row: reader.row });
    }
    let index = indices.get(name);
    if (index === undefined) {
      index = indices.size;
      if (index === MAX_CLASSES) throw tooManyClasses(layout, { file, row: reader.row });
      indices.set(name, index);
    }
    classes[count++] = index;
  }
  if (count === 0) throw new DataFormatError("no record follows the header, wanted at least one", { file, row: 2 });
  return {
    features: length === capacity ? features : features.slice(0, length),
    classes: classes.slice(0, count),
    found: [...indices.keys()],
  };
}

function checkNumber(
  value: number,
  { reader, cell, layout }: { reader: RecordReader; cell: number; layout: TableLayout & { file: string } },
): void {
  if (Number.isFinite(Math.fround(value))) return;
  const text = reader.text(cell);
  const found = text === "" ? "is empty" : `holds ${JSON.stringify(text.slice(0, 40))}`;
  const wanted = Number.isNaN(value) ? "a number" : "a number in the range of float32";
  const hint = reader.row === 1 && !layout.header && text !== "" ? "; if this is a header, say so" : "";
  throw new DataFormatError(`${describe(layout, cell)} ${found}, wanted ${wanted}${hint}`, {
    file: layout.file,
    row: reader.row,
  });
}

function describe({ header, columns }: TableLayout, cell: number): string {
  return header ? `column ${JSON.stringify(columns[cell])}` : `column ${cell}`;
}

function tooManyClasses(layout: TableLayout, where: { file: string; row?: number }): DataFormatError {
  const problem = `${describe(layout, layout.label)} has more than ${MAX_CLASSES} different labels; is it the label?`;
  return new DataFormatError(problem, where);
}

function checkText(bytes: Uint8Array, file: string): void {
  if (bytes.length >= 2 ** 31) {
    throw new DataFormatError(`the table has ${bytes.length} bytes, wanted fewer than 2^31`, { file });
  }
  const zero = bytes.subarray(0, 1024).indexOf(0);
  const marked = bytes.length >= 2 && (bytes[0] ^ bytes[1]) === 1 && Math.min(bytes[0], bytes[1]) === 0xfe;
  if (zero < 0 && !marked) return;
  const found = marked ? "UTF-16" : `a zero byte at ${zero}: a binary file, compressed perhaps`;
  throw new DataFormatError(`found ${found}, wanted a table as UTF-8 text`, { file, row: 1 });
}
