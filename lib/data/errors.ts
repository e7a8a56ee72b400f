/**
 * The typed errors of the data room. Each message says where the trouble stands, what was found and what was wanted.
 */

/** Where in a data file something was wrong. */
export interface DataLocation {
  /** Path or name of the file. */
  file: string;
  /** Line of a text file at which the record starts, counted from 1. */
  row?: number;
  /** Offset into the (uncompressed) bytes of a binary file, counted from 0. */
  byte?: number;
  /** The lower-level error that led to this one. */
  cause?: unknown;
}

/** A data file does not hold what its format, its checksum or its partner file demands. */
export class DataFormatError extends Error {
  /** Always `"DataFormatError"`. */
  override readonly name: string = "DataFormatError";
  /** Path or name of the file. */
  readonly file: string;
  /** Line of a text file at which the record starts, counted from 1; undefined for binary files. */
  readonly row?: number;
  /** Offset into the (uncompressed) bytes of a binary file, counted from 0; undefined for text files. */
  readonly byte?: number;

  /** Builds the message `FILE, row N: PROBLEM` (or `byte N`) from what was found and wanted, and where. */
  constructor(problem: string, where: DataLocation) {
    const place = where.row !== undefined
      ? `, row ${where.row}`
      : where.byte !== undefined
      ? `, byte ${where.byte}`
      : "";
    super(`${where.file}${place}: ${problem}`, where.cause === undefined ? undefined : { cause: where.cause });
    this.file = where.file;
    this.row = where.row;
    this.byte = where.byte;
  }
}

/** What was asked for is neither a known data set nor a file or folder that can be read as one. */
export class DatasetNotFoundError extends Error {
  /** Always `"DatasetNotFoundError"`. */
  override readonly name: string = "DatasetNotFoundError";
  /** The name or path that was asked for. */
  readonly source: string;

  /** Takes the name or path that was asked for and says what was wanted. */
  constructor(source: string, problem: string) {
    super(`${JSON.stringify(source)} ${problem}`);
    this.source = source;
  }
}

/** One origin that was tried for a file and failed. */
export interface FailedOrigin {
  /** The origin, as a person would name it: a URL, an npm package, a folder. */
  origin: string;
  /** Why it failed. */
  reason: string;
}

/** A file of a known data set could be had from none of its origins. */
export class DatasetFetchError extends Error {
  /** Always `"DatasetFetchError"`. */
  override readonly name: string = "DatasetFetchError";
  /** The file that is missing, as `folder/file`. */
  readonly file: string;
  /** Every origin that was tried, in order, with its reason. */
  readonly failures: readonly FailedOrigin[];

  /** Lists each origin with its reason, and says where the file can be put by hand. */
  constructor(file: string, failures: readonly FailedOrigin[]) {
    const lines = failures.map(({ origin, reason }) => `\n  ${origin}: ${reason}`).join("");
    super(
      `${file} could not be fetched from any of its ${failures.length} origins; it can be put there by hand.${lines}`,
    );
    this.file = file;
    this.failures = failures;
  }
}
