/**
 * Layers of a trainer network in whole numbers: batch normalisation is folded into the factors and summands that make bytes of sums, and the range of each
 * layer's bytes is what it gives on training rows (Jacob et al. 2018, sections 2 and 3).
 *
 * @module
 */
import { quantizeColumns, roundToBfloat16 } from "../autodiff/mod.ts";
import {
  AveragePool,
  BatchNorm,
  Conv2d,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  type Module,
  Residual,
  Sequential,
  ToImages,
} from "../nn/mod.ts";
import {
  type HeadLayer,
  type Trunk,
  TrunkChecker,
  type TrunkConvolution,
  type TrunkLayer,
  type TrunkPool,
} from "../packed/mod.ts";
import type { ImageShape } from "../projection/mod.ts";
import { TrainingError } from "./errors.ts";
import type { TrunkPrecision } from "./head_kind.ts";
import { prepareConvolutionSums, prepareLayerRows } from "./trunk_rows.ts";

/** Convolutions that read no more channels keep eight bits: what is lost there is lost for all layers, and they have few weights. */
const fewChannels = 4;

/** Sets how the weights of a trunk are rounded in training. A first convolution over pixels keeps eight bits. */
export function roundTrunk(modules: readonly Module[], precision: TrunkPrecision): void {
  for (const module of flattened(modules)) {
    if (module instanceof Dense) module.precision = precision;
    if (module instanceof Conv2d) module.precision = module.weights.shape[2] <= fewChannels ? "int8" : precision;
  }
}

function flattened(modules: readonly Module[]): Module[] {
  return modules.flatMap((module) => {
    if (module instanceof Sequential) return flattened(module.layers);
    return module instanceof Residual ? flattened([module.body]) : [module];
  });
}

/** What a trunk stands on. */
export interface TrunkInput {
  /** Layout of a row. */
  readonly image: ImageShape;
  /** The trainer network sees a byte q as (q - zeroPoint) * unit. */
  readonly zeroPoint: number;
  /** See above. */
  readonly unit: number;
  /** [count x features] training rows from which ranges are taken. */
  readonly features: Uint8Array;
  /** Number of those rows. */
  readonly count: number;
}

/**
 * Layers as they are now, in whole numbers.
 *
 * @param modules the layers of the trainer network up to the activation that is projected
 * @param input what they stand on
 * @returns the trunk
 * @throws {TrainingError} for a layer that a trunk cannot have
 */
export function compileTrunk(modules: readonly Module[], input: TrunkInput): Trunk {
  const builder = new TrunkBuilder(input);
  addModules(builder, modules);
  return builder.trunk;
}

/** Adds layers; the last one of a residual block's body has the block's input as its addend. */
function addModules(builder: TrunkBuilder, modules: readonly Module[], block?: { relu: boolean; input: number }): void {
  const layers = modules.flatMap((module) => module instanceof Sequential ? module.layers : [module]);
  if (layers.some((layer) => layer instanceof Sequential)) return addModules(builder, layers, block);
  const last = layers.findLastIndex((layer) => layer instanceof Conv2d || layer instanceof Dense);
  layers.forEach((module, index) => {
    const next = layers[index + 1], addend = index === last ? block : undefined;
    if (block !== undefined && index > last && !(module instanceof BatchNorm || module instanceof Dropout)) {
      refuse("a residual block whose body ends with a layer without weights");
    }
    if (module instanceof ToImages || module instanceof Dropout) return;
    if (module instanceof Conv2d || module instanceof Dense) {
      builder.addWeights(module, { norm: next instanceof BatchNorm ? next : undefined, addend });
    } else if (module instanceof BatchNorm) {
      const before = layers[index - 1];
      if (!(before instanceof Conv2d || before instanceof Dense)) refuse("batch normalisation that follows no weights");
    } else if (module instanceof MaxPool || module instanceof AveragePool) {
      const { size, stride = size, padding = 0 } = module.options;
      if (padding !== 0) refuse("pooling with padding");
      builder.addPool(module instanceof MaxPool ? "largest" : "mean", { rows: size, columns: size, stride });
    } else if (module instanceof GlobalAveragePool) {
      const { height, width } = builder.image;
      builder.addPool("mean", { rows: height, columns: width, stride: 1 });
    } else if (module instanceof Flatten) builder.add({ kind: "flatten" });
    else if (module instanceof Residual) {
      const input = builder.trunk.layers.length - 1;
      if (input < 0) refuse("a residual block that reads pixels");
      addModules(builder, [module.body], { relu: module.relu, input });
    } else refuse(`a layer of the kind ${module.constructor.name}`);
  });
}

function refuse(what: string): never {
  throw new TrainingError(`trunk: ${what} cannot be packed`);
}

/** Adds layers, and runs the training rows through each to know the range of the next. */
class TrunkBuilder {
  readonly trunk: Trunk;
  readonly #checker: TrunkChecker;
  readonly #outputs: Uint8Array[] = [];
  readonly #count: number;
  /** What a byte of each layer stands for. */
  readonly #units: number[] = [];
  #bytes: Uint8Array;
  #zeroPoint: number;
  /** A byte q of the last layer stands for (q - zeroPoint) * unit. */
  #unit: number;

