import { currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";

/** Which entries are dropped. */
export interface DropoutOptions {
  /** Part of the entries that is set to zero, 0 <= rate < 1; the rest is scaled by 1 / (1 - rate). */
  readonly rate: number;
  /** Seed of the choice. */
  readonly seed: number;
  /** Number of the step, so that each step drops other entries. */
  readonly step: number;
}

/** Inverted dropout: sets a random part of x to zero, a function of seed, step and position alone (Srivastava et al. 2014). */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  const { rate, seed, step } = options;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`dropout: a rate of at least 0 and below 1 was wanted, ${rate} found`);
  }
  const mask = currentRegion().float32(x.size);
  kernels().dropoutMask(mask, { seed, step, limit: rate * 2 ** 32, kept: 1 / (1 - rate) });
  const data = currentRegion().float32(x.size);
  kernels().binary("multiply", x.data, mask, data, false);
  return recordOperation({ op: "dropout", inputs: [x], shape: x.shape, data, attributes: mask });
}

/** Gradient rule of {@linkcode dropout}. */
export const dropoutGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(0, (out, accumulate) => kernels().binary("multiply", gradient, attributes as Float32Array, out, accumulate));
