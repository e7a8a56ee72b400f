/**
 * The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): 32x32 colour images as records of one or two label bytes and 3,072 pixels, channel by
 * channel. Read from the official archive as a stream, from a folder of its files, or from one of them.
 */

import {
  type CifarFile,
  type CifarLayout,
  IMAGE,
  layoutOfRows,
  LAYOUTS,
  PIXELS,
  readLabels,
  readRecords,
  recordLength,
  type Records,
} from "./cifar_records.ts";
import { DataFormatError, DatasetNotFoundError } from "./errors.ts";
import type { Dataset, StoredDataset } from "./dataset.ts";
import { decodeText, splitLines } from "./decode_text.ts";
import { isGzip, MAX_EXPANSION } from "./gzip.ts";
import { isAbsence } from "./known_file.ts";
import { type ClassNumberOptions, numberClasses } from "./labels.ts";
import { type RecordFile, stampOf, storedRows } from "./stored_rows.ts";
import { readTar } from "./tar.ts";

/** Bytes that a list of class names has at most. */
const MAX_NAMES_BYTES = 1 << 16;

/** Settings of {@link openCifar}. */
export interface CifarOptions extends Pick<ClassNumberOptions, "labelNames"> {
  /** Which part is wanted. A single file is one part whatever is asked for. */
  split: "train" | "test";
  /** For CIFAR-100: which of its two labels, `fine` (100 classes, the default) or `coarse` (20). */
  label?: string | number;
  /** Bytes of records above which they stay in their files, if those are no archive; none do when left out. */
  loadLimit?: number;
}

/** Whether a path's name says that it is a tar archive, or a file of records. */
export function isCifarPath(path: string): boolean {
  return /\.(tar|tgz|tar\.gz|bin)$/i.test(path);
}

/** Whether a folder has one of the files of records. */
export async function isCifarFolder(folder: string): Promise<boolean> {
  const names = LAYOUTS.flatMap(({ train, test }) => [...train, ...test]);
  return (await Promise.all(names.map((name) => sizeOf(`${folder}/${name}`)))).some((size) => size !== undefined);
}

/**
 * Reads a split of CIFAR-10 or CIFAR-100 from the official archive (`cifar-100-binary.tar.gz`, compressed or not), from a folder of its unpacked files, or
 * from a single file of records. Classes have the names that stand in the archive's or folder's text files, otherwise numbers.
 *
 * @throws {DataFormatError} naming file and byte, when archive or records are damaged
 * @throws {DatasetNotFoundError} when there are no records of the split
 */
export async function openCifar(path: string, options: CifarOptions): Promise<Dataset | StoredDataset> {
  const { isDirectory, size } = await Deno.stat(path);
  const { loadLimit = Infinity } = options;
  if (isDirectory) {
    const names = LAYOUTS.flatMap((layout) => layout[options.split]);
    const sizes = await Promise.all(names.map((name) => sizeOf(`${path}/${name}`)));
    const stays = sizes.reduce<number>((sum, size = 0) => sum + size, 0) > loadLimit;
    return await readSplit(path, { files: folderFiles(path), stays, options });
  }
  if (/\.bin$/i.test(path)) return await readSingle(path, { ...options, stays: size > loadLimit });
  return await readSplit(path, { files: archiveFiles(path), stays: false, options });
}

async function* archiveFiles(path: string): AsyncGenerator<CifarFile> {
  const archive = await Deno.open(path);
  const { size } = await archive.stat();
  const head = new Uint8Array(2);
  await archive.read(head);
  await archive.seek(0, Deno.SeekMode.Start);
  const compressed = isGzip(head);
  const stream = compressed ? archive.readable.pipeThrough(new DecompressionStream("gzip")) : archive.readable;
  const seen = new Set<string>();
  for await (const entry of readTar(stream, { file: path })) {
    const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
    const file = `${path}/${entry.path}`;
    if (seen.has(name)) throw new DataFormatError(`the archive holds ${name} twice, wanted it once`, { file });
    seen.add(name);
    if (entry.size > size * (compressed ? MAX_EXPANSION : 1)) {
      throw new DataFormatError(`the archive announces ${entry.size} bytes, more than its ${size} bytes can hold`, {
        file,
      });
    }
    yield { ...entry, name, file };
  }
}

async function* folderFiles(folder: string): AsyncGenerator<CifarFile> {
  for (const name of LAYOUTS.flatMap(({ names, train, test }) => [...names, ...train, ...test])) {
    const file = await plainFile(`${folder}/${name}`);
    if (file !== undefined) yield file;
  }
}

async function plainFile(path: string): Promise<CifarFile | undefined> {
  const info = await infoOf(path);
  if (info === undefined) return undefined;
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return {
    file: path,
    name,
    size: info.size,
    async *content() {
      yield* (await Deno.open(path)).readable;
    },
    stamp: stampOf(info),
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await infoOf(path))?.size;
}

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    const info = await Deno.stat(path);
    return info.isFile ? info : undefined;
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return undefined;
  }
}

interface SplitSource {
  files: AsyncIterable<CifarFile>;
  /** Whether the pixels stay in the files. */
  stays: boolean;
  options: CifarOptions;
}

