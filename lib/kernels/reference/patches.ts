/**
 * Patches of images: what a convolution's kernel covers at each position of a grid.
 *
 * @module
 */
import { ShapeError } from "../memory.ts";

/** Images with channels last, and the patches that are taken of them. */
export interface PatchShape {
  /** Number of images. */
  readonly images: number;
  /** Rows of an image. */
  readonly height: number;
  /** Columns of an image. */
  readonly width: number;
  /** Values a pixel. */
  readonly channels: number;
  /** Rows and columns of a patch, each at least 1. */
  readonly kernel: readonly [height: number, width: number];
  /** From one patch to the next, in rows and in columns, each at least 1. */
  readonly stride: readonly [vertical: number, horizontal: number];
  /** Rows and columns of zeros around the image. */
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
}

/**
 * How many patches an image has in each direction: floor((size + padding - kernel) / stride) + 1, or 0 where the kernel does not fit.
 *
 * @throws {ShapeError} when a size is no whole number, or too small.
 */
export function patchGrid(shape: PatchShape): { rows: number; columns: number } {
  const { images, height, width, channels, kernel, stride, padding } = shape;
  const sizes = [images, height, width, channels, ...padding], positive = [...kernel, ...stride];
  if (
    !sizes.every((size) => Number.isInteger(size) && size >= 0) ||
    !positive.every((size) => Number.isInteger(size) && size >= 1)
  ) {
    throw new ShapeError(
      `patches of ${images} images of ${height}x${width}x${channels}, kernel ${kernel.join("x")}, stride ${
        stride.join("x")
      }, padding ${padding.join(", ")}: whole numbers were wanted, kernel and stride at least 1`,
    );
  }
  const [top, left, bottom, right] = padding;
  const along = (size: number, axis: 0 | 1): number =>
    Math.max(0, Math.floor((size - kernel[axis]) / stride[axis]) + 1);
  return { rows: along(top + height + bottom, 0), columns: along(left + width + right, 1) };
}

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
