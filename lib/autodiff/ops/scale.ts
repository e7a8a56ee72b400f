import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** factor · x for a number, elementwise. */
export function scale(x: Tensor, factor: number): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().scale(x.data, factor, data, false);
  return recordOperation({ op: "scale", inputs: [x], shape: x.shape, data, attributes: factor });
}

/** Gradient rule of {@linkcode scale}. */
export const scaleGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, attributes as number, out, accumulate));
