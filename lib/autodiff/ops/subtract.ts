import { binaryGradient, binaryOperation } from "../broadcast.ts";
import { currentRegion, kernels } from "../../kernels/mod.ts";
import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** a − b, elementwise, with broadcasting. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("subtract", a, b);
}

/** Gradient rule of {@linkcode subtract}. */
export const subtractGradient: GradientRule = binaryGradient([
  (gradient) => gradient,
  (gradient) => {
    const out = currentRegion().float32(gradient.length);
    kernels().unary("negate", gradient, out);
    return out;
  },
]);
