/**
 * Rows that are mostly zero, as text: SVMlight's form (`LABEL INDEX:VALUE INDEX:VALUE ... # COMMENT`), with or without labels, or only the indices of features
 * that are 1. Column i holds feature i: a file that counts from 1 leaves column 0 empty.
 *
 * @module
 */

import { MAX_FEATURES } from "../projection/mod.ts";
import { decodeText, splitLines } from "./decode_text.ts";
import { DataFormatError } from "./errors.ts";

/** Settings of {@linkcode parseSparse}. */
export interface SparseOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** Number of columns, such as that of the training data; one more than the largest index when left out. */
  columns?: number;
}

/** What a sparse file holds. */
export interface SparseRows {
  /** Number of rows. */
  count: number;
  /** Number of columns. */
  featureLength: number;
  /** Row-major, `count x featureLength`. Bytes where every value is an integer in 0...255, float32 otherwise. */
  features: Uint8Array | Float32Array;
  /** The label of each row; undefined in a file without. */
  labels: string[] | undefined;
  /** Rows of the file, counted from 1, in which no feature is named. */
  empty: number[];
}

/** Most values of a matrix in memory: 2^24 whatever the file, and 1000 for each of its bytes, so that a small file cannot fill the memory. */
const limits = { fixed: 2 ** 24, perByte: 1000, most: 2 ** 31 - 1 };

/** Reads sparse rows. In a file without labels a line without text is a row without features. */
export function parseSparse(bytes: Uint8Array, { file, columns }: SparseOptions): SparseRows {
  const lines = splitLines(decodeText(bytes, { file })).map((line) => line.replace(/(?<=.)#.*/s, "").trim());
  const hasValues = lines.some((line) => line.includes(":"));
  const first = lines.find((line) => line !== "" && !line.startsWith("#"));
  if (first === undefined) throw new DataFormatError("holds no row, wanted at least one", { file });
  const isLabelled = hasValues && !first.split(/\s/, 1)[0].includes(":");
  const labels: string[] | undefined = isLabelled ? [] : undefined;
  const indices: number[] = [], values: number[] = [], ends: number[] = [], empty: number[] = [];
  let length = columns ?? 0, integers = true;
  lines.forEach((line, i) => {
    const refuse = (problem: string): DataFormatError => new DataFormatError(problem, { file, row: i + 1 });
    if (line.startsWith("#") || (line === "" && isLabelled)) return;
    const tokens = line === "" ? [] : line.split(/\s+/);
    if (labels !== undefined) {
      if (tokens[0].includes(":")) throw refuse(`begins with ${JSON.stringify(tokens[0])}, wanted a label as above`);
      labels.push(tokens.shift() as string);
    }
    const start = indices.length;
    for (const token of tokens) {
      if (token.startsWith("qid:")) continue;
      const match = (hasValues ? /^(\d+):(\S+)$/ : /^(\d+)$/).exec(token);
      if (match === null) {
        throw refuse(`holds ${JSON.stringify(token.slice(0, 40))}, wanted ${hasValues ? "INDEX:VALUE" : "an index"}`);
      }
      const index = Number(match[1]), value = match[2] === undefined ? 1 : Number(match[2]);
      if (index >= (columns ?? MAX_FEATURES)) {
        throw refuse(`names feature ${match[1]}, wanted one below ${columns ?? MAX_FEATURES}`);
      }
      if (!Number.isFinite(Math.fround(value))) {
        throw refuse(`feature ${index} is ${JSON.stringify(match[2])}, wanted a number in the range of float32`);
      }
      integers &&= value >= 0 && value <= 255 && Math.floor(value) === value;
      length = Math.max(length, index + 1);
      indices.push(index);
      values.push(value);
    }
    if (new Set(indices.slice(start)).size < indices.length - start) {
      throw refuse("names a feature twice, wanted each once");
    }
    if (indices.length === start) empty.push(i + 1);
    ends.push(indices.length);
  });
  if (length === 0) throw new DataFormatError("names no feature, wanted at least one", { file });
  const most = Math.min(limits.most, limits.fixed + limits.perByte * bytes.length);
  if (ends.length * length > most) {
    throw new DataFormatError(
      `has ${ends.length} rows of ${length} features in ${bytes.length} bytes, wanted at most ${most} values as a matrix`,
      { file },
    );
  }
  const features = integers ? new Uint8Array(ends.length * length) : new Float32Array(ends.length * length);
  ends.forEach((end, row) => {
    for (let at = row === 0 ? 0 : ends[row - 1]; at < end; at++) features[row * length + indices[at]] = values[at];
  });
  return { count: ends.length, featureLength: length, features, labels, empty };
}
