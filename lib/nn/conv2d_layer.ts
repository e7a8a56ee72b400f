import { conv2d, empty, type Tensor, type WindowOptions, zeros } from "../autodiff/mod.ts";
import { heUniform, type Initializer } from "./initializers.ts";
import type { Module } from "./module.ts";

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
  /** First weights; `heUniform` when left out. */
  readonly initializer?: Initializer;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A convolutional layer: [images, height, width, inputs] → [images, grid rows, grid columns, outputs]. */
export class Conv2d implements Module {
  /** [kernel, kernel, inputs, outputs]. */
  readonly weights: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
  readonly #options: WindowOptions & { readonly relu: boolean };

  /** A layer with fresh weights in the current region. */
  constructor(options: Conv2dLayerOptions) {
    const { inputs, outputs, kernel, seed, stride, padding, relu = false, name = "conv2d" } = options;
    this.#options = { stride, padding, relu };
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
    return conv2d(x, this.weights, { ...this.#options, bias: this.bias });
  }
}
