/**
 * The random projection as a layer on the tape, which can stand on raw inputs, on the activations of any layer, or between the layers of a head: values -> bits
 * -> hidden values -> bits -> ... (Ravi 2017, section 3; the gradient after Hubara et al., Binarized Neural Networks, 2016).
 *
 * @module
 */
import { batchNorm, empty, matmul, reshape, sign, Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion, ShapeError } from "../kernels/mod.ts";
import { BatchNorm, type ForwardContext, inference, type Module } from "../nn/mod.ts";
import { bitsOf, prepareProjection, type ProjectionSpec } from "../projection/mod.ts";
import { TrainingError } from "./errors.ts";
import { type ProjectionInput, type ProjectionOptions, projectionSpec } from "./projection_options.ts";

/** Options of {@linkcode ProjectionLayer}. */
export interface ProjectionLayerOptions
  extends ProjectionInput, Pick<ProjectionOptions, "family" | "functions" | "bitsPerFunction" | "taps" | "patch"> {
  /** Where each bit is cut: at the mean of the projected values, that of the batch in training and its running average outside it, or at zero; mean when left out. */
  readonly thresholds?: "mean" | "zero";
  /** Name for messages. */
  readonly name?: string;
}

/** Part of the running averages that a step keeps. */
const momentum = 0.9;

/**
 * Random bits of what it reads: [rows, ...] with `features` values a row -> [rows, bits], +1 where a projected value lies above its threshold, else -1. Nothing
 * is trained in it; the gradient passes straight through where a value lies within one deviation of its threshold.
 */
export class ProjectionLayer implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];
  /** What regenerates the projection. */
  readonly projection: ProjectionSpec;
  /** Number of bits. */
  readonly bits: number;

  /** [features, bits], each column of length 1. */
  readonly #directions: Tensor;
  /** What centres the projected values; they are cut at zero without. */
  readonly #norm?: BatchNorm;

  /** A layer in the current region. Throws {@linkcode TrainingError} when there is no such projection. */
  constructor(options: ProjectionLayerOptions) {
    const { thresholds = "mean", name = "projection", features } = options;
    if (options.family === "conv") throw new TrainingError("the family conv counts, and a layer of it has no gradient");
    this.projection = projectionSpec(options, options);
    this.bits = bitsOf(this.projection);
    this.#directions = new Tensor([features, this.bits], directionsOf(this.projection));
    if (thresholds === "mean") this.#norm = new BatchNorm({ channels: this.bits, fixed: true, momentum, name });
  }

  /** Running averages of the projected values' moments; none when bits are cut at zero. */
  get state(): readonly Tensor[] {
    return this.#norm?.state ?? [];
  }

  /** The bits. Throws `ShapeError` when the rows of x have another length. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    const { features } = this.projection, [rows = 1] = x.shape;
    if (x.rank < 2 || x.size !== rows * features) {
      throw new ShapeError(`projection: rows of ${features} values were wanted, shape [${x.shape.join(", ")}] found`);
    }
    const values = matmul(x.rank === 2 ? x : reshape(x, [rows, features]), this.#directions);
    return sign(this.#norm?.forward(values, context) ?? this.#scale(values));
  }

  /** Values divided by the root of their mean square, which sets how far from its threshold the gradient passes, and no bit. */
  #scale(values: Tensor): Tensor {
    const { data, shape: [rows] } = values, { bits } = this;
    const variance = currentRegion().float32(bits).fill(0);
    for (let at = 0; at < data.length;) for (let k = 0; k < bits; k++, at++) variance[k] += data[at] ** 2 / rows;
    const gain = empty([bits]), bias = zeros([bits]);
    gain.data.fill(1);
    return batchNorm(values, { gain, bias, moments: { mean: bias.data, variance }, training: false });
  }
}

/** The rows of a projection as columns of length 1. What has no rows shows them in its answers to the unit vectors. */
function directionsOf(spec: ProjectionSpec): Float32Array {
  const projection = prepareProjection(spec);
  const { features, bits } = projection;
  const columns = currentRegion().float32(features * bits);
  if (projection.row !== undefined) {
    const entries = new Int8Array(features);
    for (let k = 0; k < bits; k++) {
      projection.row(k, entries);
      for (let i = 0; i < features; i++) columns[i * bits + k] = entries[i];
    }
  } else {
    const unit = new Uint8Array(features), values = new Int32Array(bits);
    for (let i = 0; i < features; i++) {
      unit[i] = 255;
      projection.project(unit, values);
      columns.set(values, i * bits);
      unit[i] = 0;
    }
  }
  const lengths = new Float64Array(bits);
  for (let at = 0; at < columns.length;) for (let k = 0; k < bits; k++, at++) lengths[k] += columns[at] ** 2;
  for (let at = 0; at < columns.length;) {
    for (let k = 0; k < bits; k++, at++) columns[at] /= Math.sqrt(lengths[k]) || 1;
  }
  return columns;
}
