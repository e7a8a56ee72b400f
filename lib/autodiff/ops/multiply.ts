import { binaryGradient, binaryOperation } from "../broadcast.ts";
import { currentRegion, kernels } from "../../kernels/mod.ts";
import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** a · b, elementwise, with broadcasting. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("multiply", a, b);
}

/** Gradient rule of {@linkcode multiply}. */
export const multiplyGradient: GradientRule = binaryGradient([
  (gradient, _a, b) => product(gradient, b),
  (gradient, a) => product(gradient, a),
]);

function product(a: Float32Array, b: Float32Array): Float32Array {
  const out = currentRegion().float32(a.length);
  kernels().binary("multiply", a, b, out, false);
  return out;
}
