import { binaryGradient, binaryOperation } from "../broadcast.ts";
import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** a + b, elementwise, with broadcasting. */
export function add(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("add", a, b);
}

/** Gradient rule of {@linkcode add}. */
export const addGradient: GradientRule = binaryGradient([(gradient) => gradient, (gradient) => gradient]);
