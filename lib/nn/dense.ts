/**
 * The fully connected layer, and dropout between such layers.
 *
 * @module
 */
import { dropout, empty, linear, quantize, type QuantizedPrecision, type Tensor, zeros } from "../autodiff/mod.ts";
import { glorotUniform, heUniform, type Initializer } from "./initializers.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Options of a {@linkcode Dense} layer. */
export interface DenseOptions {
  /** Length of an input row. */
  readonly inputs: number;
  /** Length of an output row. */
  readonly outputs: number;
  /** Seed of the first weights. */
  readonly seed: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Train the weights as they will be stored: rounded in the forward pass, straight-through in the backward pass. */
  readonly precision?: "float" | QuantizedPrecision;
  /** Ternary: the multiple of a column's mean magnitude above which weights are kept; 0.7 when left out, more makes more zeros. */
  readonly ternaryThreshold?: number;
  /** First weights; `heUniform` before a ReLU, else `glorotUniform`. */
  readonly initializer?: Initializer;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A fully connected layer: x*weights + bias, [rows, inputs] -> [rows, outputs]. */
export class Dense implements Module {
  /** [inputs, outputs]. */
  readonly weights: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
  /** Whether ReLU follows. */
  readonly relu: boolean;
  /** How the forward pass rounds the weights; may be changed before training. */
  precision: "float" | QuantizedPrecision;
  /** The multiple of the mean magnitude above which ternary weights are kept. */
  readonly ternaryThreshold?: number;

  /** A layer with fresh weights in the current region. */
  constructor(options: DenseOptions) {
    const { inputs, outputs, seed, relu = false, precision = "float", name = "dense" } = options;
    this.relu = relu;
    this.precision = precision;
    this.ternaryThreshold = options.ternaryThreshold;
    this.weights = empty([inputs, outputs], { requiresGradient: true, name: `${name}.weights` });
    this.bias = zeros([outputs], { requiresGradient: true, name: `${name}.bias` });
    const initializer = options.initializer ?? (relu ? heUniform : glorotUniform);
    initializer(this.weights.data, { inputs, outputs, seed });
  }

  /** Weights and bias. */
  get parameters(): readonly Tensor[] {
    return [this.weights, this.bias];
  }

  /** x*weights + bias. Throws `ShapeError` when x is not [rows, inputs]. */
  forward(x: Tensor): Tensor {
    const weights = this.precision === "float" ? this.weights : quantize(this.weights, this.precision, this);
    return linear(x, weights, { bias: this.bias, relu: this.relu });
  }
}

/** Dropout as a layer: active in training, nothing outside it. */
export class Dropout implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** A layer that drops `rate` of its inputs (0 <= rate < 1); `seed` fixes which. */
  constructor(readonly rate: number, readonly seed: number) {}

  /** The input with a part dropped and the rest scaled up, in training. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    if (!context.training || this.rate === 0) return x;
    return dropout(x, { rate: this.rate, seed: this.seed, step: context.step });
  }
}
