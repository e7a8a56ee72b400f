import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape, rowsOf } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Mean and variance of each channel. */
export interface Moments {
  /** [channels]. */
  readonly mean: Float32Array;
  /** [channels]. */
  readonly variance: Float32Array;
}

/** The parts of batch normalisation. */
export interface BatchNormOptions {
  /** What the normalised values are multiplied by, [channels]. */
  readonly gain: Tensor;
  /** What is added then, [channels]. */
  readonly bias: Tensor;
  /** What to normalise by; with `training` they are computed from x first, and written here. */
  readonly moments: Moments;
  /** Normalise by the moments of x itself. */
  readonly training: boolean;
  /** Replace negative results by zero. */
  readonly relu?: boolean;
  /** Added to the variances; 1e-5 when left out. */
  readonly epsilon?: number;
}

/** What the gradient rule needs, with 1 / sqrt (variance + epsilon) for each channel. */
interface Saved {
  readonly mean: Float32Array;
  readonly inverse: Float32Array;
  readonly training: boolean;
  readonly relu: boolean;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): gain * (x - mean) / sqrt (variance + epsilon) + bias for each channel, the last axis of x, with ReLU when asked. Throws `ShapeError`
 * when the parts do not fit, or when there is nothing to take moments of.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const { gain, bias, moments, training, relu = false, epsilon = 1e-5 } = options;
  const { rows, columns } = rowsOf("batchNorm", x);
  const sizes = [gain, bias].map(({ shape }) => describeShape(shape));
  if (
    [gain, bias, moments.mean, moments.variance].some((part) => sizeOf(part) !== columns) || (training && rows === 0)
  ) {
    throw new ShapeError(
      `batchNorm: x ${describeShape(x.shape)}, gain ${sizes[0]}, bias ${
        sizes[1]
      } and moments of ${moments.mean.length} and ` +
        `${moments.variance.length} channels do not fit; at least one row, and a value for each of its channels were wanted`,
    );
  }
  if (training) kernels().columnMoments(x.data, moments, { rows, columns });
  const region = currentRegion();
  const [mean, inverse, factors, offsets] = [0, 1, 2, 3].map(() => region.float32(columns));
  mean.set(moments.mean);
  for (let j = 0; j < columns; j++) {
    inverse[j] = 1 / Math.sqrt(moments.variance[j] + epsilon);
    factors[j] = gain.data[j] * inverse[j];
    offsets[j] = bias.data[j] - mean[j] * factors[j];
  }
  const data = region.float32(x.size);
  kernels().scaleColumns({ x: x.data, factors, offsets }, data, { rows, columns, accumulate: false, relu });
  const attributes: Saved = { mean, inverse, training, relu };
  return recordOperation({ op: "batchNorm", inputs: [x, gain, bias], shape: x.shape, data, attributes });
}

const sizeOf = (part: Tensor | Float32Array): number => part instanceof Float32Array ? part.length : part.size;

/** Gradient rule of {@linkcode batchNorm}; in training the moments are functions of x as well. */
export const batchNormGradient: GradientRule = ({ inputs: [x, gain], output, attributes }, gradient, into) => {
  const { mean, inverse, training, relu } = attributes as Saved;
  const { rows, columns } = rowsOf("batchNorm", x), region = currentRegion();
  const sums = region.float32(columns), dots = region.float32(columns);
  const passed = relu ? output.data : undefined;
  kernels().columnDots({ x: gradient, y: x.data, mean, passed }, { sums, dots }, { rows, columns });
  into(1, (out, accumulate) => kernels().binary("multiply", dots, inverse, out, accumulate));
  into(2, (out, accumulate) => kernels().scale(sums, 1, out, accumulate));
  into(0, (out, accumulate) => {
    const [factors, others, offsets] = [0, 1, 2].map(() => region.float32(columns).fill(0));
    for (let j = 0; j < columns; j++) {
      factors[j] = gain.data[j] * inverse[j];
      if (!training) continue;
      others[j] = -factors[j] * inverse[j] ** 2 * dots[j] / rows;
      offsets[j] = -factors[j] * sums[j] / rows - others[j] * mean[j];
    }
    const operands = { x: gradient, factors, y: x.data, others, offsets };
    kernels().scaleColumns(operands, out, { rows, columns, accumulate });
  });
};
