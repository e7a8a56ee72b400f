/**
 * PNG images (W3C Recommendation, third edition) as bytes of grey or RGB: all colour types, depths and both interlace methods. Decompression is the
 * platform's, to the length that the header announces and no further.
 *
 * @module
 */

import { DataFormatError } from "./errors.ts";
import { inflate } from "./gzip.ts";

/** A decoded image. */
export interface PngImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** [height, width, channels], 0...255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** The most pixels that an image may have. */
const mostPixels = 1 << 26;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Samples of a pixel and possible depths by colour type. */
const colourTypes: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
const indexed = 3;

/** Where the pixels of an interlaced image's passes begin, and how far they are apart. */
const adam7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];
const inOrder: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly samples: number;
  readonly passes: readonly Pass[];
}

/** What is needed of a file's chunks. */
interface Chunks {
  readonly header: Header;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly compressed: Uint8Array<ArrayBuffer>;
}

/**
 * Decodes an image. Colour types with colour, palettes among them, give RGB, the others grey. 16 bits are cut to their upper eight, fewer than eight are
 * stretched over 0...255. Transparent pixels are laid over white. Gamma and colour profiles are left aside. Damaged, truncated or oversized files are a
 * {@linkcode DataFormatError}.
 */
export async function decodePng(bytes: Uint8Array, { file }: { file: string }): Promise<PngImage> {
  const { header, palette, transparency, compressed } = readChunks(bytes, file);
  const { width, height, depth, samples, passes } = header;
  const bits = depth * samples;
  const sizes = passes.map(({ x, y, stepX, stepY }) => {
    const columns = Math.max(0, Math.ceil((width - x) / stepX)), rows = Math.max(0, Math.ceil((height - y) / stepY));
    return { columns, rows: columns === 0 ? 0 : rows, rowBytes: Math.ceil(columns * bits / 8) };
  });
  const length = sizes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const raw = await inflate(compressed, { file, length });
  const channels = header.colourType === 0 || header.colourType === 4 ? 1 : 3;
  const image: PngImage = { width, height, channels, pixels: new Uint8Array(width * height * channels) };
  const write = pixelWriter(image, { header, palette, transparency, file });
  let at = 0;
  passes.forEach(({ x, y, stepX, stepY }, index) => {
    const { columns, rows, rowBytes } = sizes[index];
    let before: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++, at += 1 + rowBytes) {
      const line = raw.subarray(at + 1, at + 1 + rowBytes);
      if (raw[at] > 4) {
        throw new DataFormatError(`row ${row} has the filter ${raw[at]}, wanted 0...4`, { file });
      }
      unfilter(raw[at], { line, before, distance: Math.max(1, bits >> 3) });
      for (let column = 0; column < columns; column++) {
        write(line, column, (y + row * stepY) * width + x + column * stepX);
      }
      before = line;
    }
  });
  return image;
}

function readChunks(bytes: Uint8Array, file: string): Chunks {
  if (signature.some((byte, i) => bytes[i] !== byte)) {
    throw new DataFormatError("no PNG image: wanted its signature at the start", { file, byte: 0 });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let header: Header | undefined, palette: Uint8Array | undefined, transparency: Uint8Array | undefined;
  for (let at = signature.length;;) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : 0;
    if (at + 12 + length > bytes.length) {
      throw new DataFormatError(`truncated: ${bytes.length} bytes, wanted more`, { file, byte: bytes.length });
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8)), where = { file, byte: at };
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw new DataFormatError(`the checksum of chunk ${JSON.stringify(type)} is wrong: the file is damaged`, where);
    }
    if ((type === "IHDR") !== (header === undefined)) {
      throw new DataFormatError(
        `chunk ${JSON.stringify(type)} stands where it must not, wanted IHDR once and first`,
        where,
      );
    }
    if (type === "IHDR") header = readHeader(content, where);
    else if (type === "PLTE") palette = content;
    else if (type === "tRNS") transparency = content;
    else if (type === "IDAT") data.push(content);
    else if (type === "IEND") return { header: header!, palette, transparency, compressed: joined(data) };
    else if ((bytes[at + 4] & 32) === 0) {
      throw new DataFormatError(`chunk ${JSON.stringify(type)} is unknown and critical`, where);
    }
    at += 12 + length;
  }
}

