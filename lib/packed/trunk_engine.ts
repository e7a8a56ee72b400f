/**
 * The layers of a trunk in plain TypeScript, and the engine of models that have one: the trunk makes other bytes of a sample's, and the engine of a model
 * without it does the rest.
 *
 * @module
 */

import {
  type ColumnTerms,
  columnTerms,
  type ImageShape,
  prepareColumnProduct,
  prepareProduct,
} from "../projection/mod.ts";
import type { Engine } from "./classifier.ts";
import { imageOf, type PnetModel, type Samples } from "./model.ts";
import { digitsOf, type IntegerPrecision } from "./numbers.ts";
import { preparePlainEngine } from "./plain_engine.ts";
import { prepareQuantizer } from "./quantize.ts";
import { type Trunk, type TrunkConvolution, trunkOutput, type TrunkPool, trunkWindows } from "./trunk.ts";

/** Turns the bytes of a sample into those that the projection reads; the result is reused. */
export type TrunkRunner = (bytes: Uint8Array) => Uint8Array;

/** What a convolution reads. */
export interface ConvolutionInput {
  /** Layout of what it reads. */
  image: ImageShape;
  /** What is subtracted from that. */
  zeroPoint: number;
}

/** Prepares the sums [places x outputs] of a convolution over the bytes as they are, the zero point standing for what lies outside; they are reused. */
export type PrepareSums = (layer: TrunkConvolution, input: ConvolutionInput) => (x: Uint8Array) => Int32Array;

/**
 * Lays a trunk out for speed.
 *
 * @param trunk a checked trunk
 * @param input the layout of a sample
 * @param prepareSums what computes convolutions
 * @returns runs it
 */
export function prepareTrunk(
  trunk: Trunk,
  input: ImageShape,
  prepareSums: PrepareSums = preparePlainSums,
): TrunkRunner {
  const outputs: Uint8Array[] = [];
  let image = input, zeroPoint = trunk.zeroPoint;
  const steps = trunk.layers.map((layer): (x: Uint8Array) => void => {
    const shape = trunkOutput(layer, image);
    const out = new Uint8Array(shape.width * shape.height * shape.channels);
    outputs.push(out);
    const place = { image, zeroPoint };
    image = shape;
    if (layer.kind === "flatten") return (x) => out.set(x);
    if (layer.kind !== "convolution") {
      const pool = preparePool(layer, place.image);
      return (x) => pool(x, out);
    }
    zeroPoint = 0;
    const sums = prepareSums(layer, place), shifts = shiftsOf(layer, place.zeroPoint);
    const added = layer.addend && outputs[layer.addend.layer];
    return (x) => finishSums(layer, sums(x), { out, added, shifts });
  });
  return (bytes) => {
    steps.forEach((step, i) => step(i === 0 ? bytes : outputs[i - 1]));
    return outputs[outputs.length - 1];
  };
}

/** What the zero point takes off the sum of each output. */
function shiftsOf({ weights: { inputs, outputs, weights } }: TrunkConvolution, zeroPoint: number): Float64Array {
  return Float64Array.from({ length: outputs }, (_, j) => {
    let sum = 0;
    for (let i = j * inputs; i < (j + 1) * inputs; i++) sum += weights[i];
    return zeroPoint * sum;
  });
}

/**
 * Makes bytes of the sums of a convolution.
 *
 * @param layer the convolution
 * @param sums [places x outputs], of one image or of several
 * @param options where the bytes go, the values of the layer that is added, and what is taken off the sums of each output
 */
export function finishSums(
  { weights: { scales, bias, outputs }, addend }: TrunkConvolution,
  sums: ArrayLike<number>,
  { out, added, shifts }: { out: Uint8Array; added?: Uint8Array; shifts: Float64Array },
): void {
  const { scale, afterRelu } = addend ?? { scale: 0, afterRelu: false };
  for (let at = 0; at < sums.length;) {
    for (let j = 0; j < outputs; j++, at++) {
      let t = (sums[at] - shifts[j]) * scales[j] + bias[j];
      if (added !== undefined) t = (afterRelu ? Math.max(0, t) : t) + scale * added[at];
      out[at] = Math.min(255, Math.max(0, Math.floor(t + 0.5)));
    }
  }
}

