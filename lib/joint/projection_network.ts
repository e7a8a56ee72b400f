/**
 * The projection network: fixed random bits, and the small trained head that reads them (Ravi 2017, section 3).
 *
 * @module
 */
import { spreadRows, type StoredRows, takeRows } from "../data/mod.ts";
import { quantizeColumns, roundToBfloat16, Tensor } from "../autodiff/mod.ts";
import { currentRegion, kernels, Region } from "../kernels/mod.ts";
import {
  BatchNorm,
  countParameters,
  Dense,
  Dropout,
  type ForwardContext,
  LookupTables,
  type Module,
  Sequential,
} from "../nn/mod.ts";
import type { HeadLayer, NumericInput, PnetModel } from "../packed/mod.ts";
import {
  bitsOf,
  fitThresholds,
  hash32,
  prepareProjection,
  type ProjectionSpec,
  type Selection,
  sourceRow,
  type ThresholdRule,
} from "../projection/mod.ts";
import { checkCode } from "./checkpoint/check_code.ts";
import { fitFilterThresholds } from "./conv_rows.ts";
import { prepareRowEncoder, prepareRowProjector, type RowEncoder } from "./encode_rows.ts";
import { CheckpointError, TrainingError } from "./errors.ts";
import { checkTables, headLayers } from "./head_kind.ts";
import { defaultQuantile, type ProjectionInput, type ProjectionOptions, projectionSpec } from "./projection_options.ts";

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

/** The first gain of normalised logits: with one of 1 the softmax would begin too flat to tell classes apart. */
const logitGain = 2;

/** Most rows from which thresholds are estimated. */
const thresholdRows = 8192;

/** Rows of bytes. */
export interface ByteRows {
  /** [count x features] */
  readonly features: Uint8Array;
  /** Number of rows. */
  readonly count: number;
}

/** Rows of bytes, in memory or where they are stored. */
export interface ByteSource {
  /** [count x features] */
  readonly features: Uint8Array | StoredRows;
  /** Number of rows. */
  readonly count: number;
}

/** What is chosen of a code on data. */
export interface ProjectionCode {
  /** With rows that were selected, and thresholds of filters. */
  readonly projection: ProjectionSpec;
  /** Where each bit is cut. */
  readonly thresholds: Int32Array;
  /** A count c is read as factor*c - shifts[k]. */
  readonly factor: number;
  /** See above; empty for bits. */
  readonly shifts: Float32Array;
}

/** A projection with its thresholds, and the head on the tape. */
export class ProjectionNetwork implements Module {
  /** Number of bits, or of counts. */
  readonly bits: number;
  /** What the head reads. */
  readonly reads: "bits" | "counts";
  /** The trained part: +-1 for each bit, or standardised counts -> logits. */
  readonly head: Sequential;
  /** What was asked for. */
  readonly options: ProjectionOptions;
  /** Where each bit is cut; zero until {@linkcode ProjectionNetwork.fitThresholds}. */
  thresholds: Int32Array;

  #projection: ProjectionSpec;
  readonly #layers: HeadPart[];
  /** A count c is read as factor*c - shifts[k]. */
  readonly #counts: { factor: number; shifts: Float32Array };

