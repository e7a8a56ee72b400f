import { currentRegion, kernels, type PatchShape, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";
import { type WindowOptions, windowsOf } from "../windows.ts";
import { passToBias } from "./matmul.ts";

/** The parts of a convolutional layer. */
export interface Conv2dOptions extends WindowOptions {
  /** Added to each pixel, [outputs]. */
  readonly bias: Tensor;
  /** Replace negative results by zero. */
  readonly relu?: boolean;
}

interface Saved {
  readonly windows: PatchShape;
  readonly pixels: number;
  readonly relu: boolean;
}

/** Values of unfolded images that are worked on at a time: about what the second-level cache holds beside the weights. */
const valuesAtOnce = 1 << 17;

/**
 * A convolution (in truth a correlation): x [images, height, width, channels] and weights [kernel height, kernel width, channels, outputs] give
 * [images, grid rows, grid columns, outputs], with ReLU when asked. Windows are unfolded for a matrix product (im2col), some images at a time, and again
 * for the gradient, so that they take no memory. Throws `ShapeError` when the parts do not fit.
 */
export function conv2d(x: Tensor, weights: Tensor, options: Conv2dOptions): Tensor {
  const { bias, relu = false } = options;
  const [kernelHeight, kernelWidth, channels, outputs] = weights.shape;
  if (weights.rank !== 4 || x.shape[3] !== channels || bias.rank !== 1 || bias.size !== outputs) {
    throw new ShapeError(
      `conv2d: x ${describeShape(x.shape)}, weights ${describeShape(weights.shape)} and bias ${
        describeShape(bias.shape)
      } ` +
        "do not fit; [images, height, width, channels], [kernel height, kernel width, channels, outputs] and [outputs] were wanted",
    );
  }
  const { windows, grid } = windowsOf("conv2d", x, [kernelHeight, kernelWidth], options);
  const pixels = grid.rows * grid.columns, inner = kernelHeight * kernelWidth * channels;
  const data = currentRegion().float32(windows.images * pixels * outputs);
  forImages({ windows, pixels, relu }, ({ part, rows, first, unfolded }) => {
    const source = x.data.subarray(first * (x.size / windows.images));
    const patches = unfolded === null ? source : unfolded;
    if (unfolded !== null) kernels().im2col(source, unfolded, part);
    const product = { rows, columns: outputs, inner, bias: bias.data, relu };
    kernels().matmul(patches, weights.data, data.subarray(first * pixels * outputs), product);
  });
  return recordOperation({
    op: "conv2d",
    inputs: [x, weights, bias],
    shape: [windows.images, grid.rows, grid.columns, outputs],
    data,
    attributes: { windows, pixels, relu } satisfies Saved,
  });
}

/** Gradient rule of {@linkcode conv2d}. */
export const conv2dGradient: GradientRule = ({ inputs: [x, weights, bias], output, attributes }, gradient, into) => {
  const saved = attributes as Saved, { windows, pixels, relu } = saved;
  const columns = bias.size, inner = weights.size / columns, image = x.size / windows.images;
  passToBias({ bias, output, relu, rows: windows.images * pixels, columns }, gradient, into);
  into(1, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    forImages(saved, ({ part, rows, first, unfolded }) => {
      const source = x.data.subarray(first * image);
      if (unfolded !== null) kernels().im2col(source, unfolded, part);
      const product = { rows: inner, columns, inner: rows, transposeA: true, accumulate: true };
      kernels().matmul(unfolded ?? source, gradient.subarray(first * pixels * columns), out, product);
    });
  });
  into(0, (out, accumulate) =>
    forImages(saved, ({ part, rows, first, unfolded }) => {
      const to = out.subarray(first * image), from = gradient.subarray(first * pixels * columns);
      const product = { rows, columns: inner, inner: columns, transposeB: true };
      if (unfolded === null) kernels().matmul(from, weights.data, to, { ...product, accumulate });
      else {
        kernels().matmul(from, weights.data, unfolded, product);
        kernels().col2im(unfolded, to, { ...part, accumulate });
      }
    }));
};

/** Some of the images. */
interface ImagePart {
  /** Their windows. */
  readonly part: PatchShape;
  /** Number of windows. */
  readonly rows: number;
  /** Number of the first image. */
  readonly first: number;
  /** Room for the values of their windows; null where these are the pixels as they stand. */
  readonly unfolded: Float32Array | null;
}

function forImages({ windows, pixels }: Saved, visit: (part: ImagePart) => void): void {
  const { images, kernel, stride, padding, channels } = windows;
  const perImage = pixels * kernel[0] * kernel[1] * channels;
  const isPlain = [...kernel, ...stride].every((size) => size === 1) && padding.every((size) => size === 0);
  const atOnce = isPlain ? images : Math.max(1, Math.floor(valuesAtOnce / perImage));
  const unfolded = isPlain ? null : currentRegion().float32(Math.min(atOnce, images) * perImage);
  for (let first = 0; first < images; first += atOnce) {
    const count = Math.min(atOnce, images - first);
    visit({ part: { ...windows, images: count }, rows: count * pixels, first, unfolded });
  }
}