/** The values under the kernel that are not zero, times the weights of all outputs at once. */
function preparePlainSums(
  layer: TrunkConvolution,
  { image, zeroPoint }: ConvolutionInput,
): (x: Uint8Array) => Int32Array {
  const { weights: { precision, inputs, outputs, weights }, stride } = layer;
  const { down, across, above, left } = trunkWindows(layer, image);
  const { least, step, base } = digitsOf(precision as IntegerPrecision);
  const product = prepareColumnProduct({
    rows: outputs,
    columns: inputs,
    scale: step,
    offset: -least,
    largest: base - 1,
    row: (j, out) => out.set((weights as Int8Array).subarray(j * inputs, (j + 1) * inputs)),
  });
  const gather = prepareTerms(layer, { image, outside: zeroPoint });
  const sums = new Int32Array(outputs), all = new Int32Array(down * across * outputs);
  return (x) => {
    for (let v = 0, to = 0; v < down; v++) {
      for (let u = 0; u < across; u++, to += outputs) {
        product(gather(x, v * stride - above, u * stride - left), sums);
        all.set(sums, to);
      }
    }
    return all;
  };
}

/** Finds the terms of a product under the kernel at a place, whose first pixel may lie outside; what is outside counts as `outside`. */
function prepareTerms(
  { kernel, weights: { inputs } }: TrunkConvolution,
  { image: { width, height, channels }, outside }: { image: ImageShape; outside: number },
): (x: Uint8Array, row: number, column: number) => ColumnTerms {
  const terms = columnTerms(inputs), { indices, values } = terms;
  return (x, row, column) => {
    let count = 0;
    for (let a = 0, tap = 0; a < kernel; a++) {
      for (let b = 0; b < kernel; b++) {
        const y = row + a, z = column + b;
        const isInside = y >= 0 && y < height && z >= 0 && z < width;
        for (let from = (y * width + z) * channels, end = tap + channels; tap < end; tap++, from++) {
          const value = isInside ? x[from] : outside;
          indices[count] = tap;
          values[count] = value;
          count += Number(value > 0);
        }
      }
    }
    terms.count = count;
    return terms;
  };
}

/**
 * Prepares a pool.
 *
 * @param layer the pool
 * @param image what it reads
 * @returns runs it on one image
 */
export function preparePool(layer: TrunkPool, image: ImageShape): (x: Uint8Array, out: Uint8Array) => void {
  const { rows, columns, stride, kind, scale = 0 } = layer;
  const { width, channels } = image;
  const { down, across } = trunkWindows(layer, image);
  const found = new Int32Array(channels), isMean = kind === "mean";
  return (x, out) => {
    for (let place = 0, to = 0; place < down * across; place++) {
      const corner = (Math.floor(place / across) * width + place % across) * stride * channels;
      found.fill(0);
      for (let a = 0; a < rows; a++) {
        let from = corner + a * width * channels;
        for (let b = 0; b < columns; b++) {
          for (let c = 0; c < channels; c++, from++) {
            found[c] = isMean ? found[c] + x[from] : Math.max(found[c], x[from]);
          }
        }
      }
      for (let c = 0; c < channels; c++, to++) {
        out[to] = isMean ? Math.min(255, Math.floor(found[c] * scale + 0.5)) : found[c];
      }
    }
  };
}

/** Prepares the engine of a model without a trunk. */
export type PrepareEngine = (model: PnetModel) => Engine;

const preparePlain: PrepareEngine = (model) => preparePlainEngine(model, prepareProduct);

/**
 * Lays a model with a trunk out for speed.
 *
 * @param model what a file holds
 * @param options what computes convolutions, and the rest of the model; plain TypeScript when left out
 * @returns the engine
 */
export function prepareTrunkEngine(
  model: PnetModel,
  { prepareEngine = preparePlain, prepareSums }: { prepareEngine?: PrepareEngine; prepareSums?: PrepareSums } = {},
): Engine {
  const { input, trunk, ...rest } = model;
  if (trunk === undefined) return prepareEngine(model);
  const image = imageOf(input);
  const quantize = prepareQuantizer(input), run = prepareTrunk(trunk, image, prepareSums);
  const quantized = new Uint8Array(image.width * image.height * image.channels);
  const output = trunk.layers.reduce((shape, layer) => trunkOutput(layer, shape), image);
  const engine = prepareEngine({ ...rest, input: { kind: "image", ...output } });
  const bytes = (samples: Samples, sample: number): Uint8Array => {
    quantize(samples, sample, quantized);
    return run(quantized);
  };
  return {
    runtime: prepareSums === undefined ? engine.runtime : "wasm",
    encode: (samples, out) => engine.encode(bytes(samples, 0), out),
    logits: (samples, out) => {
      const classes = model.labels.length;
      for (let sample = 0, at = 0; at < out.length; sample++, at += classes) {
        engine.logits(bytes(samples, sample), out.subarray(at, at + classes));
      }
    },
  };
}
