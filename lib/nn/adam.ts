import type { Tensor } from "../autodiff/mod.ts";
import { currentRegion, kernels } from "../kernels/mod.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Decay of the mean of gradients; 0.9 when left out. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; 0.999 when left out. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8 when left out. */
  readonly epsilon?: number;
  /** Weight decay; 0 when left out. */
  readonly weightDecay?: number;
}

/** Adam (Kingma & Ba 2015); weight decay is added to the gradient. */
export class Adam implements Optimizer {
  learningRate: number;
  readonly #options: Required<AdamOptions>;
  readonly #moments: { mean: Float32Array; square: Float32Array }[];
  readonly #decoupled: boolean;
  #step = 0;

  /** An optimiser of the given parameters, with moments of zero. */
  constructor(readonly parameters: readonly Tensor[], options: AdamOptions, decoupled = false) {
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
    this.learningRate = learningRate;
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay };
    this.#decoupled = decoupled;
    this.#moments = parameters.map(({ size }) => ({
      mean: currentRegion().float32(size).fill(0),
      square: currentRegion().float32(size).fill(0),
    }));
  }

  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void {
    const constants = {
      ...this.#options,
      learningRate: this.learningRate,
      decoupled: this.#decoupled,
      step: ++this.#step,
    };
    this.parameters.forEach((parameter, index) => {
      if (parameter.gradient === null) return;
      kernels().adam(parameter.data, parameter.gradient, this.#moments[index], constants);
      parameter.gradient = null;
    });
  }
}

/** AdamW (Loshchilov & Hutter 2019): Adam with weight decay decoupled from the gradient. */
export class AdamW extends Adam {
  /** An optimiser of the given parameters, with moments of zero. */
  constructor(parameters: readonly Tensor[], options: AdamOptions) {
    super(parameters, options, true);
  }
}
