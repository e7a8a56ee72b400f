/**
 * A packed trunk over many rows at once: the same bytes as the runtime's, from float matrix products whose sums are whole numbers below 2^24, which float32 holds
 * exactly in whatever order they are added.
 *
 * @module
 */
import { kernels, Region } from "../kernels/mod.ts";
import {
  type ConvolutionInput,
  finishSums,
  preparePool,
  type Trunk,
  type TrunkConvolution,
  type TrunkLayer,
  trunkOutput,
  trunkWindows,
} from "../packed/mod.ts";
import type { ImageShape } from "../projection/mod.ts";

const exactLimit = 2 ** 24;
/** Values of unfolded images that are worked on at a time, about what the second-level cache holds. */
const valuesAtOnce = 1 << 17;
/** Rows that go through all layers together. */
const rowsAtOnce = 64;

/** Number of values of an image. */
export function valuesOf({ width, height, channels }: ImageShape): number {
  return width * height * channels;
}

/** Gives the sums [images x places x outputs] of some images, the first of which has the number `first`; the array is reused. */
type VisitSums = (sums: Float32Array | Int32Array, rows: { first: number; count: number }) => void;

/** Prepares the sums of a convolution over many images, in memory of the region that is current when they are asked for. */
export function prepareConvolutionSums(
  layer: TrunkConvolution,
  { image, zeroPoint }: ConvolutionInput,
): (x: Uint8Array, count: number, visit: VisitSums) => void {
  const { kernel, stride, weights: { inputs, outputs, weights } } = layer;
  const { down, across, above, left } = trunkWindows(layer, image);
  const { width, height, channels } = image;
  const below = Math.max(0, (down - 1) * stride + kernel - height - above);
  const right = Math.max(0, (across - 1) * stride + kernel - width - left);
  const places = down * across, size = valuesOf(image);
  const atOnce = Math.max(1, Math.floor(valuesAtOnce / (places * inputs)));
  const blocks = exactBlocks(weights as Int8Array, { inputs, outputs });
  return (x, count, visit) => {
    using scratch = new Region();
    const images = Math.min(atOnce, count), rows = images * places;
    const centred = zeroPoint === 0 ? null : scratch.float32(images * size);
    const patches = scratch.float32(rows * inputs), products = scratch.float32(rows * outputs);
    const matrices = blocks.map((block) => {
      const matrix = scratch.float32(block.length);
      matrix.set(block);
      return matrix;
    });
    const totals = blocks.length > 1 ? new Int32Array(rows * outputs) : products;
    for (let first = 0; first < count; first += images) {
      const part = { first, count: Math.min(images, count - first) };
      const found = part.count * places;
      const bytes = x.subarray(first * size, (first + part.count) * size);
      centred?.set(bytes);
      if (centred !== null) { for (let i = 0; i < bytes.length; i++) centred[i] -= zeroPoint; }
      kernels().im2col(centred ?? bytes, patches, {
        images: part.count,
        ...{ width, height, channels, kernel: [kernel, kernel], stride: [stride, stride] },
        padding: [above, left, below, right],
      });
      matrices.forEach((matrix, index) => {
        kernels().matmul(patches.subarray(0, found * inputs), matrix, products.subarray(0, found * outputs), {
          rows: found,
          columns: outputs,
          inner: inputs,
        });
        if (totals === products) return;
        for (let i = 0; i < found * outputs; i++) totals[i] = products[i] + (index > 0 ? totals[i] : 0);
      });
      visit(totals.subarray(0, found * outputs), part);
    }
  };
}

/** The weights as matrices [inputs x outputs] whose sum they are, each with so few weights that no sum times bytes leaves what float32 holds. */
function exactBlocks(weights: Int8Array, { inputs, outputs }: { inputs: number; outputs: number }): Float32Array[] {
  const blocks: Float32Array[] = [];
  const sums = new Float64Array(outputs);
  let block = new Float32Array(weights.length);
  for (let i = 0; i < inputs; i++) {
    let full = false;
    for (let j = 0; j < outputs; j++) {
      sums[j] += 255 * Math.abs(weights[j * inputs + i]);
      full ||= sums[j] >= exactLimit;
    }
    if (full) {
      blocks.push(block);
      block = new Float32Array(weights.length);
      for (let j = 0; j < outputs; j++) sums[j] = 255 * Math.abs(weights[j * inputs + i]);
    }
    for (let j = 0; j < outputs; j++) block[i * outputs + j] = weights[j * inputs + i];
  }
  return [...blocks, block];
}

/** Runs a layer on many images. */
export type LayerRunner = (x: Uint8Array, count: number) => Uint8Array;

/**
 * Prepares a layer for many images.
 *
 * @param layer the layer
 * @param input what it reads, and the values of the layers before it, of the same images
 * @returns runs it
 */
export function prepareLayerRows(
  layer: TrunkLayer,
  input: ConvolutionInput & { outputs: readonly Uint8Array[] },
): LayerRunner {
  const { image, outputs } = input;
  if (layer.kind === "flatten") return (x) => x;
  const size = valuesOf(trunkOutput(layer, image));
  if (layer.kind === "convolution") {
    const sums = prepareConvolutionSums(layer, input);
    const shifts = new Float64Array(layer.weights.outputs);
    return (x, count) => {
      const out = new Uint8Array(count * size);
      const added = layer.addend && outputs[layer.addend.layer];
      sums(x, count, (found, { first }) => {
        finishSums(layer, found, { out: out.subarray(first * size), added: added?.subarray(first * size), shifts });
      });
      return out;
    };
  }
  const pool = preparePool(layer, image), from = valuesOf(image);
  return (x, count) => {
    const out = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) pool(x.subarray(i * from, (i + 1) * from), out.subarray(i * size, (i + 1) * size));
    return out;
  };
}

/**
 * Runs a trunk on many rows.
 *
 * @param trunk the trunk
 * @param rows the layout of a row, and [count x features] bytes
 * @returns [count x values] bytes that the projection reads
 */
export function runTrunkRows(
  trunk: Trunk,
  { image, features, count }: { image: ImageShape; features: Uint8Array; count: number },
): Uint8Array {
  const outputs: Uint8Array[] = [];
  let zeroPoint = trunk.zeroPoint, shape = image;
  const layers = trunk.layers.map((layer) => {
    const run = prepareLayerRows(layer, { image: shape, zeroPoint, outputs });
    shape = trunkOutput(layer, shape);
    if (layer.kind === "convolution") zeroPoint = 0;
    return run;
  });
  const size = valuesOf(shape), width = valuesOf(image);
  const out = new Uint8Array(count * size);
  for (let first = 0; first < count; first += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, count - first);
    let x = features.subarray(first * width, (first + rows) * width);
    layers.forEach((run, index) => x = outputs[index] = run(x, rows));
    out.set(x, first * size);
  }
  return out;
}
