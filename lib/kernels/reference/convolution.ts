/**
 * Convolutions (in truth correlations) as matrix products over unfolded images (im2col), some images at a time, and their gradients, which unfold them again
 * so that they take no memory.
 *
 * @module
 */
import type { Convolution, Kernels } from "../interface.ts";
import { currentRegion } from "../memory.ts";
import { patchGrid } from "./patches.ts";

/** Values of unfolded images that are worked on at a time, at least those of one image: some megabytes, which several threads can share the work on. */
const valuesAtOnce = 1 << 19;

/** Some of the images. */
interface ImagePart {
  readonly shape: Convolution;
  /** Number of patches. */
  readonly rows: number;
  /** Where their images begin, in values, and their outputs. */
  readonly source: number;
  readonly result: number;
  /** Room for the values of their patches; null where these are the pixels as they stand. */
  readonly unfolded: Float32Array | null;
}

/** The kernels for convolutions, made from those for patches and matrices. */
export function convolutionsBy(
  { im2col, col2im, matmul }: Pick<Kernels, "im2col" | "col2im" | "matmul">,
): Pick<Kernels, "convolve" | "convolutionWeightGradient" | "convolutionInputGradient"> {
  return {
    convolve(x, weights, out, { bias, relu, ...shape }): void {
      const columns = shape.outputs, inner = patchLength(shape);
      forImages(shape, ({ shape, rows, source, result, unfolded }) => {
        const pixels = x.subarray(source);
        if (unfolded !== null) im2col(pixels, unfolded, shape);
        matmul(unfolded ?? pixels, weights, out.subarray(result), { rows, columns, inner, bias, relu });
      });
    },

    convolutionWeightGradient(x, gradient, out, { accumulate, ...shape }): void {
      const columns = shape.outputs, rows = patchLength(shape);
      if (!accumulate) out.fill(0, 0, rows * columns);
      forImages(shape, ({ shape, rows: inner, source, result, unfolded }) => {
        const pixels = x.subarray(source), product = { rows, columns, inner, transposeA: true, accumulate: true };
        if (unfolded !== null) im2col(pixels, unfolded, shape);
        matmul(unfolded ?? pixels, gradient.subarray(result), out, product);
      });
    },

    convolutionInputGradient(gradient, weights, out, { accumulate, ...shape }): void {
      const columns = patchLength(shape), inner = shape.outputs;
      forImages(shape, ({ shape, rows, source, result, unfolded }) => {
        const from = gradient.subarray(result), to = out.subarray(source);
        const product = { rows, columns, inner, transposeB: true };
        if (unfolded === null) return matmul(from, weights, to, { ...product, accumulate });
        matmul(from, weights, unfolded, product);
        col2im(unfolded, to, { ...shape, accumulate });
      });
    },
  };
}

/** Whether the patches are the pixels as they stand. */
export function isPlain({ kernel, stride, padding }: Convolution): boolean {
  return [...kernel, ...stride].every((size) => size === 1) && padding.every((size) => size === 0);
}

function patchLength({ kernel, channels }: Convolution): number {
  return kernel[0] * kernel[1] * channels;
}

function forImages(shape: Convolution, visit: (part: ImagePart) => void): void {
  const { images, height, width, channels, outputs } = shape, { rows, columns } = patchGrid(shape);
  const pixels = rows * columns, perImage = pixels * patchLength(shape), plain = isPlain(shape);
  const atOnce = plain ? Math.max(images, 1) : Math.max(1, Math.floor(valuesAtOnce / Math.max(perImage, 1)));
  const unfolded = plain ? null : currentRegion().float32(Math.min(atOnce, images) * perImage);
  for (let first = 0; first < images; first += atOnce) {
    const count = Math.min(atOnce, images - first);
    visit({
      shape: { ...shape, images: count },
      rows: count * pixels,
      source: first * height * width * channels,
      result: first * pixels * outputs,
      unfolded,
    });
  }
}
