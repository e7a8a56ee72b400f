import { binaryGradient, binaryOperation } from "../broadcast.ts";
import { currentRegion, kernels } from "../../kernels/mod.ts";
import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** a / b, elementwise, with broadcasting. */
export function divide(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("divide", a, b);
}

/** Gradient rule of {@linkcode divide}. */
export const divideGradient: GradientRule = binaryGradient([
  (gradient, _a, b) => {
    const out = currentRegion().float32(gradient.length);
    kernels().binary("divide", gradient, b, out, false);
    return out;
  },
  (gradient, a, b) => {
    const out = currentRegion().float32(gradient.length);
    for (let i = 0; i < out.length; i++) out[i] = -gradient[i] * a[i] / (b[i] * b[i]);
    return out;
  },
]);
