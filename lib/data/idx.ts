/**
 * The IDX format of the MNIST files: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
 * uint32, then the values, last dimension fastest. Source: "The MNIST database", LeCun, Cortes and Burges, section "The
 * IDX file format". Only unsigned bytes are read: all the image sets in that format are of that type.
 */

import { DataFormatError } from "./errors.ts";
import { gunzip, isGzip } from "./gzip.ts";

const UNSIGNED_BYTE = 0x08;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x09: "signed byte",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

/** An array of unsigned bytes as an IDX file holds it. */
export interface IdxArray {
  /** Length of each dimension, outermost first. */
  dimensions: number[];
  /** The values, row-major; a view of the bytes that were parsed, not a copy. */
  data: Uint8Array;
}

/** What an IDX file is called in error messages. */
export interface IdxOptions {
  /** Path or name of the file. */
  file: string;
}

/**
 * Reads the (uncompressed) bytes of an IDX file of unsigned bytes. A wrong magic number, another type of value, a length
 * that disagrees with the dimensions: each is a {@link DataFormatError} naming file and byte.
 */
export function parseIdx(bytes: Uint8Array, options: IdxOptions): IdxArray {
  const { file } = options;
  const { dimensions, start } = checkLength(readHeader(bytes, file), bytes.length, file);
  return { dimensions, data: bytes.subarray(start) };
}

/** The header of a file of so many bytes, from its first bytes; refused where {@link parseIdx} refuses the whole. */
export function parseIdxHeader(head: Uint8Array, { file, size }: IdxOptions & { size: number }): IdxHeader {
  return checkLength(readHeader(head, file), size, file);
}

function checkLength(header: IdxHeader | undefined, size: number, file: string): IdxHeader {
  if (header === undefined) {
    throw new DataFormatError(`the file ends inside its header, after ${size} bytes`, { file, byte: size });
  }
  const { dimensions, start, length } = header;
  const shape = dimensions.join("x");
  if (size < length) {
    throw new DataFormatError(
      `the file ends after ${size} bytes, wanted ${length} (${start} of header, ${shape} values)`,
      { file, byte: size },
    );
  }
  if (size > length) {
    throw new DataFormatError(
      `${size - length} bytes follow the ${shape} values, wanted the end of the file after ${length} bytes`,
      { file, byte: length },
    );
  }
  return header;
}

/** Reads an IDX file, plain or gzip-compressed (told by its first bytes, not by its name). */
export async function readIdxFile(path: string): Promise<IdxArray> {
  const bytes = await Deno.readFile(path);
  return parseIdx(isGzip(bytes) ? await gunzipIdx(bytes, { file: path }) : bytes, { file: path });
}

async function gunzipIdx(bytes: Uint8Array<ArrayBuffer>, { file }: IdxOptions): Promise<Uint8Array<ArrayBuffer>> {
  return await gunzip(bytes, { file, announce: (head) => readHeader(head, file)?.length });
}

/** Bytes that a header has at most. */
export const MAX_IDX_HEADER = 4 + 4 * 255;

/** What stands before the values. */
export interface IdxHeader {
  /** Length of each dimension, outermost first. */
  dimensions: number[];
  /** Where the values begin. */
  start: number;
  /** Bytes of the whole file as the dimensions announce it. */
  length: number;
}

/** Undefined when the bytes end before the header does. */
function readHeader(bytes: Uint8Array, file: string): IdxHeader | undefined {
  if (bytes.length < 4) return undefined;
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new DataFormatError(`found ${found}, wanted an IDX file, which begins with 00 00 08`, { file, byte: 0 });
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    const type = TYPE_NAMES[bytes[2]] ?? "unknown type";
    const code = bytes[2].toString(16).padStart(2, "0");
    throw new DataFormatError(`the type code is ${code} (${type}), wanted 08 (unsigned byte)`, { file, byte: 2 });
  }
  const rank = bytes[3];
  if (rank === 0) throw new DataFormatError("the number of dimensions is 0, wanted at least 1", { file, byte: 3 });
  const start = 4 + 4 * rank;
  if (bytes.length < start) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const dimensions: number[] = [];
  let values = 1;
  for (let axis = 0; axis < rank; axis++) {
    const byte = 4 + 4 * axis;
    const dimension = view.getUint32(byte);
    if (dimension === 0) {
      throw new DataFormatError(`dimension ${axis} is 0, wanted at least 1`, { file, byte });
    }
    values *= dimension;
    if (values > Number.MAX_SAFE_INTEGER) {
      throw new DataFormatError(`the dimensions announce more than 2^53 values, wanted a file that can exist`, {
        file,
        byte,
      });
    }
    dimensions.push(dimension);
  }
  return { dimensions, start, length: start + values };
}
