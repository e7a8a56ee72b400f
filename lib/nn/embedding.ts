/**
 * Layers that gather rows of a matrix by their numbers: embeddings of tokens, weights of the inputs that are set, and tables over groups of bits.
 *
 * @module
 */
import {
  add,
  empty,
  gather,
  gatherMean,
  gatherSum,
  quantize,
  type QuantizedPrecision,
  relu,
  type Tensor,
  zeros,
} from "../autodiff/mod.ts";
import { currentRegion, ShapeError } from "../kernels/mod.ts";
import { glorotUniform } from "./initializers.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";
import { SequenceLayout, type Sequences, type TokenLists } from "./sequences.ts";
import { hash32 } from "../projection/hash.ts";

/** Options of {@linkcode Embedding} and {@linkcode EmbeddingBag}. */
export interface EmbeddingOptions {
  /** Rows of the table. */
  readonly buckets: number;
  /** Length of a vector. */
  readonly width: number;
  /** Seed of the first vectors. */
  readonly seed: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A vector for each token: the row of a table that the token's number, as an unsigned integer, selects modulo the number of rows. There is no vocabulary. */
export class Embedding implements Module<TokenLists, Sequences> {
  /** [buckets, width]. */
  readonly weights: Tensor;

  /** A table of fresh vectors of length about 1, in the current region. */
  constructor({ buckets, width, seed, name = "embedding" }: EmbeddingOptions) {
    this.weights = empty([buckets, width], { requiresGradient: true, name: `${name}.weights` });
    glorotUniform(this.weights.data, { inputs: width, outputs: width, seed });
  }

  /** The table. */
  get parameters(): readonly Tensor[] {
    return [this.weights];
  }

  /** Length of a vector. */
  get width(): number {
    return this.weights.shape[1];
  }

  /** The vectors of each row's tokens, as sequences. */
  forward({ offsets, ids }: TokenLists): Sequences {
    const lengths = currentRegion().int32(offsets.length - 1);
    for (let row = 0; row < lengths.length; row++) lengths[row] = offsets[row + 1] - offsets[row];
    const layout = new SequenceLayout(lengths);
    const rows = layout.order(offsets);
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]];
    return { values: gather(this.weights, selectRows(rows, this.weights)), layout };
  }
}

/** The mean of the vectors of a row's tokens, [rows, width]; zero for a row without tokens. */
export class EmbeddingBag implements Module<TokenLists> {
  /** [buckets, width]. */
  readonly weights: Tensor;

  /** As {@linkcode Embedding}. */
  constructor(options: EmbeddingOptions) {
    ({ weights: this.weights } = new Embedding(options));
  }

  /** The table. */
  get parameters(): readonly Tensor[] {
    return [this.weights];
  }

  /** The means. */
  forward({ offsets, ids }: TokenLists): Tensor {
    return gatherMean(this.weights, selectRows(ids, this.weights), { offsets });
  }
}

/** The row of the table for each token, in the current region. */
function selectRows(ids: Int32Array, { shape: [buckets] }: Tensor): Int32Array {
  const rows = currentRegion().int32(ids.length);
  for (let i = 0; i < ids.length; i++) rows[i] = (ids[i] >>> 0) % buckets;
  return rows;
}

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
    const positions = new Uint32Array(count);
    for (let i = 0, next = 0; next < count; i++) if (scores[i] <= limit) positions[next++] = i;
    this.pruneAt(positions);
  }

  /** From now on the weights at these positions stay zero, and no others. */
  pruneAt(positions: Uint32Array): void {
    this.#pruned = positions;
    this.#clear();
  }

  /** Positions of the weights that stay zero. */
  get pruned(): Uint32Array {
    return this.#pruned;
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

/** Options of {@linkcode LookupTables}. */
export interface LookupTablesOptions {
  /** Number of tables. */
  readonly tables: number;
  /** d: bits that select a row of a table; a table has 2^d rows. */
  readonly bitsPerTable: number;
  /** Length of an output row. */
  readonly outputs: number;
  /** Seed of the first entries. */
  readonly seed: number;
  /** Apply ReLU to the result. */
  readonly relu?: boolean;
  /** Train the entries as they will be stored: rounded in the forward pass, straight-through in the backward pass. */
  readonly precision?: "float" | QuantizedPrecision;
  /** Ternary: the multiple of a column's mean magnitude above which entries are kept; 0.7 when left out, more makes more zeros. */
  readonly ternaryThreshold?: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

/**
 * Lookup tables over bits: each group of d bits, read as a number with its first bit lowest, selects a row of its own table, and the selected rows
 * and a bias are added up (the sparse reading of a projection, Ravi 2017). Bits come as +-1, [rows, tables * d] -> [rows, outputs].
 */
export class LookupTables implements Module {
  /** The entries, [tables * 2^d, outputs]: row t * 2^d + i is row i of table t. */
  readonly weights: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
  /** d: bits that select a row. */
  readonly bitsPerTable: number;
  /** Whether ReLU follows. */
  readonly relu: boolean;
  /** How the forward pass rounds the entries. */
  readonly precision: "float" | QuantizedPrecision;
  /** The multiple of the mean magnitude above which ternary entries are kept. */
  readonly ternaryThreshold?: number;

  readonly #tables: number;

  /** Tables with fresh entries in the current region. */
  constructor(options: LookupTablesOptions) {
    const { tables, bitsPerTable, outputs, seed, relu = false, precision = "float", name = "tables" } = options;
    this.bitsPerTable = bitsPerTable;
    this.relu = relu;
    this.precision = precision;
    this.ternaryThreshold = options.ternaryThreshold;
    this.#tables = tables;
    this.weights = empty([tables * 2 ** bitsPerTable, outputs], { requiresGradient: true, name: `${name}.weights` });
    this.bias = zeros([outputs], { requiresGradient: true, name: `${name}.bias` });
    glorotUniform(this.weights.data, { inputs: tables, outputs, seed });
  }

  /** Entries and bias. */
  get parameters(): readonly Tensor[] {
    return [this.weights, this.bias];
  }

  /** The sum of the selected rows and the bias. Throws `ShapeError` when the bits are not [rows, tables * d]. */
  forward(bits: Tensor): Tensor {
    const perRow = this.#tables * this.bitsPerTable;
    if (bits.rank !== 2 || bits.shape[1] !== perRow) {
      throw new ShapeError(`lookup tables: [rows, ${perRow}] was wanted, [${bits.shape.join(", ")}] found`);
    }
    const weights = this.precision === "float" ? this.weights : quantize(this.weights, this.precision, this);
    const sums = gatherSum(weights, this.#rowNumbers(bits), { terms: this.#tables });
    const output = add(sums, this.bias);
    return this.relu ? relu(output) : output;
  }

  /** For each row of bits and each table the selected row of the weights. */
  #rowNumbers({ data, shape: [rows] }: Tensor): Int32Array {
    const numbers = currentRegion().int32(rows * this.#tables);
    for (let i = 0, at = 0; i < numbers.length; i++) {
      let number = i % this.#tables * 2 ** this.bitsPerTable;
      for (let unit = 1, end = at + this.bitsPerTable; at < end; at++, unit *= 2) if (data[at] > 0) number += unit;
      numbers[i] = number;
    }
    return numbers;
  }
}
