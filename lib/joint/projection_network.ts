/**
 * The projection network: fixed random bits, and the small trained head that reads them (Ravi 2017, section 3).
 *
 * @module
 */
import { quantizeColumns, roundToBfloat16, type Tensor } from "../autodiff/mod.ts";
import { Region } from "../kernels/mod.ts";
import { countParameters, Dense, type ForwardContext, LookupTables, type Module, Sequential } from "../nn/mod.ts";
import type { HeadLayer, InputDescription, PnetModel } from "../packed/mod.ts";
import {
  fitThresholds,
  hash32,
  prepareProjection,
  type Projection,
  type ProjectionFamily,
  type ProjectionSpec,
  type ThresholdRule,
} from "../projection/mod.ts";
import { encodeRows, prepareRowProjector } from "./encode_rows.ts";
import { type HeadKind, headLayers } from "./head_kind.ts";

/** Shape and kind of a projection network. */
export interface ProjectionOptions {
  /** T: number of projection functions. */
  readonly functions: number;
  /** d: bits of each function. */
  readonly bitsPerFunction: number;
  /** Distribution of the random vectors; `gaussian` when left out. */
  readonly family?: ProjectionFamily;
  /** For the family `taps`: features that each bit looks at; 28 when left out. */
  readonly taps?: number;
  /** Where each bit is cut; {@linkcode defaultThresholds} when left out. */
  readonly thresholds?: ThresholdRule;
  /** Width of a hidden layer between bits and logits; none when left out. */
  readonly hidden?: number;
  /** How the head is trained and stored, for all layers or for each; `float` when left out. */
  readonly head?: HeadKind | readonly HeadKind[];
}

/**
 * The rule that serves a code of so many bits best: few bits are cut at the mean, so that each splits the data; many at zero, the paper's rule,
 * which costs no byte and spreads where the bits cut (MNIST, 720 bits, linear head, validation: 92.5 % at zero, 91.5 % at the mean; 80 bits:
 * 76.5 % and 80.7 %).
 */
export function defaultThresholds(bits: number): ThresholdRule {
  return bits < 256 ? "mean" : "zero";
}

/** Keeps the head's random numbers apart from others of the same seed; 'head' in ASCII. */
const seedPurpose = 0x68656164;

/** Most rows from which thresholds are estimated. */
const thresholdRows = 8192;

/** A projection with its thresholds, and the head on the tape. */
export class ProjectionNetwork implements Module {
  /** What regenerates the projection. */
  readonly projection: ProjectionSpec;
  /** Number of bits. */
  readonly bits: number;
  /** The trained part: ±1 for each bit → logits. */
  readonly head: Sequential;
  /** Where each bit is cut; zero until {@linkcode ProjectionNetwork.fitThresholds}. */
  thresholds: Int32Array;

  readonly #layers: (Dense | LookupTables)[];
  readonly #prepared: Projection;
  readonly #rule: ThresholdRule;

