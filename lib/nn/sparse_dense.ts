import { add, empty, gatherSum, quantize, type QuantizedPrecision, relu, type Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { hash32 } from "../projection/mod.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";
import type { TokenLists } from "./sequences.ts";

/** Options of a {@linkcode SparseDense} layer. */
export interface SparseDenseOptions {
  /** Number of inputs: what a list may name. */
  readonly inputs: number;
  /** Length of an output row. */
  readonly outputs: number;
  /** Seed of what is dropped. */
  readonly seed: number;
  /** Apply ReLU to the result; the first biases are then 1 and otherwise zero. */
  readonly relu?: boolean;
  /** Part of the named inputs that is dropped in training, the rest not scaled; 0 when left out. */
  readonly dropout?: number;
  /** Train the weights as they will be stored: rounded in the forward pass, straight-through in the backward pass. */
  readonly precision?: "float" | QuantizedPrecision;
  /** Name for messages and exports. */
  readonly name?: string;
}

/**
 * A fully connected layer over inputs that are 0 or 1 and mostly 0, given as lists of those that are 1: bias + the sum of their weights, lists of numbers below
 * `inputs` -> [rows, outputs]. Weights can be pruned: they then stay zero.
 */
export class SparseDense implements Module<TokenLists> {
  /** [inputs, outputs]. */
  readonly weights: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
  /** How the forward pass rounds the weights. */
  readonly precision: "float" | QuantizedPrecision;

  readonly #options: SparseDenseOptions;
  /** Positions of the weights that stay zero. */
  #pruned: Uint32Array = new Uint32Array(0);

  /** A layer with fresh weights in the current region. */
  constructor(options: SparseDenseOptions) {
    const { inputs, outputs, relu: followed = false, precision = "float", name = "sparse" } = options;
    this.#options = options;
    this.precision = precision;
    this.weights = empty([inputs, outputs], { requiresGradient: true, name: `${name}.weights` });
    this.bias = zeros([outputs], { requiresGradient: true, name: `${name}.bias` });
    const { data } = this.weights;
    // Weights of inputs that training never meets stay zero: random ones would be noise. Behind a ReLU the bias lets gradients pass from the first step on.
    data.fill(0);
    if (followed) this.bias.data.fill(1);
  }

  /** Weights and bias. */
  get parameters(): readonly Tensor[] {
    return [this.weights, this.bias];
  }

  /** From now on the weights whose score is at most `limit` stay zero, and no others; scores are in the order of `weights`. */
  prune(scores: Float32Array, limit: number): void {
    let count = 0;
    for (let i = 0; i < scores.length; i++) count += Number(scores[i] <= limit);
    this.#pruned = new Uint32Array(count);
    for (let i = 0, next = 0; next < count; i++) if (scores[i] <= limit) this.#pruned[next++] = i;
    this.#clear();
  }

  /** Bias and the sums of the weights. Throws `RangeError` for a number that is no input. */
  forward(lists: TokenLists, context: ForwardContext = inference): Tensor {
    const { dropout = 0, seed, relu: followed } = this.#options;
    this.#clear();
    const { ids, offsets } = context.training && dropout > 0
      ? dropFromLists(lists, { rate: dropout, seed, step: context.step })
      : lists;
    const weights = this.precision === "float" ? this.weights : quantize(this.weights, this.precision);
    const output = add(gatherSum(weights, ids, { offsets }), this.bias);
    return followed ? relu(output) : output;
  }

  #clear(): void {
    const { data } = this.weights;
    for (const position of this.#pruned) data[position] = 0;
  }
}

/** The lists without a random part, a function of seed, step and position alone; in the current region. */
function dropFromLists(
  { ids, offsets }: TokenLists,
  { rate, seed, step }: { rate: number; seed: number; step: number },
): TokenLists {
  const kept = currentRegion().int32(ids.length), bounds = currentRegion().int32(offsets.length);
  const limit = rate * 2 ** 32;
  let count = 0;
  for (let list = 0, i = 0; list < offsets.length; list++) {
    for (; i < offsets[list]; i++) if (hash32(seed, step, i) >= limit) kept[count++] = ids[i];
    bounds[list] = count;
  }
  return { ids: kept.subarray(0, count), offsets: bounds };
}
