import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** −x, elementwise. */
export function negate(x: Tensor): Tensor {
  return unaryOperation("negate", x);
}

/** Gradient rule of {@linkcode negate}. */
export const negateGradient: GradientRule = unaryGradient("negate");
