/**
 * Taking valid files apart and putting changed parts together again, with lengths and checksums that are right: a reader that stops at a checksum is not
 * tested by what the checksum finds.
 */
import { createHash } from "node:crypto";
import { crc32 } from "../../lib/packed/format.ts";
import { concatenated } from "../data/fixtures.ts";
import { varintBytes, written } from "./mutate.ts";

/** How the files of a format fall apart. */
export interface FileParts {
  split(file: Uint8Array): Uint8Array[] | Promise<Uint8Array[]>;
  join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

function readVarint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let unit = 1;; unit *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * unit;
    if (byte < 128) return [value, at];
  }
}

/** Sections of `.pnet` files: the tag and the payload. */
export const pnetParts: FileParts = {
  split(file) {
    const parts: Uint8Array[] = [];
    for (let at = readVarint(file, 5)[1]; at < file.length - 4;) {
      const [length, start] = readVarint(file, at + 1);
      parts.push(concatenated([file.subarray(at, at + 1), file.subarray(start, start + length)]));
      at = start + length;
    }
    return parts;
  },
  join(parts) {
    const body = concatenated(
      parts.flatMap((part) => [part.subarray(0, 1), varintBytes(Math.max(0, part.length - 1)), part.subarray(1)]),
    );
    return sealPnet(Uint8Array.of(0x50, 0x4e, 0x45, 0x54, 1), body);
  },
};

function sealPnet(start: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  let size = 1;
  while (varintBytes(9 + size + body.length).length !== size) size++;
  return withSum([start, varintBytes(9 + size + body.length), body], (bytes) => word(crc32(bytes), true));
}

