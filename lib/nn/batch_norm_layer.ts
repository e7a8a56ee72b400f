import { batchNorm, empty, relu, type Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Options of {@linkcode BatchNorm}. */
export interface BatchNormLayerOptions {
  /** Length of the last axis of the input. */
  readonly channels: number;
  /** Part of the running mean and variance that a step of training keeps; 0.9 when left out. */
  readonly momentum?: number;
  /** Added to variances; 1e-5 when left out. */
  readonly epsilon?: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Name for messages and exports. */
  readonly name?: string;
}

/**
 * Batch normalisation over the last axis (Ioffe & Szegedy 2015): in training by the mean and variance of the batch, outside it by their running means, which
 * begin with the first batch.
 */
export class BatchNorm implements Module {
  /** What normalised values are multiplied by, [channels]. */
  readonly gain: Tensor;
  /** What is added then, [channels]. */
  readonly bias: Tensor;
  /** Running mean and variance, [channels], and one number: 1 when they have seen a batch. */
  readonly state: readonly [mean: Tensor, variance: Tensor, started: Tensor];
  readonly #momentum: number;
  readonly #epsilon?: number;
  readonly #relu: boolean;

  /** A layer that changes nothing but the scale, in the current region. */
  constructor({ channels, momentum = 0.9, epsilon, relu = false, name = "batchNorm" }: BatchNormLayerOptions) {
    this.gain = empty([channels], { requiresGradient: true, name: `${name}.gain` });
    this.gain.data.fill(1);
    this.bias = zeros([channels], { requiresGradient: true, name: `${name}.bias` });
    const variance = empty([channels], { name: `${name}.variance` });
    variance.data.fill(1);
    this.state = [zeros([channels], { name: `${name}.mean` }), variance, zeros([1], { name: `${name}.started` })];
    this.#momentum = momentum;
    this.#epsilon = epsilon;
    this.#relu = relu;
  }

  /** Gain and bias. */
  get parameters(): readonly Tensor[] {
    return [this.gain, this.bias];
  }

  /** The normalised values, or what ReLU leaves of them. Throws `ShapeError` when the last axis of x has another length, or in training when x is empty. */
  forward(x: Tensor, { training }: ForwardContext = inference): Tensor {
    const output = this.#normalize(x, training);
    return this.#relu ? relu(output) : output;
  }

  #normalize(x: Tensor, training: boolean): Tensor {
    const { gain, bias } = this, [mean, variance, started] = this.state;
    const running = { mean: mean.data, variance: variance.data };
    const options = { gain, bias, training, epsilon: this.#epsilon };
    if (!training) return batchNorm(x, { ...options, moments: running });
    const moments = { mean: currentRegion().float32(mean.size), variance: currentRegion().float32(mean.size) };
    const output = batchNorm(x, { ...options, moments });
    const kept = started.data[0] === 0 ? 0 : this.#momentum;
    started.data[0] = 1;
    for (const kind of ["mean", "variance"] as const) {
      moments[kind].forEach((value, j) => running[kind][j] = kept * running[kind][j] + (1 - kept) * value);
    }
    return output;
  }
}
