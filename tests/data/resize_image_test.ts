import { assertEquals } from "@std/assert";
import { resizeImage } from "../../lib/data/resize_image.ts";

const image = (width: number, height: number, channels: number, values: number[]) => ({
  ...{ width, height, channels },
  pixels: Uint8Array.from(values),
});

Deno.test("resizeImage: the same size is the same image", () => {
  const original = image(2, 1, 1, [3, 4]);
  assertEquals(resizeImage(original, { width: 2, height: 1 }), original);
});

Deno.test("resizeImage: between pixels it interpolates, at the border it goes on", () => {
  // Places -0.25, 0.25, 0.75, 1.25 between pixels 0 and 1.
  assertEquals([...resizeImage(image(2, 1, 1, [0, 100]), { width: 4, height: 1 }).pixels], [0, 25, 75, 100]);
  assertEquals([...resizeImage(image(1, 1, 3, [1, 2, 3]), { width: 2, height: 2 }).pixels], [
    1,
    2,
    3,
    1,
    2,
    3,
    1,
    2,
    3,
    1,
    2,
    3,
  ]);
});

Deno.test("resizeImage: a reduction weighs every pixel by a triangle", () => {
  // From 4 to 2 the triangle about 1 has weights 3/4, 3/4, 1/4 for the pixels at 0.5, 1.5, 2.5.
  assertEquals([...resizeImage(image(4, 1, 1, [70, 0, 0, 0]), { width: 2, height: 1 }).pixels], [30, 0]);
  assertEquals([...resizeImage(image(1, 4, 1, [0, 0, 70, 0]), { width: 1, height: 2 }).pixels], [10, 30]);
});

Deno.test("resizeImage: sides and channels keep apart, against a direct double sum", () => {
  const [width, height, channels] = [7, 5, 3], size = { width: 4, height: 9 };
  const original = image(width, height, channels, Array.from({ length: 105 }, (_, i) => i * 37 % 256));
  const weight = (i: number, target: number, from: number, to: number): number =>
    Math.max(0, 1 - Math.abs(i + 0.5 - (target + 0.5) * from / to) / Math.max(1, from / to));
  const { pixels } = resizeImage(original, size);
  for (let y = 0, at = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      for (let c = 0; c < channels; c++, at++) {
        let sum = 0, total = 0;
        for (let v = 0; v < height; v++) {
          for (let u = 0; u < width; u++) {
            const share = weight(u, x, width, size.width) * weight(v, y, height, size.height);
            sum += share * original.pixels[(v * width + u) * channels + c];
            total += share;
          }
        }
        assertEquals(Math.abs(pixels[at] - sum / total) < 0.5001, true, `pixel ${x},${y},${c}`);
      }
    }
  }
});
