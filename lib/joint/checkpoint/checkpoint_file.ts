/**
 * The bytes of a checkpoint, as FORMAT.md says: a JSON document, and the arrays that it names.
 *
 * @module
 */
import { CheckpointError } from "../errors.ts";

/** Arrays that a checkpoint can hold. */
const arrayTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
} as const;

type ArrayType = keyof typeof arrayTypes;

/** A place of an array in the document. */
interface ArrayPlace {
  readonly $: ArrayType;
  readonly at: number;
  readonly length: number;
}

const magic = Uint8Array.of(0x89, 0x50, 0x4e, 0x43, 0x4b, 0x0d, 0x0a, 0x1a);
const version = 1;
const headBytes = 16, digestBytes = 32, alignment = 8;

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/**
 * Encodes a document. What it holds is copied before the first `await` of a caller, so that it may change from then on; only the checksum takes longer.
 *
 * @param document plain data with typed arrays
 * @param room an array that may be written to and returned as a part, when it is long enough
 */
export function encodeCheckpoint(document: object, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const places = new Map<ArrayBufferView, ArrayPlace>();
  let end = 0;
  const text = new TextEncoder().encode(JSON.stringify(document, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const known = places.get(value);
    if (known !== undefined) return known;
    const $ = value.constructor.name as ArrayType;
    if (!Object.hasOwn(arrayTypes, $)) throw new TypeError(`a checkpoint holds no ${$}`);
    const { length } = value as Uint8Array;
    // Counted from the end of the document, whose length is not known yet.
    const place = { $, at: end, length };
    end = aligned(end + value.byteLength);
    places.set(value, place);
    return place;
  }));
  const start = aligned(headBytes + text.length), size = start + end + digestBytes;
  const bytes = room !== undefined && room.length >= size ? room.subarray(0, size) : new Uint8Array(size);
  bytes.set(magic);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(8, version, true);
  view.setUint32(12, text.length, true);
  bytes.set(text, headBytes);
  bytes.fill(0, headBytes + text.length, start);
  for (const [array, { at }] of places) {
    const { buffer, byteOffset, byteLength } = array;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start + at);
    bytes.fill(0, start + at + byteLength, start + aligned(at + byteLength));
  }
  return sealed(bytes);
}

async function sealed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const end = bytes.length - digestBytes;
  bytes.set(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.subarray(0, end))), end);
  return bytes;
}

/**
 * Decodes a checkpoint; its arrays are views of `file`.
 *
 * @param file the bytes of the file, from a multiple of 8 of their buffer on
 * @throws {CheckpointError} when they are no whole checkpoint of this version
 */
export async function decodeCheckpoint(file: Uint8Array<ArrayBuffer>): Promise<unknown> {
  if (file.length < headBytes + digestBytes || magic.some((byte, i) => file[i] !== byte)) {
    throw damaged(
      file.length === 0 ? "it is empty" : "it does not begin as a checkpoint, or ends before its first bytes",
    );
  }
  const end = file.length - digestBytes;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file.subarray(0, end)));
  if (digest.some((byte, i) => file[end + i] !== byte)) throw damaged("it was cut off or changed (SHA-256)");
  const view = new DataView(file.buffer, file.byteOffset);
  const found = view.getUint32(8, true);
  if (found !== version) {
    throw new CheckpointError(
      "version",
      `it has version ${found} of the format, wanted ${version}: another version of this program goes on with it`,
    );
  }
  const textEnd = headBytes + view.getUint32(12, true), start = aligned(textEnd);
  if (start > end) throw damaged(`its document would end at byte ${textEnd}, and its arrays at ${end}`);
  const bytes = file.byteOffset % alignment === 0 ? file : file.slice();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(headBytes, textEnd));
    return JSON.parse(
      text,
      (_key, value: unknown) =>
        typeof value === "object" && value !== null && "$" in value
          ? arrayAt(value as unknown as ArrayPlace, { bytes, start, end })
          : value,
    );
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw damaged(`its document cannot be read: ${(error as Error).message}`);
  }
}

/** The array of a place that has been counted from the end of the document. */
function arrayAt(
  { $, at, length }: ArrayPlace,
  { bytes, start, end }: { bytes: Uint8Array<ArrayBuffer>; start: number; end: number },
): ArrayBufferView {
  if (typeof $ !== "string" || !Object.hasOwn(arrayTypes, $)) throw damaged("it holds an array of no known type");
  const type = arrayTypes[$], width = type.BYTES_PER_ELEMENT;
  const isPlace = Number.isInteger(at) && at >= 0 && at % alignment === 0 && Number.isInteger(length) && length >= 0;
  if (!isPlace || start + at + length * width > end) {
    throw damaged(`it has ${end - start} bytes of arrays, and one of ${length} numbers would lie at ${at}`);
  }
  return new type(bytes.buffer, bytes.byteOffset + start + at, length);
}

function damaged(problem: string): CheckpointError {
  return new CheckpointError("damaged", problem);
}