  constructor({ image, zeroPoint, unit, features, count }: TrunkInput) {
    this.trunk = { zeroPoint, layers: [] };
    this.#checker = new TrunkChecker(image);
    this.#bytes = features;
    this.#count = count;
    this.#zeroPoint = zeroPoint;
    this.#unit = unit;
  }

  /** What the last layer gives. */
  get image(): ImageShape {
    return this.#checker.output;
  }

  add(layer: TrunkLayer): void {
    const run = prepareLayerRows(layer, { image: this.image, zeroPoint: this.#zeroPoint, outputs: this.#outputs });
    try {
      this.#checker.add(layer);
    } catch (error) {
      throw new TrainingError(`trunk: ${(error as Error).message}`);
    }
    this.#bytes = run(this.#bytes, this.#count);
    this.#outputs.push(this.#bytes);
    this.trunk.layers.push(layer);
    this.#units.push(this.#unit);
    if (layer.kind === "convolution") this.#zeroPoint = 0;
  }

  /** A layer of weights with what normalises its outputs and, in a residual block, the layer that is added, behind ReLU. */
  addWeights(
    module: Conv2d | Dense,
    { norm, addend }: { norm?: BatchNorm; addend?: { relu: boolean; input: number } },
  ): void {
    const relu = norm?.relu ?? (module instanceof Dense ? module.relu : module.options.relu);
    if (!relu && !addend?.relu) refuse("a layer of weights without ReLU, whose outputs are no bytes");
    if (module instanceof Dense && (this.image.width > 1 || this.image.height > 1)) this.add({ kind: "flatten" });
    const { weights: { data, shape }, bias } = module;
    const outputs = shape[shape.length - 1], inputs = data.length / outputs;
    const precision = module.precision === "float" ? "int8" : module.precision;
    const { levels, scales } = quantizeColumns(data, { columns: outputs, precision });
    const transposed = new Int8Array(levels.length);
    for (let i = 0, at = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) transposed[j * inputs + i] = levels[at++];
    }
    const folded = norm?.affine();
    const weights: HeadLayer = {
      ...{ precision, inputs, outputs, weights: transposed },
      scales: scales.map((scale, j) => scale * this.#unit * (folded?.factors[j] ?? 1)),
      bias: bias.data.map((value, j) => value * (folded?.factors[j] ?? 1) + (folded?.offsets[j] ?? 0)),
    };
    const layer: TrunkConvolution = { kind: "convolution", ...placesOf(module), weights };
    if (addend !== undefined) {
      layer.addend = { layer: addend.input, scale: this.#units[addend.input], afterRelu: relu };
    }
    const unit = this.#largest(layer) / 255 || 1;
    if (layer.addend !== undefined) layer.addend.scale = Math.fround(layer.addend.scale / unit);
    for (const numbers of [weights.scales, weights.bias]) {
      for (let j = 0; j < outputs; j++) numbers[j] /= unit;
      roundToBfloat16(numbers);
    }
    this.#unit = unit;
    this.add(layer);
  }

  /** The largest value that a layer gives on the training rows before it is made a byte. */
  #largest(layer: TrunkConvolution): number {
    const { weights: { scales, bias, outputs }, addend } = layer;
    const added = addend && this.#outputs[addend.layer];
    let largest = 0, next = 0;
    const sums = prepareConvolutionSums(layer, { image: this.image, zeroPoint: this.#zeroPoint });
    sums(this.#bytes, this.#count, (found) => {
      for (let at = 0; at < found.length;) {
        for (let j = 0; j < outputs; j++, at++) {
          let value = found[at] * scales[j] + bias[j];
          if (added !== undefined) {
            value = (addend!.afterRelu ? Math.max(0, value) : value) + addend!.scale * added[next++];
          }
          largest = Math.max(largest, value);
        }
      }
    });
    return largest;
  }

  addPool(kind: "largest" | "mean", window: Pick<TrunkPool, "rows" | "columns" | "stride">): void {
    if (kind === "largest") return this.add({ kind, ...window });
    if (this.trunk.layers.every((layer) => layer.kind !== "convolution")) refuse("a mean of pixels");
    // A mean has a smaller range than what it is of.
    const values = window.rows * window.columns, plain = Math.fround(1 / values);
    const input = { image: this.image, zeroPoint: 0, outputs: [] };
    const means = prepareLayerRows({ kind, ...window, scale: plain }, input)(this.#bytes, this.#count);
    const largest = means.reduce((most, mean) => Math.max(most, mean), 0) + 1;
    const scale = Math.fround(255 / (largest * values));
    this.#unit /= scale * values;
    this.add({ kind, ...window, scale });
  }
}

/** Where the kernel of a layer stands. */
function placesOf(module: Conv2d | Dense): Pick<TrunkConvolution, "kernel" | "stride" | "padding"> {
  if (module instanceof Dense) return { kernel: 1, stride: 1, padding: false };
  const kernel = module.weights.shape[0], { stride = 1, padding = 0 } = module.options;
  if (padding !== 0 && padding !== "same") {
    if (stride > 1 || 2 * padding !== kernel - 1) refuse(`padding of ${padding} around a kernel of ${kernel}`);
  }
  return { kernel, stride, padding: padding !== 0 };
}
