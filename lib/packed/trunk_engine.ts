/**
 * The layers of a trunk in plain TypeScript, and the engine of models that have one: the trunk makes other bytes of a sample's, and the engine of a model
 * without it does the rest.
 *
 * @module
 */

import {
  type ColumnProduct,
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
import {
  type Trunk,
  type TrunkConvolution,
  type TrunkLayer,
  trunkOutput,
  type TrunkPool,
  trunkWindows,
} from "./trunk.ts";

/** Turns the bytes of a sample into those that the projection reads; the result is reused. */
export type TrunkRunner = (bytes: Uint8Array) => Uint8Array;

/**
 * Lays a trunk out for speed.
 *
 * @param trunk a checked trunk
 * @param input the layout of a sample
 * @returns runs it
 */
export function prepareTrunk(trunk: Trunk, input: ImageShape): TrunkRunner {
  const outputs: Uint8Array[] = [];
  let image = input, zeroPoint = trunk.zeroPoint;
  const steps = trunk.layers.map((layer) => {
    const shape = trunkOutput(layer, image);
    const out = new Uint8Array(shape.width * shape.height * shape.channels);
    const step = prepareLayer(layer, { image, out, zeroPoint, outputs });
    outputs.push(out);
    if (layer.kind === "convolution") zeroPoint = 0;
    image = shape;
    return step;
  });
  return (bytes) => {
    steps.forEach((step, i) => step(i === 0 ? bytes : outputs[i - 1]));
    return outputs[outputs.length - 1];
  };
}

interface LayerPlace {
  /** What the layer reads. */
  image: ImageShape;
  /** Where its values go. */
  out: Uint8Array;
  /** What is subtracted from what it reads. */
  zeroPoint: number;
  /** The values of the layers before it. */
  outputs: readonly Uint8Array[];
}

function prepareLayer(layer: TrunkLayer, place: LayerPlace): (x: Uint8Array) => void {
  if (layer.kind === "flatten") return (x) => place.out.set(x);
  return layer.kind === "convolution" ? prepareConvolution(layer, place) : preparePool(layer, place);
}

/** The values under the kernel that are not zero, times the weights of all outputs at once. */
function prepareConvolution(
  layer: TrunkConvolution,
  { image, out, zeroPoint, outputs }: LayerPlace,
): (x: Uint8Array) => void {
  const { weights: { scales, bias, outputs: channels }, stride, addend } = layer;
  const { down, across, above, left } = trunkWindows(layer, image);
  const { product, shifts } = prepareSums(layer, zeroPoint);
  const gather = prepareTerms(layer, { image, outside: zeroPoint });
  const sums = new Int32Array(channels);
  const { scale: factor, afterRelu } = addend ?? { scale: 0, afterRelu: false };
  const added = addend === undefined ? out : outputs[addend.layer];
  return (x) => {
    for (let v = 0, to = 0; v < down; v++) {
      for (let u = 0; u < across; u++) {
        product(gather(x, v * stride - above, u * stride - left), sums);
        for (let j = 0; j < channels; j++, to++) {
          let t = (sums[j] - shifts[j]) * scales[j] + bias[j];
          if (addend !== undefined) t = (afterRelu ? Math.max(0, t) : t) + factor * added[to];
          out[to] = Math.min(255, Math.max(0, Math.floor(t + 0.5)));
        }
      }
    }
  };
}

/** The product with the weights, and what the zero point takes off each sum. */
function prepareSums(
  { weights: { precision, inputs, outputs, weights } }: TrunkConvolution,
  zeroPoint: number,
): { product: ColumnProduct; shifts: Float64Array } {
  const { least, step, base } = digitsOf(precision as IntegerPrecision);
  const row = (j: number): Int8Array => (weights as Int8Array).subarray(j * inputs, (j + 1) * inputs);
  const shifts = Float64Array.from({ length: outputs }, (_, j) => zeroPoint * row(j).reduce((sum, w) => sum + w, 0));
  const product = prepareColumnProduct({
    rows: outputs,
    columns: inputs,
    scale: step,
    offset: -least,
    largest: base - 1,
    row: (j, out) => out.set(row(j)),
  });
  return { product, shifts };
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

function preparePool(layer: TrunkPool, { image, out }: LayerPlace): (x: Uint8Array) => void {
  const { rows, columns, stride, kind, scale = 0 } = layer;
  const { width, channels } = image;
  const { down, across } = trunkWindows(layer, image);
  return (x) => {
    for (let v = 0, to = 0; v < down; v++) {
      for (let u = 0; u < across; u++) {
        for (let c = 0; c < channels; c++, to++) {
          let sum = 0, largest = 0;
          for (let a = 0; a < rows; a++) {
            let from = ((v * stride + a) * width + u * stride) * channels + c;
            for (let b = 0; b < columns; b++, from += channels) {
              sum += x[from];
              largest = Math.max(largest, x[from]);
            }
          }
          out[to] = kind === "largest" ? largest : Math.min(255, Math.floor(sum * scale + 0.5));
        }
      }
    }
  };
}

/**
 * Lays a model with a trunk out for speed.
 *
 * @param model what a file holds
 * @returns the engine
 */
export function prepareTrunkEngine(model: PnetModel): Engine {
  const { input, trunk, ...rest } = model;
  if (trunk === undefined) return preparePlainEngine(model, prepareProduct);
  const image = imageOf(input);
  const quantize = prepareQuantizer(input), run = prepareTrunk(trunk, image);
  const quantized = new Uint8Array(image.width * image.height * image.channels);
  const output = trunk.layers.reduce((shape, layer) => trunkOutput(layer, shape), image);
  const engine = preparePlainEngine({ ...rest, input: { kind: "image", ...output } }, prepareProduct);
  const bytes = (samples: Samples, sample: number): Uint8Array => {
    quantize(samples, sample, quantized);
    return run(quantized);
  };
  return {
    runtime: "plain",
    encode: (samples, out) => engine.encode(bytes(samples, 0), out),
    logits: (samples, out) => {
      const classes = model.labels.length;
      for (let sample = 0, at = 0; at < out.length; sample++, at += classes) {
        engine.logits(bytes(samples, sample), out.subarray(at, at + classes));
      }
    },
  };
}
