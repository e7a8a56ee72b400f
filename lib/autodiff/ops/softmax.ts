/**
 * Softmax and its logarithm over the last axis.
 *
 * @module
 */
import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { rowsOf } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().softmax(x.data, data, rowsOf("softmax", x));
  return recordOperation({ op: "softmax", inputs: [x], shape: x.shape, data });
}

/** Gradient rule of {@linkcode softmax}: y*(g - sum g*y). */
export const softmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("softmax", output);
  into(0, (out, accumulate) => kernels().softmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().logSoftmax(x.data, data, rowsOf("logSoftmax", x));
  return recordOperation({ op: "logSoftmax", inputs: [x], shape: x.shape, data });
}

/** Gradient rule of {@linkcode logSoftmax}: g - e^y*sum g. */
export const logSoftmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("logSoftmax", output);
  into(0, (out, accumulate) => kernels().logSoftmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};
