import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { planReduction, type ReductionOptions } from "./sum.ts";

/**
 * The largest value over one axis or over all; NaN when one of them is. The gradient goes to the first of equal values. Throws `ShapeError` over
 * an axis of length 0.
 */
export function max(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { reduction: { outer, length, inner }, shape } = planReduction("max", x, options);
  if (length === 0) throw new ShapeError(`max: at least one value was wanted, none found`);
  const data = currentRegion().float32(outer * inner);
  const positions = currentRegion().int32(outer * inner);
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      let best = i * length * inner + k;
      for (let j = 1, at = best + inner; j < length; j++, at += inner) {
        if (x.data[at] > x.data[best] || (x.data[at] !== x.data[at] && x.data[best] === x.data[best])) best = at;
      }
      data[i * inner + k] = x.data[best];
      positions[i * inner + k] = best;
    }
  }
  return recordOperation({ op: "max", inputs: [x], shape, data, attributes: positions });
}

/** Gradient rule of {@linkcode max}. */
export const maxGradient: GradientRule = ({ attributes }, gradient, into) => {
  const positions = attributes as Int32Array;
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let i = 0; i < positions.length; i++) out[positions[i]] += gradient[i];
  });
};
