import type { GradientRule } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { unaryGradient, unaryOperation } from "../unary.ts";

/** +1 where x > 0 and −1 elsewhere, the bit of a projection. Its gradient is the straight-through estimator with saturation: that of
 * the output where |x| ≤ 1, nothing elsewhere (Hubara et al., Binarized Neural Networks, 2016, equation 4). */
export function sign(x: Tensor): Tensor {
  return unaryOperation("sign", x);
}

/** Gradient rule of {@linkcode sign}. */
export const signGradient: GradientRule = unaryGradient("sign");
