/**
 * Elementwise operations on one tensor.
 *
 * @module
 */
import { currentRegion, kernels, type UnaryName } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";

function unaryOperation(name: UnaryName, x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().unary(name, x.data, data);
  return recordOperation({ op: name, inputs: [x], shape: x.shape, data });
}

function unaryGradient(name: UnaryName): GradientRule {
  return ({ inputs: [x], output: y }, gradient, into) =>
    into(0, (out, accumulate) => kernels().unaryGradient(name, { x: x.data, y: y.data, gradient }, out, accumulate));
}

/** Absolute value, elementwise; the derivative at 0 is taken as 0. */
export function abs(x: Tensor): Tensor {
  return unaryOperation("abs", x);
}

/** Exponential, elementwise. */
export function exp(x: Tensor): Tensor {
  return unaryOperation("exp", x);
}

/** Natural logarithm, elementwise. */
export function log(x: Tensor): Tensor {
  return unaryOperation("log", x);
}

/** -x, elementwise. */
export function negate(x: Tensor): Tensor {
  return unaryOperation("negate", x);
}

/** Rectified linear unit, max(0, x), elementwise. NaN stays NaN. */
export function relu(x: Tensor): Tensor {
  return unaryOperation("relu", x);
}

/** Logistic function 1 / (1 + e^-x), elementwise. */
export function sigmoid(x: Tensor): Tensor {
  return unaryOperation("sigmoid", x);
}

/** +1 where x > 0 and -1 elsewhere, the bit of a projection. Its gradient is the straight-through estimator with saturation: that of
 * the output where |x| <= 1, nothing elsewhere (Hubara et al., Binarized Neural Networks, 2016, equation 4). */
export function sign(x: Tensor): Tensor {
  return unaryOperation("sign", x);
}

/** Square root, elementwise. */
export function sqrt(x: Tensor): Tensor {
  return unaryOperation("sqrt", x);
}

/** Square, elementwise. */
export function square(x: Tensor): Tensor {
  return unaryOperation("square", x);
}

/** Hyperbolic tangent, elementwise. */
export function tanh(x: Tensor): Tensor {
  return unaryOperation("tanh", x);
}

/** The gradient rules of these operations. */
export const elementwiseGradients: Readonly<Record<UnaryName, GradientRule>> = {
  abs: unaryGradient("abs"),
  exp: unaryGradient("exp"),
  log: unaryGradient("log"),
  negate: unaryGradient("negate"),
  relu: unaryGradient("relu"),
  sigmoid: unaryGradient("sigmoid"),
  sign: unaryGradient("sign"),
  sqrt: unaryGradient("sqrt"),
  square: unaryGradient("square"),
  tanh: unaryGradient("tanh"),
};

/** Which entries are dropped. */
export interface DropoutOptions {
  /** Part of the entries that is set to zero, 0 <= rate < 1; the rest is scaled by 1 / (1 - rate). */
  readonly rate: number;
  /** Seed of the choice. */
  readonly seed: number;
  /** Number of the step, so that each step drops other entries. */
  readonly step: number;
}

/** Inverted dropout: sets a random part of x to zero, a function of seed, step and position alone (Srivastava et al. 2014). */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  const { rate, seed, step } = options;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`dropout: a rate of at least 0 and below 1 was wanted, ${rate} found`);
  }
  const mask = currentRegion().float32(x.size);
  kernels().dropoutMask(mask, { seed, step, limit: rate * 2 ** 32, kept: 1 / (1 - rate) });
  const data = currentRegion().float32(x.size);
  kernels().binary("multiply", x.data, mask, data, false);
  return recordOperation({ op: "dropout", inputs: [x], shape: x.shape, data, attributes: mask });
}

/** Gradient rule of {@linkcode dropout}. */
export const dropoutGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(0, (out, accumulate) => kernels().binary("multiply", gradient, attributes as Float32Array, out, accumulate));
