import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape, expectRank } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** The parts of a batch normalisation. */
export interface BatchNormOptions {
  /** Factor of each normalised column, [columns]. */
  readonly gain: Tensor;
  /** Added to each column after that, [columns]. */
  readonly bias: Tensor;
  /** Added to the variance, so that a column without spread stays finite; 1e-5 when left out. */
  readonly epsilon?: number;
  /** Takes the mean of each column of the batch. */
  readonly mean?: Float32Array;
  /** Takes the variance of each column of the batch, the mean squared deviation. */
  readonly variance?: Float32Array;
}

interface Normalized {
  /** [rows, columns] the columns of x at mean 0 and variance 1. */
  readonly values: Float32Array;
  /** [columns] what each deviation was multiplied by. */
  readonly inverses: Float64Array;
}

/**
 * Batch normalisation: each column of x [rows, columns] is brought to mean 0 and variance 1 over the rows, then multiplied by its gain and shifted by its
 * bias (Ioffe & Szegedy 2015, algorithm 1). The gradient passes through mean and variance. Throws `ShapeError` when the shapes do not fit or there is
 * no row.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const { gain, bias, epsilon = 1e-5, mean, variance } = options;
  expectRank("batchNorm", x, 2);
  const [rows, columns] = x.shape;
  if (rows === 0 || gain.rank !== 1 || gain.size !== columns || bias.rank !== 1 || bias.size !== columns) {
    throw new ShapeError(
      `batchNorm: x ${describeShape(x.shape)}, gain ${describeShape(gain.shape)} and bias ${
        describeShape(bias.shape)
      } do not fit; [rows, columns] with at least one row, [columns] and [columns] were wanted`,
    );
  }
  const means = new Float64Array(columns), inverses = new Float64Array(columns);
  for (let at = 0; at < x.size;) for (let j = 0; j < columns; j++, at++) means[j] += x.data[at];
  for (let j = 0; j < columns; j++) means[j] /= rows;
  for (let at = 0; at < x.size;) for (let j = 0; j < columns; j++, at++) inverses[j] += (x.data[at] - means[j]) ** 2;
  for (let j = 0; j < columns; j++) inverses[j] /= rows;
  mean?.set(means);
  variance?.set(inverses);
  for (let j = 0; j < columns; j++) inverses[j] = 1 / Math.sqrt(inverses[j] + epsilon);
  const values = currentRegion().float32(x.size);
  const data = currentRegion().float32(x.size);
  for (let at = 0; at < x.size;) {
    for (let j = 0; j < columns; j++, at++) {
      values[at] = (x.data[at] - means[j]) * inverses[j];
      data[at] = values[at] * gain.data[j] + bias.data[j];
    }
  }
  const attributes: Normalized = { values, inverses };
  return recordOperation({ op: "batchNorm", inputs: [x, gain, bias], shape: x.shape, data, attributes });
}

/**
 * Gradient rule of {@linkcode batchNorm}. With the normalised values n and the gradient g of a column, over its rows: sum g to the bias, sum g*n to the gain,
 * and gain / deviation * (g - mean g - n * mean(g*n)) to x.
 */
export const batchNormGradient: GradientRule = ({ inputs: [x, gain], attributes }, gradient, into) => {
  const { values, inverses } = attributes as Normalized;
  const [rows, columns] = x.shape;
  const sums = new Float64Array(columns), products = new Float64Array(columns);
  for (let at = 0; at < values.length;) {
    for (let j = 0; j < columns; j++, at++) {
      sums[j] += gradient[at];
      products[j] += gradient[at] * values[at];
    }
  }
  const write = (found: Float64Array) => (out: Float32Array, accumulate: boolean): void => {
    for (let j = 0; j < columns; j++) out[j] = (accumulate ? out[j] : 0) + found[j];
  };
  into(2, write(sums));
  into(1, write(products));
  into(0, (out, accumulate) => {
    for (let at = 0; at < values.length;) {
      for (let j = 0; j < columns; j++, at++) {
        const part = gradient[at] - (sums[j] + values[at] * products[j]) / rows;
        out[at] = (accumulate ? out[at] : 0) + gain.data[j] * inverses[j] * part;
      }
    }
  });
};
