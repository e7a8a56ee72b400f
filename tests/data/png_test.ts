import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decodePng } from "../../lib/data/png.ts";
import { DataFormatError } from "../../mod.ts";
import { compress, encodePng, type PngChunk, pngFile, type PngRecipe } from "./png_fixtures.ts";

const noise = (x: number, y: number, c: number): number => (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) >>> 0;

/** What the pixels have to be, by the rules in decodePng's description. */
function expected({ width, height, depth, colourType, sample, palette, transparency }: PngRecipe): number[] {
  const pixels: number[] = [], largest = 2 ** depth - 1;
  const byte = (value: number): number => depth === 16 ? Math.floor(value / 256) : value * 255 / largest;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const values = Array.from({ length: 4 }, (_, c) => sample(x, y, c));
      let colour = values.slice(0, colourType === 2 || colourType === 6 ? 3 : 1).map(byte), alpha = 255;
      if (colourType === 3) {
        colour = palette!.slice(3 * values[0], 3 * values[0] + 3);
        alpha = transparency?.[values[0]] ?? 255;
      } else if (colourType >= 4) alpha = byte(values[colour.length]);
      else if (transparency !== undefined) {
        const key = colour.map((_, c) => 256 * transparency[2 * c] + transparency[2 * c + 1]);
        if (key.every((value, c) => value === values[c])) alpha = 0;
      }
      pixels.push(...colour.map((value) => Math.round(255 + (value - 255) * alpha / 255)));
    }
  }
  return pixels;
}

Deno.test("decodePng: every colour type, depth, filter and interlacing, with and without transparency", async () => {
  const kinds = [[0, [1, 2, 4, 8, 16]], [2, [8, 16]], [3, [1, 2, 4, 8]], [4, [8, 16]], [6, [8, 16]]] as const;
  for (const [colourType, depths] of kinds) {
    for (const depth of depths) {
      const sample = (x: number, y: number, c: number) => noise(x, y, c) % 2 ** depth;
      const palette = colourType === 3
        ? Array.from({ length: 3 * 2 ** depth }, (_, i) => noise(i, 5, 1) % 256)
        : undefined;
      const key = [0, 1, 2].slice(0, colourType === 2 ? 3 : 1).flatMap((
        c,
      ) => [sample(2, 1, c) >> 8, sample(2, 1, c) & 255]);
      const transparencies = colourType === 3 ? [undefined, [0, 100]] : colourType < 4 ? [undefined, key] : [undefined];
      for (const transparency of transparencies) {
        for (const [width, height] of [[1, 1], [5, 3], [9, 17]]) {
          for (const interlaced of [false, true]) {
            const recipe = { width, height, depth, colourType, sample, palette, transparency, interlaced };
            const bytes = await encodePng({ ...recipe, filter: (row) => row % 5 });
            const image = await decodePng(bytes, { file: "a.png" });
            const channels = colourType === 0 || colourType === 4 ? 1 : 3;
            assertEquals([image.width, image.height, image.channels], [width, height, channels]);
            assertEquals([...image.pixels], expected(recipe), JSON.stringify(recipe));
          }
        }
      }
    }
  }
});

const plain: PngRecipe = { width: 3, height: 2, depth: 8, colourType: 0, sample: noise0 };

function noise0(x: number, y: number): number {
  return noise(x, y, 0) % 256;
}

async function assertRefused(bytes: Uint8Array, message: string): Promise<void> {
  const error = await assertRejects(() => decodePng(bytes, { file: "dir/a.png" }), DataFormatError);
  assertStringIncludes(error.message, "dir/a.png");
  assertStringIncludes(error.message, message);
}

Deno.test("decodePng: a file cut anywhere, or with any bit turned over, is refused", async () => {
  const bytes = await encodePng(plain);
  for (let length = 0; length < bytes.length; length++) {
    await assertRejects(() => decodePng(bytes.subarray(0, length), { file: "a.png" }), DataFormatError);
  }
  // The file's last twelve bytes are the empty chunk of its end.
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] ^= 1 << at % 8;
    await assertRejects(() => decodePng(damaged, { file: "a.png" }), DataFormatError);
  }
});

Deno.test("decodePng: hostile headers and data are refused, and nothing is allocated for them", async () => {
  const header = (...values: number[]): PngChunk => ["IHDR", Uint8Array.from(values)];
  const end: PngChunk = ["IEND", new Uint8Array(0)];
  const data = async (length: number): Promise<PngChunk> => ["IDAT", await compress(new Uint8Array(length))];
  const small = [0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0];
  const cases: [PngChunk[], string][] = [
    [[header(255, 255, 255, 255, 255, 255, 255, 255, 8, 0, 0, 0, 0), await data(10), end], "at most 67108864 pixels"],
    [[header(0, 0, 16, 0, 0, 0, 16, 0, 16, 6, 0, 0, 0), await data(10), end], "more than"],
    [[header(0, 0, 0, 0, 0, 0, 0, 2, 8, 0, 0, 0, 0), await data(8), end], "0x2"],
    [[header(...small.with(8, 3)), await data(8), end], "colour type 0, depth 3"],
    [[header(...small.with(9, 7)), await data(8), end], "colour type 7"],
    [[header(...small.with(12, 2)), await data(8), end], "interlace 2"],
    [[header(...small.slice(1)), await data(8), end], "IHDR has 12 bytes"],
    [[header(...small), header(...small), await data(8), end], '"IHDR" stands where it must not'],
    [[await data(8), header(...small), end], '"IDAT" stands where it must not'],
    [[header(...small), await data(7), end], "ends after 7 bytes, wanted 8"],
    [[header(...small), await data(9), end], "wanted its end after 8 bytes"],
    [[header(...small), await data(1 << 22), end], "wanted its end after 8 bytes"],
    [[header(...small), end], "ends after 0 bytes"],
    [[header(...small), ["IDAT", await compress(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0))], end], "the filter 5"],
    [[header(...small.with(9, 3)), await data(8), end], "a palette of 0 bytes"],
    [[header(...small.with(9, 3)), ["PLTE", new Uint8Array(4)], await data(8), end], "a palette of 4 bytes"],
    [
      [
        header(...small.with(9, 3)),
        ["PLTE", new Uint8Array(6)],
        ["IDAT", await compress(Uint8Array.of(0, 1, 2, 0, 0, 0, 0, 0))],
        end,
      ],
      "a pixel of colour 2, wanted one of the palette's 2",
    ],
    [[header(...small), ["tRNS", new Uint8Array(3)], await data(8), end], "tRNS has 3 bytes, wanted 2"],
    [[header(...small), ["ABCD", new Uint8Array(3)], await data(8), end], '"ABCD" is unknown and critical'],
  ];
  for (const [chunks, message] of cases) await assertRefused(pngFile(chunks), message);
  await assertRefused(new TextEncoder().encode("GIF89a and so on"), "wanted its signature");
});
