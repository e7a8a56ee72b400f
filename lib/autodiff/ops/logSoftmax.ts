import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { rowsOf } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().logSoftmax(x.data, data, rowsOf("logSoftmax", x));
  return recordOperation({ op: "logSoftmax", inputs: [x], shape: x.shape, data });
}

/** Gradient rule of {@linkcode logSoftmax}: g − eʸ·Σ g. */
export const logSoftmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("logSoftmax", output);
  into(0, (out, accumulate) => kernels().logSoftmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};
