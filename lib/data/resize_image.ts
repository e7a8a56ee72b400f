/**
 * Images at another size.
 *
 * @module
 */

/** The size of an image and its pixels, [height, width, channels]. */
export interface SizedImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values of a pixel. */
  readonly channels: number;
  /** 0...255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * An image stretched or shrunk to `size`, first in its rows, then in its columns: each pixel is a mean weighted by a triangle over the pixels around its
 * place, as wide as the reduction, so that between pixels it is linear interpolation and nothing is skipped where many become one.
 */
export function resizeImage<Image extends SizedImage>(image: Image, size: { width: number; height: number }): Image {
  const { width, height, channels, pixels } = image;
  if (size.width === width && size.height === height) return image;
  const wide = resample(Float32Array.from(pixels), { lines: height, from: width, to: size.width, values: channels });
  const whole = resample(wide, { lines: 1, from: height, to: size.height, values: size.width * channels });
  return { ...image, ...size, pixels: Uint8Array.from(whole, Math.round) };
}

/** Resamples the middle axis of [lines, from, values]. */
function resample(
  source: Float32Array,
  { lines, from, to, values }: { lines: number; from: number; to: number; values: number },
): Float32Array {
  const out = new Float32Array(lines * to * values);
  const ratio = from / to, radius = Math.max(1, ratio);
  for (let target = 0; target < to; target++) {
    const centre = (target + 0.5) * ratio;
    const first = Math.max(0, Math.ceil(centre - radius - 0.5));
    const last = Math.min(from - 1, Math.floor(centre + radius - 0.5));
    const weights: number[] = [];
    for (let i = first; i <= last; i++) weights.push(Math.max(0, 1 - Math.abs(i + 0.5 - centre) / radius));
    const total = weights.reduce((a, b) => a + b);
    for (let line = 0; line < lines; line++) {
      const put = (line * to + target) * values;
      weights.forEach((weight, index) => {
        const take = (line * from + first + index) * values;
        for (let value = 0; value < values; value++) out[put + value] += weight / total * source[take + value];
      });
    }
  }
  return out;
}