function readHeader(content: Uint8Array, where: { file: string; byte: number }): Header {
  if (content.length !== 13) throw new DataFormatError(`IHDR has ${content.length} bytes, wanted 13`, where);
  const view = new DataView(content.buffer, content.byteOffset);
  const width = view.getUint32(0), height = view.getUint32(4);
  const [depth, colourType, compression, filter, interlace] = content.subarray(8);
  if (width === 0 || height === 0 || width * height > mostPixels) {
    throw new DataFormatError(
      `an image of ${width}x${height}, wanted at least 1x1 and at most ${mostPixels} pixels`,
      where,
    );
  }
  const { samples, depths } = colourTypes[colourType] ?? { samples: 0, depths: [] };
  if (!depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    throw new DataFormatError(
      `colour type ${colourType}, depth ${depth}, compression ${compression}, filter ${filter}, interlace ${interlace}: ` +
        "the format has no such image",
      where,
    );
  }
  return { width, height, depth, colourType, samples, passes: interlace === 1 ? adam7 : inOrder };
}

/** Undoes the filter of a row, in place. */
function unfilter(
  filter: number,
  { line, before, distance }: { line: Uint8Array; before: Uint8Array; distance: number },
): void {
  for (let i = 0; i < line.length && filter > 0; i++) {
    const left = i < distance ? 0 : line[i - distance],
      up = before[i],
      corner = i < distance ? 0 : before[i - distance];
    if (filter === 1) line[i] += left;
    else if (filter === 2) line[i] += up;
    else if (filter === 3) line[i] += left + up >> 1;
    else line[i] += paeth(left, up, corner);
  }
}

/** The neighbour that is nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner), toUp = Math.abs(left - corner), toCorner = Math.abs(left + up - 2 * corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

type WritePixel = (line: Uint8Array, column: number, to: number) => void;

/** Writes a row's pixel to a place of the image. */
function pixelWriter(
  { channels, pixels }: PngImage,
  { header, palette, transparency, file }: Omit<Chunks, "compressed"> & { file: string },
): WritePixel {
  const { depth, samples, colourType } = header;
  const sample = (line: Uint8Array, index: number): number =>
    depth === 8
      ? line[index]
      : depth === 16
      ? line[2 * index] << 8 | line[2 * index + 1]
      : line[index * depth >> 3] >> 8 - depth - (index * depth & 7) & (1 << depth) - 1;
  if (colourType === indexed) {
    const colours = palette?.length ?? 0;
    if (palette === undefined || colours === 0 || colours % 3 !== 0) {
      throw new DataFormatError(`a palette of ${colours} bytes, wanted three for each colour`, { file });
    }
    return (line, column, to) => {
      const index = sample(line, column), alpha = transparency?.[index] ?? 255;
      if (3 * index >= colours) {
        throw new DataFormatError(`a pixel of colour ${index}, wanted one of the palette's ${colours / 3}`, { file });
      }
      for (let c = 0; c < 3; c++) pixels[3 * to + c] = overWhite(palette[3 * index + c], alpha);
    };
  }
  const largest = (1 << depth) - 1, hasAlpha = colourType >= 4;
  // Depths below eight are stretched, 16 bits cut.
  const byte = (value: number): number => depth === 16 ? value >> 8 : depth === 8 ? value : value * 255 / largest;
  const key = hasAlpha ? undefined : transparentColour(transparency, { channels, file });
  return (line, column, to) => {
    const first = column * samples;
    let alpha = hasAlpha ? byte(sample(line, first + channels)) : 255;
    if (key?.every((value, c) => value === sample(line, first + c))) alpha = 0;
    for (let c = 0; c < channels; c++) pixels[channels * to + c] = overWhite(byte(sample(line, first + c)), alpha);
  };
}

/** The one colour that is transparent in images without an alpha channel. */
function transparentColour(
  transparency: Uint8Array | undefined,
  { channels, file }: { channels: number; file: string },
): number[] | undefined {
  if (transparency === undefined) return undefined;
  if (transparency.length !== 2 * channels) {
    throw new DataFormatError(`tRNS has ${transparency.length} bytes, wanted ${2 * channels}`, { file });
  }
  return Array.from({ length: channels }, (_, c) => transparency[2 * c] << 8 | transparency[2 * c + 1]);
}

function overWhite(value: number, alpha: number): number {
  return Math.round((value * alpha + 255 * (255 - alpha)) / 255);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

let crcTable: Uint32Array | undefined;

/** The checksum of a chunk (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
    return n;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]) & 255] ^ crc >>> 8;
  return ~crc >>> 0;
}
