/**
 * What every loader returns: one matrix of features and one class number a row. Pixels and small integers stay bytes, so
 * that a set of images takes one byte a pixel and projections of it can be computed exactly.
 */

import type { ImageInput } from "../packed/mod.ts";

/** Rows are records of a table. */
export interface TableColumns {
  /** Tells a table from an image. */
  kind: "table";
  /** Names of the feature columns, in order; in a table without header each column's index in the file, counted from 0. */
  columns: string[];
}

/** A labelled data set in memory. */
export interface Dataset {
  /** Name of the known set, or of the file or folder it was read from. */
  name: string;
  /** What a row of features means. */
  input: ImageInput | TableColumns;
  /** Number of rows. */
  count: number;
  /** Features in each row. */
  featureLength: number;
  /** Row-major, `count x featureLength`. Bytes where every value is an integer in 0...255, float32 otherwise. */
  features: Uint8Array | Float32Array;
  /** The class of each row, an index into `labelNames`; `count` long. */
  labels: Uint16Array;
  /** The name of each class. */
  labelNames: string[];
  /** Which part of the source it is; left out where a source is one part. */
  split?: "train" | "test";
  /** The file of each row, within the source, where each has its own. */
  files?: readonly string[];
  /** Which label was read, where the source has several for a row that `label` selects. */
  labelField?: string;
}

/** Rows of bytes that stay where they are and are read when they are asked for, in memory that does not grow with their number. */
export interface StoredRows {
  /**
   * Reads some rows.
   *
   * @param rows their numbers, in any order
   * @param out [rows x featureLength] receives them, in that order
   * @throws {DataFormatError} naming file and row, when the file is no longer what it was when it was opened
   */
  read(rows: ArrayLike<number>, out: Uint8Array): void;
}

/** A labelled set of images that stays in its files, for sets that are larger than memory. */
export interface StoredDataset extends Omit<Dataset, "features" | "input"> {
  /** Layout of an image. */
  input: ImageInput;
  /** `count x featureLength` pixels. */
  features: StoredRows;
}

/** How many classes a set can have: labels are stored as uint16. */
export const MAX_CLASSES = 65536;
