import type { Tensor } from "../autodiff/mod.ts";
import { currentRegion, kernels } from "../kernels/mod.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of {@linkcode Sgd}. */
export interface SgdOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Part of the velocity that is kept, 0...1; 0 when left out. */
  readonly momentum?: number;
  /** Multiple of the parameter added to its gradient (L2); 0 when left out. */
  readonly weightDecay?: number;
  /** Look ahead along the velocity (Nesterov). */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent with momentum: v = momentum*v + gradient, parameter -= learningRate*v (Sutskever et al. 2013). */
export class Sgd implements Optimizer {
  learningRate: number;
  readonly #options: Required<SgdOptions>;
  readonly #velocities: (Float32Array | null)[];

  /** An optimiser of the given parameters, with velocities of zero. */
  constructor(readonly parameters: readonly Tensor[], options: SgdOptions) {
    const { learningRate, momentum = 0, weightDecay = 0, nesterov = false } = options;
    this.learningRate = learningRate;
    this.#options = { learningRate, momentum, weightDecay, nesterov };
    this.#velocities = parameters.map(({ size }) =>
      this.#options.momentum === 0 ? null : currentRegion().float32(size).fill(0)
    );
  }

  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void {
    const { momentum, weightDecay, nesterov } = this.#options;
    const constants = { learningRate: this.learningRate, momentum, weightDecay, nesterov };
    this.parameters.forEach((parameter, index) => {
      if (parameter.gradient === null) return;
      kernels().sgd(parameter.data, parameter.gradient, this.#velocities[index], constants);
      parameter.gradient = null;
    });
  }
}