  /** A projection network with fresh weights in the current region. */
  constructor(options: ProjectionOptions & ProjectionInput & { classes: number }) {
    const { classes, seed, hidden, normalize = false, dropout = 0, ternaryThreshold, reads = "bits" } = options;
    this.options = options;
    this.#projection = projectionSpec(options, options);
    const { functions, bitsPerFunction } = this.#projection;
    this.bits = bitsOf(this.#projection);
    this.reads = reads;
    this.thresholds = new Int32Array(this.bits);
    this.#counts = { factor: 1, shifts: currentRegion().float32(reads === "counts" ? this.bits : 0).fill(0) };
    const widths = hidden === undefined ? [classes] : [hidden, classes];
    const kinds = headLayers(options.head, widths.length);
    if (ternaryThreshold !== undefined && kinds.every(({ precision }) => precision !== "ternary")) {
      throw new TrainingError("ternaryThreshold: is for ternary weights only, and the head has none");
    }
    if (dropout > 0 && kinds[0].tables) {
      throw new TrainingError("dropout: tables read every bit, and a hidden one would select the row of a 0");
    }
    this.#layers = kinds.map(({ precision, tables }, index) => {
      const columns = widths[index], relu = index < widths.length - 1;
      const shared = {
        outputs: columns,
        relu: relu && !normalize,
        precision,
        ternaryThreshold,
        seed: hash32(seed, seedPurpose, index),
        name: `projection.${index}`,
      };
      if (tables) checkTables({ bitsPerFunction, reads });
      return {
        weights: tables
          ? new LookupTables({ ...shared, tables: functions, bitsPerTable: bitsPerFunction })
          : new Dense({ ...shared, inputs: index === 0 ? this.bits : widths[index - 1] }),
        norm: normalize
          ? new BatchNorm({ channels: columns, relu, gain: relu ? 1 : logitGain, name: shared.name })
          : undefined,
      };
    });
    this.head = new Sequential([
      ...(dropout > 0 ? [new Dropout(dropout, hash32(seed, seedPurpose, widths.length))] : []),
      ...this.#layers.flatMap(({ weights, norm }) => norm === undefined ? [weights] : [weights, norm]),
    ]);
  }

  /** What regenerates the projection. */
  get projection(): ProjectionSpec {
    return this.#projection;
  }

  /** The head's weights and biases. */
  get parameters(): readonly Tensor[] {
    return this.head.parameters;
  }

  /** Running averages of normalised layers. */
  get state(): readonly Tensor[] {
    return this.head.state;
  }

  /** Number of trained values in the stored network: gains of normalised layers become part of its weights. */
  get parameterCount(): number {
    return this.#layers.reduce((sum, { weights }) => sum + countParameters(weights), 0);
  }

  /** Bytes of the code of a row: ceil(bits / 8) for bits, one for each count. */
  get codeBytes(): number {
    return this.reads === "counts" ? this.bits : (this.bits + 7) >> 3;
  }

  /** Logits [rows, classes] from what {@linkcode ProjectionNetwork.gather} gives, [rows, bits]. */
  forward(inputs: Tensor, context?: ForwardContext): Tensor {
    return this.head.forward(inputs, context);
  }

  /** Everything of the code that was chosen on data. */
  get code(): ProjectionCode {
    return { projection: this.#projection, thresholds: this.thresholds, ...this.#counts };
  }

  /** Takes the code of a network with the same options of the code. Throws {@linkcode CheckpointError} for another. */
  takeCode({ projection, thresholds, factor, shifts }: ProjectionCode): void {
    checkCode({ projection, thresholds }, this.#projection);
    const { length } = this.#counts.shifts;
    if (!Number.isFinite(factor) || !(shifts instanceof Float32Array) || shifts.length !== length) {
      throw new CheckpointError("damaged", `the checkpoint holds no factor and ${length} shifts of counts`);
    }
    this.#projection = projection;
    this.thresholds = thresholds;
    this.#counts.factor = factor;
    this.#counts.shifts.set(shifts);
  }

  /** Takes the rows of the projection (family conv: its filters) from a pool. */
  select(selection: Selection): void {
    this.#projection = { ...this.#projection, selection };
  }

  /** Sets the thresholds of the filters of the family conv at their quantile on training data. */
  fitFilters(data: ByteSource): void {
    if (this.#projection.family !== "conv") return;
    const spec = this.#projection;
    const quantile = this.options.conv?.quantile ?? defaultQuantile;
    using scratch = new Region();
    this.#projection = { ...spec, filterThresholds: scratch.run(() => fitFilterThresholds(spec, data, { quantile })) };
  }

  /**
   * Chooses the thresholds from rows of bytes spread evenly over the training data, or for a head that reads counts their mean and deviation.
   *
   * @param data training rows
   * @param options the rule, the network's own or else {@linkcode defaultThresholds} when left out, and bits of a stored threshold, 8 when left out
   */
  fitThresholds(data: ByteSource, options: { rule?: ThresholdRule; width?: number } = {}): void {
    const own = this.options.thresholds;
    const rule = options.rule ?? (own === "auto" ? undefined : own) ?? defaultThresholds(this.bits);
    this.thresholds = new Int32Array(this.bits);
    if (rule === "zero" && this.reads === "bits") return;
    const projected = this.#projectSample(data);
    if (this.reads === "counts") return this.#fitCounts(projected);
    const d = this.#projection.bitsPerFunction;
    const numbers = Uint32Array.from(
      { length: this.bits },
      (_, k) =>
        this.#projection.family === "conv"
          ? sourceRow(this.#projection, Math.floor(k / d)) * d + k % d
          : sourceRow(this.#projection, k),
    );
    this.thresholds = fitThresholds(rule, projected, { bits: this.bits, width: options.width, numbers });
  }

  /** Projected values, [count x bits]. */
  project(data: ByteRows): Int32Array {
    const projected = new Int32Array(data.count * this.bits);
    using scratch = new Region();
    scratch.run(() =>
      prepareRowProjector(prepareProjection(this.#projection)).project(
        data.features,
        { first: 0, count: data.count },
        projected,
      )
    );
    return projected;
  }

  /** Projected values of some rows, spread evenly. */
  #projectSample({ features, count }: ByteSource): Int32Array {
    const rows = spreadRows(count, thresholdRows);
    const sample = takeRows({ features, featureLength: this.#projection.features }, rows);
    return this.project({ features: sample, count: rows.length });
  }

  /**
   * Centres each count at its mean and divides all by one number, the power of two next to their deviation, so that a head of whole numbers stays one with
   * scales in bfloat16 when both are folded into it.
   */
  #fitCounts(projected: Int32Array): void {
    const { shifts } = this.#counts;
    const rows = projected.length / this.bits;
    let squares = 0;
    for (let k = 0; k < this.bits; k++) {
      let sum = 0, sumOfSquares = 0;
      for (let at = k; at < projected.length; at += this.bits) {
        sum += projected[at];
        sumOfSquares += projected[at] ** 2;
      }
      shifts[k] = sum / rows;
      squares += sumOfSquares / rows - (sum / rows) ** 2;
    }
    this.#counts.factor = squares > 0 ? 2 ** Math.round(-Math.log2(squares / this.bits) / 2) : 1;
    for (let k = 0; k < this.bits; k++) shifts[k] *= this.#counts.factor;
  }

  /** The codes of rows of bytes, [count x codeBytes]: packed bits, or counts. */
  encode(data: ByteRows): Uint8Array {
    const codes = new Uint8Array(data.count * this.codeBytes);
    using scratch = new Region();
    scratch.run(() => this.prepareEncoder())(data, codes);
    return codes;
  }

  /** Prepares {@linkcode ProjectionNetwork.encode} in the current region, for rows that come block by block. */
  prepareEncoder(): RowEncoder {
    const projector = prepareRowProjector(prepareProjection(this.#projection));
    return prepareRowEncoder(projector, this.reads === "counts" ? null : this.thresholds);
  }

  /** What the head reads for some rows of a code, [rows, bits] in the current region: +-1 for bits, standardised counts. */
  gather(codes: Uint8Array, rows: Uint32Array): Tensor {
    const { bits } = this;
    const values = currentRegion().float32(rows.length * bits);
    if (this.reads === "bits") kernels().gatherSigns(codes, rows, values, { bits });
    else {
      const { factor, shifts } = this.#counts;
      kernels().gatherBytes(codes, rows, values, { columns: bits, factor, offset: 0 });
      for (let i = 0, at = 0; i < rows.length; i++) for (let k = 0; k < bits; k++, at++) values[at] -= shifts[k];
    }
    return new Tensor([rows.length, bits], values);
  }

  /**
   * The network as it is stored: bits count as 0 and 1 and counts as they are there, so that y = bias + sum over what is not zero; biases of whole-number
   * layers are rounded to bfloat16, as their scales are in training.
   */
  pack(options: { input: NumericInput; labels: readonly string[] }): PnetModel {
    const reading: LayerReading = this.reads === "counts"
      ? { factor: this.#counts.factor, shift: (k) => this.#counts.shifts[k] }
      : { factor: 2, shift: () => 1 };
    return {
      input: options.input,
      projection: this.#projection,
      thresholds: this.thresholds.slice(),
      ...(this.reads === "counts" ? { reads: this.reads } : {}),
      head: this.#layers.map((layer, index) =>
        packLayer(layer, index === 0 && layer.weights instanceof Dense ? reading : same)
      ),
      labels: [...options.labels],
    };
  }
}

/** A layer of the head, and what normalises its outputs. */
interface HeadPart {
  readonly weights: Dense | LookupTables;
  readonly norm?: BatchNorm;
}

/** What is stored of a layer. */
interface TrainedPart extends Pick<HeadPart, "norm"> {
  readonly weights:
    & Pick<Dense, "weights" | "bias" | "precision">
    & Partial<Pick<LookupTables, "bitsPerTable" | "ternaryThreshold">>;
}

/** How the trained layer sees an input u of the stored one: as factor*u - shift(k). */
export interface LayerReading {
  factor: number;
  shift: (k: number) => number;
  /** What the outputs are divided by; 1 when left out. */
  divisor?: number;
}

/** Tables and layers behind the first read what the stored ones read. */
export const same: LayerReading = { factor: 1, shift: () => 0 };

/**
 * The layer as it is stored. One that reads factor*u - shift computes b + sum w*(factor*u - shift) = (b - sum w*shift) + sum factor*w*u. One that is normalised
 * multiplies that by a number for each output and adds another.
 */
export function packLayer(
  { weights: layer, norm }: TrainedPart,
  { factor, shift, divisor = 1 }: LayerReading,
): HeadLayer {
  const { weights, bias, precision, ternaryThreshold } = layer;
  const [inputs, outputs] = weights.shape;
  const normalized = norm?.affine();
  const quantized = precision === "float"
    ? null
    : quantizeColumns(weights.data, { columns: outputs, precision, ternaryThreshold });
  const units = Float32Array.from(
    { length: outputs },
    (_, j) => (quantized?.scales[j] ?? 1) * (normalized?.factors[j] ?? 1) / divisor,
  );
  if (quantized !== null) roundToBfloat16(units);
  const values = quantized?.levels ?? weights.data;
  const packed = quantized === null ? new Float32Array(values.length) : new Int8Array(values.length);
  const scales = new Float32Array(quantized === null ? 0 : outputs);
  const shifted = new Float32Array(outputs);
  for (let j = 0; j < outputs; j++) {
    const unit = units[j];
    let sum = 0;
    for (let k = 0; k < inputs; k++) {
      const value = values[k * outputs + j];
      packed[j * inputs + k] = quantized === null ? factor * unit * value : value;
      sum += value * shift(k);
    }
    if (quantized !== null) scales[j] = factor * unit;
    const start = bias.data[j] * (normalized?.factors[j] ?? 1) + (normalized?.offsets[j] ?? 0);
    shifted[j] = start / divisor - sum * unit;
  }
  if (quantized !== null) roundToBfloat16(shifted);
  const shape = layer.bitsPerTable !== undefined
    ? { tableBits: layer.bitsPerTable, inputs, outputs }
    : { inputs, outputs };
  return { precision, ...shape, weights: packed, scales, bias: shifted };
}
