/**
 * Layers over images [images, height, width, channels]: convolution, pooling, and the way from rows and back to them.
 *
 * @module
 */
import {
  add,
  averagePool,
  conv2d,
  empty,
  maxPool,
  mean,
  type PoolOptions,
  quantize,
  type QuantizedPrecision,
  relu,
  reshape,
  type Tensor,
  type WindowOptions,
  zeros,
} from "../autodiff/mod.ts";
import { heUniform, type Initializer } from "./initializers.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dLayerOptions extends WindowOptions {
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the output. */
  readonly outputs: number;
  /** Side of the kernel in pixels. */
  readonly kernel: number;
  /** Seed of the first weights. */
  readonly seed: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Train the weights as they will be stored: rounded in the forward pass, straight-through in the backward pass. */
  readonly precision?: "float" | QuantizedPrecision;
  /** First weights; `heUniform` when left out. */
  readonly initializer?: Initializer;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A convolutional layer: [images, height, width, inputs] -> [images, grid rows, grid columns, outputs]. */
export class Conv2d implements Module {
  /** [kernel, kernel, inputs, outputs]. */
  readonly weights: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
  /** Where the kernel is laid, and whether ReLU follows. */
  readonly options: WindowOptions & { readonly relu: boolean };
  /** How the forward pass rounds the weights; may be changed before training. */
  precision: "float" | QuantizedPrecision;

  /** A layer with fresh weights in the current region. */
  constructor(options: Conv2dLayerOptions) {
    const { inputs, outputs, kernel, seed, stride, padding, relu = false, name = "conv2d" } = options;
    this.options = { stride, padding, relu };
    this.precision = options.precision ?? "float";
    this.weights = empty([kernel, kernel, inputs, outputs], { requiresGradient: true, name: `${name}.weights` });
    this.bias = zeros([outputs], { requiresGradient: true, name: `${name}.bias` });
    const area = kernel * kernel, initializer = options.initializer ?? heUniform;
    initializer(this.weights.data, { inputs: area * inputs, outputs: area * outputs, seed });
  }

  /** Weights and bias. */
  get parameters(): readonly Tensor[] {
    return [this.weights, this.bias];
  }

  /** The convolution. Throws `ShapeError` when x are no images with so many channels, or too small. */
  forward(x: Tensor): Tensor {
    const weights = this.precision === "float" ? this.weights : quantize(this.weights, this.precision);
    return conv2d(x, weights, { ...this.options, bias: this.bias });
  }
}

/** Rows of pixels as images: [images, height * width * channels] -> [images, height, width, channels]. */
export class ToImages implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** Images of this size. */
  constructor(readonly size: { readonly height: number; readonly width: number; readonly channels: number }) {}

  /** The images. Throws `ShapeError` for rows of another length. */
  forward(x: Tensor): Tensor {
    const { height, width, channels } = this.size;
    return reshape(x, [x.shape[0], height, width, channels]);
  }
}

/** Everything behind the first axis as one row: [images, ...] -> [images, values]. */
export class Flatten implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** The rows. */
  forward(x: Tensor): Tensor {
    return reshape(x, [x.shape[0], x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }
}

/** The largest value of each window and channel. */
export class MaxPool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** With windows of this size. */
  constructor(readonly options: PoolOptions) {}

  /** As the operation `maxPool`. */
  forward(x: Tensor): Tensor {
    return maxPool(x, this.options);
  }
}

/** The mean of each window and channel. */
export class AveragePool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** With windows of this size. */
  constructor(readonly options: PoolOptions) {}

  /** As the operation `averagePool`. */
  forward(x: Tensor): Tensor {
    return averagePool(x, this.options);
  }
}

/** The mean over all pixels of each channel: [images, height, width, channels] -> [images, channels]. */
export class GlobalAveragePool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** The means. Throws `ShapeError` when x are no images. */
  forward(x: Tensor): Tensor {
    const [images, height, width, channels] = x.shape;
    return mean(reshape(x, [images, height * width, channels]), { axis: 1 });
  }
}

/**
 * A residual block (He et al. 2016): what it reads plus what the body makes of it, which has the same shape.
 *
 * @example
 * ```ts
 * import { BatchNorm, Conv2d, Residual, Sequential, zeros } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const block = new Residual(
 *   new Sequential([
 *     new Conv2d({ inputs: 4, outputs: 4, kernel: 3, padding: "same", seed: 1 }),
 *     new BatchNorm({ channels: 4 }),
 *   ]),
 *   { relu: true },
 * );
 * assertEquals(block.forward(zeros([2, 8, 8, 4])).shape, [2, 8, 8, 4]);
 * ```
 */
export class Residual implements Module {
  /** Whether ReLU follows the addition. */
  readonly relu: boolean;

  /** A block around a body. */
  constructor(readonly body: Module, options: { readonly relu?: boolean } = {}) {
    this.relu = options.relu ?? false;
  }

  /** Those of the body. */
  get parameters(): readonly Tensor[] {
    return this.body.parameters;
  }

  /** That of the body. */
  get state(): readonly Tensor[] {
    return this.body.state ?? [];
  }

  /** The sum. Throws `ShapeError` when the two shapes do not go together. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    const total = add(x, this.body.forward(x, context));
    return this.relu ? relu(total) : total;
  }
}
