/**
 * Patches of images as rows of a matrix and back, in plain TypeScript.
 *
 * @module
 */
import { patchGrid, type PatchShape } from "../patches.ts";

/** See {@linkcode Kernels.im2col}. */
export function im2col(source: Float32Array | Uint8Array, out: Float32Array, shape: PatchShape): void {
  const { images, height, width, channels, kernel, stride, padding } = shape;
  const grid = patchGrid(shape);
  let to = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++) {
        for (let i = 0; i < kernel[0]; i++) {
          const y = row * stride[0] + i - padding[0];
          for (let j = 0; j < kernel[1]; j++) {
            const x = column * stride[1] + j - padding[1];
            const inside = y >= 0 && y < height && x >= 0 && x < width;
            const from = ((image * height + y) * width + x) * channels;
            for (let channel = 0; channel < channels; channel++) out[to++] = inside ? source[from + channel] : 0;
          }
        }
      }
    }
  }
}

/** See {@linkcode Kernels.col2im}. */
export function col2im(
  columns: Float32Array,
  out: Float32Array,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { images, height, width, channels, kernel, stride, padding, accumulate } = shape;
  const grid = patchGrid(shape);
  if (!accumulate) out.fill(0, 0, images * height * width * channels);
  let from = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++) {
        for (let i = 0; i < kernel[0]; i++) {
          const y = row * stride[0] + i - padding[0];
          for (let j = 0; j < kernel[1]; j++, from += channels) {
            const x = column * stride[1] + j - padding[1];
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            const to = ((image * height + y) * width + x) * channels;
            for (let channel = 0; channel < channels; channel++) out[to + channel] += columns[from + channel];
          }
        }
      }
    }
  }
}