  /** A projection network with fresh weights in the current region. */
  constructor(options: ProjectionOptions & { features: number; classes: number; seed: number }) {
    const { functions, bitsPerFunction, features, classes, seed, family = "gaussian", hidden } = options;
    const shape = { seed, features, functions, bitsPerFunction };
    this.projection = family === "taps" ? { family, taps: options.taps ?? 28, ...shape } : { family, ...shape };
    this.#prepared = prepareProjection(this.projection);
    this.bits = this.#prepared.bits;
    this.#rule = options.thresholds ?? defaultThresholds(this.bits);
    this.thresholds = new Int32Array(this.bits);
    const widths = hidden === undefined ? [classes] : [hidden, classes];
    this.#layers = headLayers(options.head, widths.length).map(({ precision, tables }, index) => {
      const shared = {
        outputs: widths[index],
        relu: index < widths.length - 1,
        precision,
        seed: hash32(seed, seedPurpose, index),
        name: `projection.${index}`,
      };
      if (tables) return new LookupTables({ ...shared, tables: functions, bitsPerTable: bitsPerFunction });
      return new Dense({ ...shared, inputs: index === 0 ? this.bits : widths[index - 1] });
    });
    this.head = new Sequential(this.#layers);
  }

  /** The head's weights and biases. */
  get parameters(): readonly Tensor[] {
    return this.head.parameters;
  }

  /** Number of trained values. */
  get parameterCount(): number {
    return countParameters(this.head);
  }

  /** Logits [rows, classes] from bits as ±1, [rows, bits]. */
  forward(signs: Tensor, context?: ForwardContext): Tensor {
    return this.head.forward(signs, context);
  }

  /** Chooses the thresholds by this network's rule, from rows of bytes spread evenly over the training data. */
  fitThresholds(data: { features: Uint8Array; count: number }): void {
    if (this.#rule === "zero") return;
    const { features } = this.#prepared;
    const rows = Math.min(data.count, thresholdRows);
    const sample = new Uint8Array(rows * features);
    for (let i = 0; i < rows; i++) {
      const row = Math.floor(i * data.count / rows);
      sample.set(data.features.subarray(row * features, (row + 1) * features), i * features);
    }
    const projected = new Int32Array(rows * this.bits);
    using scratch = new Region();
    scratch.run(() => prepareRowProjector(this.#prepared).project(sample, { first: 0, count: rows }, projected));
    this.thresholds = fitThresholds(this.#rule, projected, { bits: this.bits });
  }

  /** The packed codes of rows of bytes, [count × ⌈bits / 8⌉]. */
  encode(data: { features: Uint8Array; count: number }): Uint8Array {
    using scratch = new Region();
    return scratch.run(() => encodeRows(prepareRowProjector(this.#prepared), this.thresholds, data));
  }

  /**
   * The network as it is stored: bits count as 0 and 1 there, so that y = bias + Σ over the bits that are set; biases of whole-number layers are
   * rounded to bfloat16, as their scales are in training.
   */
  pack(options: { input: InputDescription; labels: readonly string[] }): PnetModel {
    return {
      input: options.input,
      projection: this.projection,
      thresholds: this.thresholds.slice(),
      head: this.#layers.map((layer, index) => packLayer(layer, { readsBits: index === 0 })),
      labels: [...options.labels],
    };
  }
}

/** A layer that reads ±1 computes b + Σ ±w = (b − Σ w) + Σ over the set bits of 2w; tables and hidden values are read as they are. */
function packLayer(layer: Dense | LookupTables, { readsBits }: { readsBits: boolean }): HeadLayer {
  const { weights, bias, precision } = layer;
  const [inputs, outputs] = weights.shape;
  const quantized = precision === "float" ? null : quantizeColumns(weights.data, { columns: outputs, precision });
  const values = quantized?.levels ?? weights.data;
  const packed = quantized === null ? new Float32Array(values.length) : new Int8Array(values.length);
  const scales = new Float32Array(quantized === null ? 0 : outputs);
  const shifted = new Float32Array(outputs);
  const tables = layer instanceof LookupTables;
  const signs = readsBits && !tables;
  const doubled = signs ? 2 : 1;
  for (let j = 0; j < outputs; j++) {
    const unit = quantized?.scales[j] ?? 1;
    let sum = 0;
    for (let k = 0; k < inputs; k++) {
      const value = values[k * outputs + j];
      packed[j * inputs + k] = quantized === null ? doubled * value : value;
      sum += value;
    }
    if (quantized !== null) scales[j] = doubled * unit;
    shifted[j] = bias.data[j] - (signs ? sum * unit : 0);
  }
  if (quantized !== null) roundToBfloat16(shifted);
  const shape = tables ? { tableBits: layer.bitsPerTable, inputs, outputs } : { inputs, outputs };
  return { precision, ...shape, weights: packed, scales, bias: shifted };
}
