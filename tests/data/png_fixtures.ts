/** PNG files for tests, written here with filters and interlacing as the format describes them. */

/** An image to encode. */
export interface PngRecipe {
  width: number;
  height: number;
  depth: number;
  colourType: 0 | 2 | 3 | 4 | 6;
  /** The value of a sample, 0...2^depth-1. */
  sample: (x: number, y: number, channel: number) => number;
  /** The filter of each row; 0 when left out. */
  filter?: (row: number) => number;
  interlaced?: boolean;
  palette?: number[];
  transparency?: number[];
}

const samplesOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A whole file. */
export async function encodePng(recipe: PngRecipe): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, depth, colourType, palette, transparency, interlaced = false } = recipe;
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const data = await compress(Uint8Array.from(rawBytes(recipe)));
  const half = data.length >> 1;
  return pngFile([
    ["IHDR", header],
    ["gAMA", Uint8Array.of(0, 0, 177, 143)],
    ...palette === undefined ? [] : [["PLTE", Uint8Array.from(palette)] as PngChunk],
    ...transparency === undefined ? [] : [["tRNS", Uint8Array.from(transparency)] as PngChunk],
    ["IDAT", data.slice(0, half)],
    ["IDAT", data.slice(half)],
    ["IEND", new Uint8Array(0)],
  ]);
}

/** Type and content. */
export type PngChunk = [type: string, content: Uint8Array];

/** The signature and chunks, with right lengths and checksums. */
export function pngFile(chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [0x89, ...[..."PNG\r\n\x1a\n"].map((c) => c.charCodeAt(0))];
  for (const [type, content] of chunks) {
    const body = [...[...type].map((c) => c.charCodeAt(0)), ...content];
    bytes.push(...bigEndian(content.length), ...body, ...bigEndian(checksum(body)));
  }
  return Uint8Array.from(bytes);
}

const bigEndian = (value: number): number[] => [24, 16, 8, 0].map((shift) => value >>> shift & 255);

/** The rows of all passes, each with its filter byte. */
export function rawBytes({ width, height, depth, colourType, sample, filter, interlaced }: PngRecipe): number[] {
  const channels = samplesOf[colourType], distance = Math.max(1, channels * depth / 8);
  // Which pass a pixel belongs to, by its place in a square of 8x8: the drawing in the specification.
  const passes = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
  const bytes: number[] = [];
  for (let pass = 1; pass <= (interlaced ? 7 : 1); pass++) {
    let before: number[] = [];
    for (let y = 0, row = 0; y < height; y++) {
      const bits: string[] = [];
      for (let x = 0; x < width; x++) {
        if (interlaced && Number(passes[y % 8][x % 8]) !== pass) continue;
        for (let c = 0; c < channels; c++) bits.push(sample(x, y, c).toString(2).padStart(depth, "0"));
      }
      if (bits.length === 0) continue;
      const line = (bits.join("").match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "0"), 2));
      const kind = filter?.(row++) ?? 0;
      bytes.push(kind);
      line.forEach((value, i) => {
        const a = line[i - distance] ?? 0, b = before[i] ?? 0, c = i < distance ? 0 : before[i - distance] ?? 0;
        const estimate = a + b - c;
        const nearest = [a, b, c].toSorted((p, q) => Math.abs(estimate - p) - Math.abs(estimate - q))[0];
        bytes.push(value - [0, a, b, Math.floor((a + b) / 2), nearest][kind] & 255);
      });
      before = line;
    }
  }
  return bytes;
}

/** A zlib stream. */
export async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** CRC-32, bit by bit. */
function checksum(bytes: readonly number[]): number {
  let crc = ~0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc ^ byte >> bit) & 1;
      crc = crc >>> 1 ^ (carry ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}

/** A small RGB image that is told from others by `shade`. */
export async function colourPng(width: number, height: number, shade: number): Promise<Uint8Array<ArrayBuffer>> {
  return await encodePng({
    ...{ width, height, depth: 8, colourType: 2, filter: (row) => row % 5 },
    sample: (x, y, c) => (shade + 40 * c + 7 * x + 11 * y) % 256,
  });
}
