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
  const { rows, columns } = rowsOf("softmax", output);
  const y = output.data;
  into(0, (out, accumulate) => {
    for (let i = 0; i < rows; i++) {
      const start = i * columns, end = start + columns;
      let dot = 0;
      for (let at = start; at < end; at++) dot += gradient[at] * y[at];
      for (let at = start; at < end; at++) {
        const value = y[at] * (gradient[at] - dot);
        out[at] = accumulate ? out[at] + value : value;
      }
    }
  });
};