async function readSplit(path: string, { files, stays, options }: SplitSource): Promise<Dataset | StoredDataset> {
  const { split } = options;
  const names = new Map<string, string[]>(), records = new Map<string, Records>();
  let layout: CifarLayout | undefined;
  for await (const file of files) {
    const named = LAYOUTS.find((candidate) => candidate.names.includes(file.name));
    if (named !== undefined) names.set(file.name, await readNames(file));
    const found = LAYOUTS.find((candidate) => candidate[split].includes(file.name));
    if (found === undefined) continue;
    if (layout !== undefined && layout !== found) {
      throw new DataFormatError(`${path} holds files of ${layout.title} too, wanted one set`, { file: file.file });
    }
    layout = found;
    const labelByte = labelByteOf(layout, { path, options });
    records.set(file.name, await (stays ? readLabels : readRecords)(file, { layout, labelByte }));
  }
  if (layout === undefined) {
    const wanted = LAYOUTS.map(({ title, [split]: [first] }) => `${first} of ${title}`).join(" or ");
    throw new DatasetNotFoundError(path, `holds no CIFAR records of the ${split} split: wanted ${wanted}`);
  }
  const missing = layout[split].find((name) => !records.has(name));
  if (missing !== undefined) {
    throw new DatasetNotFoundError(
      path,
      `holds a part of the ${split} split of ${layout.title}: ${missing} is missing`,
    );
  }
  const parts = layout[split].map((name) => records.get(name)!);
  const labelByte = labelByteOf(layout, { path, options });
  return {
    ...makeDataset(path, { parts, layout, labelByte, options, names: names.get(layout.names[labelByte]) }),
    split,
  };
}

async function readSingle(
  path: string,
  { stays, ...options }: CifarOptions & { stays: boolean },
): Promise<Dataset | StoredDataset> {
  const file = (await plainFile(path))!;
  const layout = layoutOf(file);
  const labelByte = labelByteOf(layout, { path, options });
  const folder = path.slice(0, path.length - file.name.length);
  const beside = await plainFile(`${folder}${layout.names[labelByte]}`);
  const names = beside === undefined ? undefined : await readNames(beside);
  return makeDataset(path, {
    parts: [await (stays ? readLabels : readRecords)(file, { layout, labelByte })],
    layout,
    labelByte,
    options,
    names,
  });
}

/** The set that a single file belongs to: by its official name, otherwise by its size. */
function layoutOf({ file, name, size }: CifarFile): CifarLayout {
  const official = LAYOUTS.find(({ train, test }) => [...train, ...test].includes(name));
  if (official !== undefined) return official;
  const fitting = LAYOUTS.filter((layout) => size % recordLength(layout) === 0);
  if (fitting.length === 1) return fitting[0];
  const wanted = LAYOUTS.map((layout) => `${recordLength(layout)} (${layout.title})`).join(" or ");
  throw new DataFormatError(
    `the file has ${size} bytes, wanted a multiple of ${fitting.length > 1 ? "only one of " : ""}${wanted}` +
      (fitting.length > 1 ? ", or an official name" : ""),
    { file },
  );
}

function labelByteOf(layout: CifarLayout, { path, options }: { path: string; options: CifarOptions }): number {
  const { label } = options;
  if (label === undefined || layout.fields.length === 0) return layout.usual;
  const index = layout.fields.indexOf(`${label}`);
  if (index >= 0) return index;
  const wanted = layout.fields.map((field) => JSON.stringify(field)).join(" or ");
  throw new DataFormatError(`the label ${JSON.stringify(label)} of ${layout.title}: wanted ${wanted}`, { file: path });
}

async function readNames({ file, size, content }: CifarFile): Promise<string[]> {
  if (size > MAX_NAMES_BYTES) {
    throw new DataFormatError(`the names have ${size} bytes, wanted at most ${MAX_NAMES_BYTES}`, { file });
  }
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const piece of content()) {
    bytes.set(piece, length);
    length += piece.length;
  }
  const names = splitLines(decodeText(bytes, { file })).map((line) => line.trim());
  while (names.at(-1) === "") names.pop();
  const wrong = names.findIndex((name, i) => name === "" || names.indexOf(name) < i);
  if (wrong >= 0) {
    const problem = names[wrong] === "" ? "an empty line" : `${JSON.stringify(names[wrong])} again`;
    throw new DataFormatError(`found ${problem}, wanted the name of another class`, { file, row: wrong + 1 });
  }
  return names;
}

interface Found {
  parts: readonly Records[];
  layout: CifarLayout;
  labelByte: number;
  /** The names of the classes, when they are known. */
  names: string[] | undefined;
  options: CifarOptions;
}

function makeDataset(path: string, { parts, layout, labelByte, names, options }: Found): Dataset | StoredDataset {
  const classes = names?.length ?? layout.classes[labelByte];
  for (const { file, labels } of parts) {
    const row = labels.findIndex((label) => label >= classes);
    if (row < 0) continue;
    throw new DataFormatError(
      `the label of image ${row} is ${labels[row]}, wanted a class number in 0...${classes - 1}`,
      {
        file,
        byte: row * recordLength(layout) + labelByte,
      },
    );
  }
  const numbers = join(parts.map(({ labels }) => labels));
  const { labels, labelNames } = numberClasses(numbers, { classNames: names, labelNames: options.labelNames });
  const facts = {
    name: path,
    input: IMAGE,
    count: labels.length,
    featureLength: PIXELS,
    labels,
    labelNames,
    ...(layout.fields.length > 0 ? { labelField: layout.fields[labelByte] } : {}),
  };
  const loaded: Uint8Array[] = [], stored: RecordFile[] = [];
  for (const { pixels } of parts) pixels instanceof Uint8Array ? loaded.push(pixels) : stored.push(pixels);
  return stored.length === 0
    ? { ...facts, features: join(loaded) }
    : { ...facts, features: storedRows(stored, layoutOfRows(layout)) };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
