/**
 * Opening labelled texts: a file of JSON lines, a table, TREC's or the SMS collection's own form, or a folder with one text file, or one folder of text
 * files, a class.
 */

import { decodeText, isMarked, isUtf8, splitLines, type TextEncoding } from "./decode_text.ts";
import { DatasetNotFoundError } from "./errors.ts";
import { isAbsence } from "./known_file.ts";
import { readAt, stampOf } from "./stored_rows.ts";
import { openJsonLines } from "./stored_texts.ts";
import { makeTextDataset, type StoredTextDataset, type TextDataset } from "./text_dataset.ts";
import {
  isTrec,
  readJsonLines,
  readTextTable,
  readTrec,
  type TextRecordOptions,
  type TextRecords,
} from "./text_records.ts";

/** Settings of {@linkcode loadTexts}. */
export interface TextOptions extends Omit<TextRecordOptions, "file"> {
  /** The encoding of files that are neither UTF-8 nor marked. */
  encoding?: TextEncoding;
  /** Class names of a trained model: they keep their places, labels it does not know are appended. */
  labelNames?: readonly string[];
  /**
   * Bytes above which a file of JSON lines in UTF-8 stays where it is and texts are read when they are asked for; {@linkcode loadTexts} then gives a
   * {@linkcode StoredTextDataset}. All files are loaded when left out, and those of other forms in any case.
   */
  loadLimit?: number;
}

/** Settings of {@linkcode parseTexts}. */
export interface ParseTextOptions extends Omit<TextOptions, "loadLimit"> {
  /** Path or name of the file, for errors and for its extension. */
  file: string;
}

/** What `parseTexts` of on_demand.ts runs. */
export function parseTexts(bytes: Uint8Array, options: ParseTextOptions): TextDataset {
  const { file, labelNames } = options;
  // TREC's files tell by their first characters, which are ASCII.
  const trec = isTrec(new TextDecoder("windows-1252").decode(bytes.subarray(isMarked(bytes) ? 3 : 0, 4096)));
  const encoding = options.encoding ?? (trec && !isUtf8(bytes) ? "latin1" : undefined);
  const content = decodeText(bytes, { file, encoding });
  return makeTextDataset({ file, ...readRecords(content, { trec, options }), labelNames });
}

function readRecords(content: string, { trec, options }: { trec: boolean; options: ParseTextOptions }): TextRecords {
  if (trec) return readTrec(content, options);
  return isJsonLines(content, options.file) ? readJsonLines(content, options) : readTextTable(content, options);
}

function isJsonLines(content: string, file: string): boolean {
  return /\.(jsonl|ndjson)$/i.test(file) || content.trimStart().startsWith("{");
}

/** What `loadTexts` of on_demand.ts runs. */
export async function loadTexts(path: string, options?: TextOptions & { loadLimit?: undefined }): Promise<TextDataset>;
export async function loadTexts(path: string, options: TextOptions): Promise<TextDataset | StoredTextDataset>;
export async function loadTexts(path: string, options: TextOptions = {}): Promise<TextDataset | StoredTextDataset> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    throw new DatasetNotFoundError(path, "is no file or folder of texts");
  }
  if (info.isDirectory) return await loadFolder(path, options);
  const { loadLimit = Infinity, ...rest } = options;
  if (info.size > loadLimit && await isStorable(path, options)) {
    return openJsonLines({ ...rest, file: path, stamp: stampOf(info) });
  }
  return parseTexts(await Deno.readFile(path), { ...rest, file: path });
}

/** Whether a file is one of JSON lines, in UTF-8 as far as its first bytes tell. */
async function isStorable(path: string, { encoding = "utf-8" }: TextOptions): Promise<boolean> {
  using opened = await Deno.open(path);
  const head = new Uint8Array(4096), start = head.subarray(0, readAt(opened, 0, head));
  const isUtf16 = start.length >= 2 && (start[0] ^ start[1]) === 1 && Math.min(start[0], start[1]) === 0xfe;
  return encoding === "utf-8" && !isUtf16 && isJsonLines(new TextDecoder().decode(start), path);
}

async function loadFolder(folder: string, { encoding, labelNames }: TextOptions): Promise<TextDataset> {
  const texts: string[] = [], labels: string[] = [];
  const read = async (file: string): Promise<string> => decodeText(await Deno.readFile(file), { file, encoding });
  for (const { name, isDirectory } of await entriesOf(folder)) {
    if (isDirectory) {
      for (const entry of await entriesOf(`${folder}/${name}`)) {
        if (entry.isDirectory) continue;
        texts.push(await read(`${folder}/${name}/${entry.name}`));
        labels.push(name);
      }
    } else if (/\.txt$/i.test(name)) {
      for (const line of splitLines(await read(`${folder}/${name}`))) {
        if (line.trim() === "") continue;
        texts.push(line);
        labels.push(name.slice(0, -4));
      }
    }
  }
  if (texts.length === 0) {
    throw new DatasetNotFoundError(
      folder,
      "is a folder without texts: wanted CLASS.txt with a text a line, or CLASS/ with a text a file",
    );
  }
  return makeTextDataset({ file: folder, texts, labels, labelNames });
}

/** The visible entries of a folder by name, so that the order does not depend on the file system. */
async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => a.name < b.name ? -1 : 1);
}
