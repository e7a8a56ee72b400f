import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** Natural logarithm, elementwise. */
export function log(x: Tensor): Tensor {
  return unaryOperation("log", x);
}

/** Gradient rule of {@linkcode log}. */
export const logGradient: GradientRule = unaryGradient("log");
