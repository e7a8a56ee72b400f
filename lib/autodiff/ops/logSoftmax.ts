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
  const { rows, columns } = rowsOf("logSoftmax", output);
  const y = output.data;
  into(0, (out, accumulate) => {
    for (let i = 0; i < rows; i++) {
      const start = i * columns, end = start + columns;
      let total = 0;
      for (let at = start; at < end; at++) total += gradient[at];
      for (let at = start; at < end; at++) {
        const value = gradient[at] - Math.exp(y[at]) * total;
        out[at] = accumulate ? out[at] + value : value;
      }
    }
  });
};
