import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { planReduction, type Reduction, type ReductionOptions, spreadInto, sumInto } from "./sum.ts";

/** The mean over one axis or over all; NaN over an axis of length 0. */
export function mean(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { reduction, shape } = planReduction("mean", x, options);
  const data = currentRegion().float32(reduction.outer * reduction.inner);
  sumInto(x.data, data, reduction);
  kernels().scale(data, 1 / reduction.length, data, false);
  return recordOperation({ op: "mean", inputs: [x], shape, data, attributes: reduction });
}

/** Gradient rule of {@linkcode mean}. */
export const meanGradient: GradientRule = ({ attributes }, gradient, into) => {
  const reduction = attributes as Reduction;
  into(0, (out, accumulate) => spreadInto(gradient, out, { ...reduction, factor: 1 / reduction.length, accumulate }));
};
