import { add, empty, gatherSum, quantize, type QuantizedPrecision, relu, type Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion, ShapeError } from "../kernels/mod.ts";
import { glorotUniform } from "./initializers.ts";
import type { Module } from "./module.ts";

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
