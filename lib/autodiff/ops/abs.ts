import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Absolute value, elementwise; the derivative at 0 is taken as 0. */
export function abs(x: Tensor): Tensor {
  return unaryOperation("abs", x);
}

/** Gradient rule of {@linkcode abs}. */
export const absGradient: GradientRule = unaryGradient("abs");
