import { add, batchNorm, empty, multiply, relu, Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Options of {@linkcode BatchNorm}. */
export interface BatchNormLayerOptions {
  /** Length of a row. */
  readonly columns: number;
  /** The first gain of each column; 1 when left out. */
  readonly gain?: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Part of the running statistics that a step keeps, 0...1; 0.99 when left out. */
  readonly momentum?: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

const epsilon = 1e-5;

/**
 * Batch normalisation as a layer (Ioffe & Szegedy 2015): in training each column is normalised by the batch, outside it by running averages of the
 * batches' means and variances. {@linkcode BatchNorm.affine} is what it does outside training, for folding it into the layer before it.
 */
export class BatchNorm implements Module {
  /** [columns]. */
  readonly gain: Tensor;
  /** [columns]. */
  readonly bias: Tensor;
  /** [columns] running average of the batches' means. */
  readonly mean: Tensor;
  /** [columns] running average of the batches' variances. */
  readonly variance: Tensor;
  /** Whether ReLU follows. */
  readonly relu: boolean;

  readonly #momentum: number;
  #batches = 0;

  /** A layer in the current region. */
  constructor(options: BatchNormLayerOptions) {
    const { columns, gain = 1, relu = false, momentum = 0.99, name = "norm" } = options;
    this.relu = relu;
    this.#momentum = momentum;
    this.gain = empty([columns], { requiresGradient: true, name: `${name}.gain` });
    this.gain.data.fill(gain);
    this.bias = zeros([columns], { requiresGradient: true, name: `${name}.bias` });
    this.mean = zeros([columns], { name: `${name}.mean` });
    this.variance = empty([columns], { name: `${name}.variance` });
    this.variance.data.fill(1);
  }

  /** Gain and bias. */
  get parameters(): readonly Tensor[] {
    return [this.gain, this.bias];
  }

  /** The running averages. */
  get state(): readonly Tensor[] {
    return [this.mean, this.variance];
  }

  /** The normalised rows. Throws `ShapeError` when x is not [rows, columns], or has no row in training. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    const normalized = context.training ? this.#normalizeBatch(x) : this.#normalizeRunning(x);
    return this.relu ? relu(normalized) : normalized;
  }

  /** Outside training the layer computes x*factors + offsets, before ReLU. */
  affine(): { factors: Float32Array; offsets: Float32Array } {
    const { gain, bias, mean, variance } = this;
    const factors = gain.data.map((value, j) => value / Math.sqrt(variance.data[j] + epsilon));
    return { factors, offsets: bias.data.map((value, j) => value - mean.data[j] * factors[j]) };
  }

  #normalizeBatch(x: Tensor): Tensor {
    const { gain, bias } = this;
    const mean = currentRegion().float32(gain.size), variance = currentRegion().float32(gain.size);
    const normalized = batchNorm(x, { gain, bias, epsilon, mean, variance });
    // The first batches are averaged with equal weights, so that nothing is left of the start.
    const kept = Math.min(this.#momentum, this.#batches / (this.#batches + 1));
    this.#batches++;
    for (let j = 0; j < gain.size; j++) {
      this.mean.data[j] = kept * this.mean.data[j] + (1 - kept) * mean[j];
      this.variance.data[j] = kept * this.variance.data[j] + (1 - kept) * variance[j];
    }
    return normalized;
  }

  #normalizeRunning(x: Tensor): Tensor {
    const { factors, offsets } = this.affine();
    const columns = [factors.length];
    return add(multiply(x, new Tensor(columns, factors)), new Tensor(columns, offsets));
  }
}