/** Chunks of PNG images: type and content; the compressed data as one, unpacked. */
export const pngParts: FileParts = {
  async split(file) {
    const view = new DataView(file.buffer, file.byteOffset, file.length), data: Uint8Array[] = [];
    const parts: Uint8Array[] = [];
    for (let at = 8; at < file.length;) {
      const length = view.getUint32(at), chunk = file.subarray(at + 4, at + 8 + length);
      if (typeOf(chunk) !== "IDAT") parts.push(chunk);
      else if (data.push(chunk.subarray(4)) === 1) parts.push(chunk);
      at += 12 + length;
    }
    const inflated = new Blob([concatenated(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
    const raw = new Uint8Array(await new Response(inflated).arrayBuffer());
    return parts.map((part) => typeOf(part) === "IDAT" ? concatenated([part.subarray(0, 4), raw]) : part);
  },
  join: (parts) =>
    concatenated([
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
      ...parts.flatMap((part) => {
        const chunk = typeOf(part) === "IDAT"
          ? concatenated([part.subarray(0, 4), zlibStored(part.subarray(4))])
          : part;
        return [word(Math.max(0, chunk.length - 4), false), chunk, word(crc32(chunk), false)];
      }),
    ]),
};

function typeOf(chunk: Uint8Array): string {
  return String.fromCharCode(...chunk.subarray(0, 4));
}

/** The content of gzip files, which is packed again without being made smaller. */
export const gzipParts: FileParts = {
  async split(file) {
    const plain = new Blob([file.slice()]).stream().pipeThrough(new DecompressionStream("gzip"));
    return [new Uint8Array(await new Response(plain).arrayBuffer())];
  },
  join(parts) {
    const plain = concatenated(parts);
    const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
    return concatenated([header, stored(plain), word(crc32(plain), true), word(plain.length, true)]);
  },
};

/** Headers and contents of tar archives, in turns; the sum of a header is made right. */
export const tarParts: FileParts = {
  split(file) {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < file.length;) {
      const header = file.subarray(at, at + 512);
      const length = 512 * Math.ceil((parseInt(new TextDecoder().decode(header.subarray(124, 136)), 8) || 0) / 512);
      parts.push(header, file.subarray(at + 512, at + 512 + length));
      at += 512 + length;
    }
    return parts;
  },
  join: (parts) =>
    concatenated(parts.map((part) => {
      if (part.length < 156 || part.every((byte) => byte === 0)) return part;
      const header = part.slice();
      header.fill(0x20, 148, 156);
      const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
      // A part that is a content stays what it is, as long as it does not begin like a header.
      if (!isHeader(part)) return part;
      header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
      return header;
    })),
};

function isHeader(part: Uint8Array): boolean {
  return new TextDecoder().decode(part.subarray(257, 262)) === "ustar";
}

/** A tar archive in a gzip file. */
export const tarGzipParts: FileParts = {
  split: async (file) => await tarParts.split((await gzipParts.split(file))[0]),
  join: (parts) => gzipParts.join([tarParts.join(parts)]),
};

/** Fields of ONNX files, those of the graph each on its own behind a byte that says so. */
export const onnxParts: FileParts = {
  split: (file) =>
    fieldsOf(file).flatMap((field) =>
      field[0] === GRAPH
        ? fieldsOf(file.subarray(...contentOf(file, field))).map((inner) => concatenated([Uint8Array.of(1), inner]))
        : [concatenated([Uint8Array.of(0), field])]
    ),
  join(parts) {
    const graph = concatenated(parts.filter((part) => part[0] === 1).map((part) => relength(part.subarray(1))));
    return concatenated([
      ...parts.filter((part) => part[0] !== 1).map((part) => relength(part.subarray(1))),
      Uint8Array.of(GRAPH),
      varintBytes(graph.length),
      graph,
    ]);
  },
};

/** Tag of the field of a model that holds its graph. */
const GRAPH = 7 * 8 + 2;

/** The fields of a message, whole. */
function fieldsOf(message: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let at = 0; at < message.length;) {
    const [tag, next] = readVarint(message, at), [value, start] = readVarint(message, next);
    const kind = tag & 7;
    const end = kind === 0 ? start : kind === 2 ? start + value : next + (kind === 1 ? 8 : 4);
    fields.push(message.subarray(at, end));
    at = end;
  }
  return fields;
}

function contentOf(file: Uint8Array, field: Uint8Array): [start: number, end: number] {
  const from = field.byteOffset - file.byteOffset, [length, start] = readVarint(field, 1);
  return [from + start, from + start + length];
}

/** A field with a length of its own, which is made right where its tag is one byte. */
function relength(field: Uint8Array): Uint8Array {
  if (field.length < 2 || field[0] > 127 || (field[0] & 7) !== 2) return field;
  let start = 1;
  while (start < field.length && start < 6 && field[start] > 127) start++;
  const content = field.subarray(start + 1);
  return concatenated([field.subarray(0, 1), varintBytes(content.length), content]);
}

/** The document of a checkpoint at its commas, then the arrays. */
export const checkpointParts: FileParts = {
  split(file) {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    const textEnd = CHECKPOINT_HEAD + view.getUint32(12, true), parts: Uint8Array[] = [];
    for (let at = CHECKPOINT_HEAD; at < textEnd;) {
      const comma = file.indexOf(0x2c, at) + 1, end = comma > 0 && comma < textEnd ? comma : textEnd;
      parts.push(file.subarray(at, end));
      at = end;
    }
    return [...parts, file.subarray(eights(textEnd), file.length - 32)];
  },
  join(parts) {
    const text = concatenated(parts.slice(0, -1)), end = CHECKPOINT_HEAD + text.length;
    const body = concatenated([
      Uint8Array.of(0x89, 0x50, 0x4e, 0x43, 0x4b, 0x0d, 0x0a, 0x1a, 1, 0, 0, 0),
      word(text.length, true),
      text,
      new Uint8Array(eights(end) - end),
      ...parts.slice(-1),
    ]);
    return concatenated([body, createHash("sha256").update(body).digest()]);
  },
};

/** Bytes before the document. */
const CHECKPOINT_HEAD = 16;

function eights(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Deflate blocks that hold bytes as they are (RFC 1951, section 3.2.4). */
function stored(plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < plain.length; at += 65535) {
    const block = plain.subarray(at, at + 65535), isLast = at + 65535 >= plain.length;
    const head = written(5, (view) => {
      view.setUint8(0, Number(isLast));
      view.setUint16(1, block.length, true);
      view.setUint16(3, ~block.length & 0xffff, true);
    });
    blocks.push(head, block);
  }
  return concatenated(blocks);
}

function zlibStored(plain: Uint8Array): Uint8Array<ArrayBuffer> {
  let a = 1, b = 0;
  for (const byte of plain) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return concatenated([Uint8Array.of(0x78, 1), stored(plain), word(b * 65536 + a, false)]);
}

function word(value: number, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  return written(4, (view) => view.setUint32(0, value, littleEndian));
}

function withSum(parts: readonly Uint8Array[], sum: (bytes: Uint8Array) => Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = concatenated(parts);
  return concatenated([bytes, sum(bytes)]);
}
