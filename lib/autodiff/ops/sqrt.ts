import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Square root, elementwise. */
export function sqrt(x: Tensor): Tensor {
  return unaryOperation("sqrt", x);
}

/** Gradient rule of {@linkcode sqrt}. */
export const sqrtGradient: GradientRule = unaryGradient("sqrt");
