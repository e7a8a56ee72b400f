/**
 * Reading a tar archive (POSIX ustar, as GNU tar and bsdtar write it) as a stream. Nothing is written anywhere, and what is held in
 * memory is the piece that has just been read, whatever the headers promise. Source: POSIX.1-2017, pax, "ustar Interchange Format".
 */

import { DataFormatError } from "./errors.ts";

const BLOCK = 512;
/** Bytes of the uncompressed archive that are read at most, so that a small hostile file cannot keep the reader busy for hours. */
const MAX_ARCHIVE_BYTES = 2 ** 32;
/** A header's fields: offset and length. */
const NAME = [0, 100], SIZE = [124, 12], CHECKSUM = [148, 8], PREFIX = [345, 155];
const TYPE = 156;
const REGULAR_TYPES = ["\0", "0", "7"];

/** A regular file in an archive. It can be read until the next one is asked for. */
export interface TarEntry {
  /** Its path in the archive. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its content, piece by piece; a piece is valid until the next one. */
  content(): AsyncGenerator<Uint8Array>;
}

/** Settings of {@link readTar}. */
export interface TarOptions {
  /** Path or name of the archive, for errors. */
  file: string;
}

/**
 * The regular files of an archive in its order; folders, links and extended headers are passed over. Damage, also of the
 * compression that a stream undoes, truncation, a wrong checksum, a path that leads out of the archive and a length that is no number are a {@link DataFormatError} with the byte.
 */
export async function* readTar(
  stream: ReadableStream<Uint8Array>,
  { file }: TarOptions,
): AsyncGenerator<TarEntry> {
  await using source = new ByteSource(stream, file);
  const header = new Uint8Array(BLOCK);
  while (true) {
    const start = source.position;
    const length = await source.fill(header);
    if (length === 0 || (length === BLOCK && header.every((byte) => byte === 0))) break;
    if (length < BLOCK) throw truncated(file, source.position, "the rest of a header");
    const { path, size, isRegular } = readHeader(header, { file, start });
    const end = source.position + size;
    if (isRegular) yield { path, size, content: () => contentOf(source, { path, end, file }) };
    for await (const _ of contentOf(source, { path, end: start + BLOCK + Math.ceil(size / BLOCK) * BLOCK, file }));
  }
  // What follows the end mark is read too: only then has gzip compared its checksum.
  while (await source.next(Infinity) !== undefined);
}

async function* contentOf(
  source: ByteSource,
  { path, end, file }: { path: string; end: number; file: string },
): AsyncGenerator<Uint8Array> {
  while (source.position < end) {
    const piece = await source.next(end - source.position);
    if (piece === undefined) throw truncated(file, source.position, `${end - source.position} more bytes of ${path}`);
    yield piece;
  }
}

function truncated(file: string, byte: number, wanted: string): DataFormatError {
  return new DataFormatError(`the archive ends, wanted ${wanted}`, { file, byte });
}

function readHeader(
  header: Uint8Array,
  { file, start }: { file: string; start: number },
): { path: string; size: number; isRegular: boolean } {
  const found = readNumber(header, CHECKSUM);
  const blank = header.slice().fill(0x20, CHECKSUM[0], CHECKSUM[0] + CHECKSUM[1]);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  if (found !== sum) {
    throw new DataFormatError(`the checksum of a header is ${found ?? "no number"}, wanted ${sum}: no tar archive?`, {
      file,
      byte: start,
    });
  }
  const [prefix, name] = [PREFIX, NAME].map((field) => readText(header, field));
  const isPosix = readText(header, [257, 5]) === "ustar" && header[262] === 0;
  const path = isPosix && prefix !== "" ? `${prefix}/${name}` : name;
  const size = readNumber(header, SIZE);
  if (size === undefined) {
    throw new DataFormatError(`the length of ${JSON.stringify(path)} is no number`, { file, byte: start + SIZE[0] });
  }
  const isRegular = REGULAR_TYPES.includes(String.fromCharCode(header[TYPE])) && !path.endsWith("/");
  if (isRegular && (path === "" || /^([/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes(".."))) {
    throw new DataFormatError(`the path ${JSON.stringify(path)} leads out of the archive, wanted one inside`, {
      file,
      byte: start,
    });
  }
  return { path, size, isRegular };
}

function readText(header: Uint8Array, [offset, length]: number[]): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** An octal number, or a binary one as GNU tar writes those that are too long; undefined when it is neither or beyond 2^53. */
function readNumber(header: Uint8Array, field: number[]): number | undefined {
  const [offset, length] = field;
  if (header[offset] === 0x80) {
    const value = header.subarray(offset + 1, offset + length).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = readText(header, field).trim();
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
}

/** The bytes of a stream, in pieces no longer than asked for. */
class ByteSource {
  position = 0;
  #rest: Uint8Array = new Uint8Array(0);
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #file: string;

  constructor(stream: ReadableStream<Uint8Array>, file: string) {
    this.#reader = stream.getReader();
    this.#file = file;
  }

  /** The next piece, of at most `most` bytes, or undefined at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      let result: ReadableStreamReadResult<Uint8Array>;
      try {
        result = await this.#reader.read();
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new DataFormatError(`the compressed archive is damaged or truncated (${reason})`, {
          file: this.#file,
          byte: this.position,
          cause,
        });
      }
      if (result.done) return undefined;
      this.#rest = result.value;
    }
    const piece = this.#rest.subarray(0, Math.min(most, this.#rest.length));
    this.#rest = this.#rest.subarray(piece.length);
    this.position += piece.length;
    if (this.position > MAX_ARCHIVE_BYTES) {
      throw new DataFormatError(`the archive goes on, wanted its end after at most ${MAX_ARCHIVE_BYTES} bytes`, {
        file: this.#file,
        byte: this.position,
      });
    }
    return piece;
  }

  /** Fills a buffer as far as the bytes reach; returns how far. */
  async fill(buffer: Uint8Array): Promise<number> {
    let length = 0;
    while (length < buffer.length) {
      const piece = await this.next(buffer.length - length);
      if (piece === undefined) break;
      buffer.set(piece, length);
      length += piece.length;
    }
    return length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
