import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Square, elementwise. */
export function square(x: Tensor): Tensor {
  return unaryOperation("square", x);
}

/** Gradient rule of {@linkcode square}. */
export const squareGradient: GradientRule = unaryGradient("square");
