/**
 * Patches of images, what a convolution's kernel covers at each position of a grid, and pooling over them, in plain TypeScript.
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

/** The part of a patch that lies within the image, rows `top`...`bottom` and columns `left`...`right` of it. */
interface Inside {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Visits every patch and channel: the number of its output, that of the patch's first value, and what lies within the image. */
function forPatches(
  shape: PatchShape,
  visit: (out: number, first: number, inside: Inside) => void,
): void {
  const { images, height, width, channels, kernel, stride, padding } = shape;
  const grid = patchGrid(shape);
  let out = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < grid.rows; row++) {
      const y = row * stride[0] - padding[0];
      for (let column = 0; column < grid.columns; column++) {
        const x = column * stride[1] - padding[1];
        const inside = {
          top: Math.max(0, -y),
          bottom: Math.min(kernel[0], height - y),
          left: Math.max(0, -x),
          right: Math.min(kernel[1], width - x),
        };
        const first = ((image * height + y) * width + x) * channels;
        for (let channel = 0; channel < channels; channel++) visit(out++, first + channel, inside);
      }
    }
  }
}

/** See {@linkcode Kernels.maxPool}. */
export function maxPool(source: Float32Array, out: Float32Array, places: Int32Array, shape: PatchShape): void {
  const { width, channels, kernel } = shape;
  forPatches(shape, (to, first, { top, bottom, left, right }) => {
    let largest = source[first + (top * width + left) * channels], place = top * kernel[1] + left;
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) {
        const value = source[first + (i * width + j) * channels];
        if (value > largest || (value !== value && largest === largest)) {
          largest = value;
          place = i * kernel[1] + j;
        }
      }
    }
    out[to] = largest;
    places[to] = place;
  });
}

/** See {@linkcode Kernels.maxPoolGradient}. */
export function maxPoolGradient(
  gradient: Float32Array,
  places: Int32Array,
  out: Float32Array,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { images, height, width, channels, kernel, accumulate } = shape;
  if (!accumulate) out.fill(0, 0, images * height * width * channels);
  forPatches(shape, (from, first) => {
    const row = Math.floor(places[from] / kernel[1]), column = places[from] % kernel[1];
    out[first + (row * width + column) * channels] += gradient[from];
  });
}

/** See {@linkcode Kernels.averagePool}. */
export function averagePool(source: Float32Array, out: Float32Array, shape: PatchShape): void {
  const { width, channels } = shape;
  forPatches(shape, (to, first, { top, bottom, left, right }) => {
    let sum = 0;
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) sum += source[first + (i * width + j) * channels];
    }
    out[to] = sum / ((bottom - top) * (right - left));
  });
}

/** See {@linkcode Kernels.averagePoolGradient}. */
export function averagePoolGradient(
  gradient: Float32Array,
  out: Float32Array,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { images, height, width, channels, accumulate } = shape;
  if (!accumulate) out.fill(0, 0, images * height * width * channels);
  forPatches(shape, (from, first, { top, bottom, left, right }) => {
    const share = gradient[from] / ((bottom - top) * (right - left));
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) out[first + (i * width + j) * channels] += share;
    }
  });
}
