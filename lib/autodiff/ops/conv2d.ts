import { type Convolution, currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
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
  readonly convolution: Convolution;
  readonly pixels: number;
  readonly relu: boolean;
}

/**
 * A convolution (in truth a correlation): x [images, height, width, channels] and weights [kernel height, kernel width, channels, outputs] give
 * [images, grid rows, grid columns, outputs], with ReLU when asked. Throws `ShapeError` when the parts do not fit.
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
  const pixels = grid.rows * grid.columns, convolution = { ...windows, outputs };
  const data = currentRegion().float32(windows.images * pixels * outputs);
  kernels().convolve(x.data, weights.data, data, { ...convolution, bias: bias.data, relu });
  return recordOperation({
    op: "conv2d",
    inputs: [x, weights, bias],
    shape: [windows.images, grid.rows, grid.columns, outputs],
    data,
    attributes: { convolution, pixels, relu } satisfies Saved,
  });
}

/** Gradient rule of {@linkcode conv2d}. */
export const conv2dGradient: GradientRule = ({ inputs: [x, weights, bias], output, attributes }, gradient, into) => {
  const { convolution, pixels, relu } = attributes as Saved, rows = convolution.images * pixels;
  passToBias({ bias, output, relu, rows, columns: bias.size }, gradient, into);
  into(
    1,
    (out, accumulate) => kernels().convolutionWeightGradient(x.data, gradient, out, { ...convolution, accumulate }),
  );
  into(
    0,
    (out, accumulate) =>
      kernels().convolutionInputGradient(gradient, weights.data, out, { ...convolution, accumulate }),
  );
};
