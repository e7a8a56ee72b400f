/**
 * Bounded decompression of gzip and zlib data. The length of the result is announced by the decompressed data's own header, or known
 * beforehand; nothing larger is ever produced, so that a small hostile file cannot fill the memory.
 */

import { DataFormatError } from "./errors.ts";

/** Compressed bytes handed over at once; deflate expands each at most 1032-fold, so a step yields at most 16 MiB. */
const STEP = 16384;
/** How many bytes deflate can make of one. */
export const MAX_EXPANSION = 1032;

/** Whether the bytes begin like a gzip file (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Settings of {@link gunzip}. */
export interface GunzipOptions {
  /** Name of the file, for errors. */
  file: string;
  /** The full decompressed length, told from its first bytes; undefined while those do not suffice. May throw. */
  announce: (head: Uint8Array) => number | undefined;
}

/** Decompresses one gzip member to exactly the announced length; anything else is a DataFormatError. */
export function gunzip(bytes: Uint8Array<ArrayBuffer>, options: GunzipOptions): Promise<Uint8Array<ArrayBuffer>> {
  return decompress(bytes, { ...options, format: "gzip" });
}

/** Decompresses one zlib stream to exactly `length` bytes; anything else is a DataFormatError. */
export function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  { file, length }: { file: string; length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  return decompress(bytes, { file, announce: () => length, format: "deflate" });
}

async function decompress(
  bytes: Uint8Array<ArrayBuffer>,
  { file, announce, format }: GunzipOptions & { format: "gzip" | "deflate" },
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = slices(bytes).pipeThrough(new DecompressionStream(format)).getReader();
  let head = new Uint8Array(0);
  let result: Uint8Array<ArrayBuffer> | undefined;
  let length = 0;
  try {
    while (true) {
      const { done, value } = await readChunk(reader, { file, length, format });
      if (done) break;
      if (result === undefined) {
        head = concatenate(head, value);
        const total = announce(head);
        if (total === undefined) {
          length = head.length;
          continue;
        }
        if (total > bytes.length * MAX_EXPANSION) {
          const found = `announces ${total} bytes, more than ${bytes.length} compressed bytes can hold`;
          throw new DataFormatError(`the decompressed data ${found}`, { file, byte: 0 });
        }
        result = new Uint8Array(total);
        length = append(result, { chunk: head, at: 0, file });
      } else {
        length = append(result, { chunk: value, at: length, file });
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (result === undefined || length < result.length) {
    const wanted = result === undefined ? "a complete header" : `${result.length} bytes`;
    throw new DataFormatError(`the decompressed data ends after ${length} bytes, wanted ${wanted}`, {
      file,
      byte: length,
    });
  }
  return result;
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  { file, length, format }: { file: string; length: number; format: string },
): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
  try {
    return await reader.read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataFormatError(
      `the ${format} stream is damaged or truncated after ${length} decompressed bytes (${reason}), wanted one complete stream`,
      { file, byte: length, cause },
    );
  }
}

function append(result: Uint8Array, { chunk, at, file }: { chunk: Uint8Array; at: number; file: string }): number {
  if (at + chunk.length > result.length) {
    throw new DataFormatError(`the decompressed data goes on, wanted its end after ${result.length} bytes`, {
      file,
      byte: result.length,
    });
  }
  result.set(chunk, at);
  return at + chunk.length;
}

function concatenate(first: Uint8Array<ArrayBuffer>, second: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function slices(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = 0;
  return new ReadableStream({
    pull(controller): void {
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(position, position + STEP));
      position += STEP;
    },
  }, { highWaterMark: 0 });
}
