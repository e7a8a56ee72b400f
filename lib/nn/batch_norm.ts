import { batchNorm, empty, type Moments, type Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Options of {@linkcode BatchNorm}. */
export interface BatchNormLayerOptions {
  /** Length of the last axis of the input. */
  readonly channels: number;
  /** The first gain of each channel; 1 when left out. */
  readonly gain?: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Whether gain and bias stay as they are and are no parameters. */
  readonly fixed?: boolean;
  /** Part of the running averages that a step keeps, 0...1; 0.99 when left out. */
  readonly momentum?: number;
  /** Added to variances; 1e-5 when left out. */
  readonly epsilon?: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

/**
 * Batch normalisation over the last axis (Ioffe & Szegedy 2015): in training each channel is normalised by the batch, outside it by running averages of the
 * batches' means and variances. {@linkcode BatchNorm.affine} is what it does outside training, for folding it into the layer before it.
 */
export class BatchNorm implements Module {
  /** What normalised values are multiplied by, [channels]. */
  readonly gain: Tensor;
  /** What is added then, [channels]. */
  readonly bias: Tensor;
  /** Running average of the batches' means, [channels]. */
  readonly mean: Tensor;
  /** Running average of the batches' variances, [channels]. */
  readonly variance: Tensor;
  /** Whether ReLU follows. */
  readonly relu: boolean;

  /** Added to variances. */
  readonly epsilon: number;

  readonly #momentum: number;
  /** How many batches the averages have seen, one number. */
  readonly #batches: Tensor;

  /** A layer in the current region. */
  constructor(options: BatchNormLayerOptions) {
    const { channels, gain = 1, relu = false, fixed = false, momentum = 0.99, epsilon = 1e-5, name = "norm" } = options;
    this.relu = relu;
    this.#momentum = momentum;
    this.epsilon = epsilon;
    const trained = { requiresGradient: !fixed };
    this.gain = empty([channels], { ...trained, name: `${name}.gain` });
    this.gain.data.fill(gain);
    this.bias = zeros([channels], { ...trained, name: `${name}.bias` });
    this.mean = zeros([channels], { name: `${name}.mean` });
    this.variance = empty([channels], { name: `${name}.variance` });
    this.variance.data.fill(1);
    this.#batches = zeros([1], { name: `${name}.batches` });
  }

  /** Gain and bias, unless they are fixed. */
  get parameters(): readonly Tensor[] {
    return this.gain.requiresGradient ? [this.gain, this.bias] : [];
  }

  /** The running averages, and of how many batches they are. */
  get state(): readonly Tensor[] {
    return [this.mean, this.variance, this.#batches];
  }

  /**
   * The normalised values, or what ReLU leaves of them. Throws `ShapeError` when the last axis of x has another length, or in training when there is nothing
   * to take moments of.
   */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    return context.training ? this.#normalizeBatch(x) : this.#normalize(x, this.#running, false);
  }

  /** Outside training the layer computes x*factors + offsets, before ReLU. */
  affine(): { factors: Float32Array; offsets: Float32Array } {
    const { gain, bias, mean, variance } = this;
    const factors = gain.data.map((value, j) => value / Math.sqrt(variance.data[j] + this.epsilon));
    return { factors, offsets: bias.data.map((value, j) => value - mean.data[j] * factors[j]) };
  }

  get #running(): Moments {
    return { mean: this.mean.data, variance: this.variance.data };
  }

  #normalize(x: Tensor, moments: Moments, training: boolean): Tensor {
    const { gain, bias, epsilon, relu } = this;
    return batchNorm(x, { gain, bias, epsilon, relu, moments, training });
  }

  #normalizeBatch(x: Tensor): Tensor {
    const region = currentRegion(), { size } = this.gain, { mean, variance } = this.#running;
    const moments = { mean: region.float32(size), variance: region.float32(size) };
    const normalized = this.#normalize(x, moments, true);
    // The first batches are averaged with equal weights, so that nothing is left of the start.
    const seen = this.#batches.data[0]++, kept = Math.min(this.#momentum, seen / (seen + 1));
    for (let j = 0; j < size; j++) {
      mean[j] = kept * mean[j] + (1 - kept) * moments.mean[j];
      variance[j] = kept * variance[j] + (1 - kept) * moments.variance[j];
    }
    return normalized;
  }
}
