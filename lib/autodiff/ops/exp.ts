import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Exponential, elementwise. */
export function exp(x: Tensor): Tensor {
  return unaryOperation("exp", x);
}

/** Gradient rule of {@linkcode exp}. */
export const expGradient: GradientRule = unaryGradient("exp");
