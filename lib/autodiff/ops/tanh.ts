import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Hyperbolic tangent, elementwise. */
export function tanh(x: Tensor): Tensor {
  return unaryOperation("tanh", x);
}

/** Gradient rule of {@linkcode tanh}. */
export const tanhGradient: GradientRule = unaryGradient("tanh");
