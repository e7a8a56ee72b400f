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

/** Gradient rule of {@linkcode softmax}: y·(g − Σ g·y). */
export const softmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("softmax", output);
  into(0, (out, accumulate) => kernels().softmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};
