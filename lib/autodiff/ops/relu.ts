import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Rectified linear unit, max(0, x), elementwise. NaN stays NaN. */
export function relu(x: Tensor): Tensor {
  return unaryOperation("relu", x);
}

/** Gradient rule of {@linkcode relu}. */
export const reluGradient: GradientRule = unaryGradient("relu");
