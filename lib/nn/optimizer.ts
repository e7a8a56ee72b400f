/**
 * What every optimiser offers.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";

/** Changes parameters along their gradients. Its state lives in the region that was current when it was made. */
export interface Optimizer {
  /** The step size; a schedule may change it between steps. */
  learningRate: number;
  /** The parameters that it changes. */
  readonly parameters: readonly Tensor[];
  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void;
}
