import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Logistic function 1 / (1 + e⁻ˣ), elementwise. */
export function sigmoid(x: Tensor): Tensor {
  return unaryOperation("sigmoid", x);
}

/** Gradient rule of {@linkcode sigmoid}. */
export const sigmoidGradient: GradientRule = unaryGradient("sigmoid");
