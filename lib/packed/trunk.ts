/**
 * Layers in whole numbers that stand between a sample's bytes and the projection (FORMAT.md, section 8): what they are, the images that they give, and the rules
 * that they keep. Weights and activations after Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, 2018.
 *
 * @module
 */

import { type ImageShape, MAX_FEATURES } from "../projection/mod.ts";
import { MAX_FLOAT32, MAX_OUTPUTS } from "./format.ts";
import type { HeadLayer } from "./model.ts";
import { digitsOf, type IntegerPrecision } from "./numbers.ts";

/** A convolution, or on an image of one pixel a fully connected layer, and what makes bytes of its sums. */
export interface TrunkConvolution {
  /** Tag of the union. */
  kind: "convolution";
  /** Side of the kernel in pixels. */
  kernel: number;
  /** From one place of the kernel to the next, in pixels. */
  stride: number;
  /** Zeros around the image, so that there are ceil(size / stride) places; else the kernel stays inside it. */
  padding: boolean;
  /** [outputs x kernel*kernel*channels] weights, with the factor and the summand that make a byte of each output's sum. */
  weights: HeadLayer;
  /** An earlier layer whose values are added. */
  addend?: {
    /** Its number, from 0. */
    layer: number;
    /** What its values are multiplied by, a float32. */
    scale: number;
    /** Whether they are added to what ReLU leaves; else ReLU comes last. */
    afterRelu: boolean;
  };
}

/** The largest value or the mean of each channel in each window. */
export interface TrunkPool {
  /** Tag of the union. */
  kind: "largest" | "mean";
  /** Rows of a window. */
  rows: number;
  /** Columns of a window. */
  columns: number;
  /** From one window to the next, in pixels. */
  stride: number;
  /** For the mean: what the sum of a window is multiplied by, a float32. */
  scale?: number;
}

/** The image as one pixel. */
export interface TrunkFlatten {
  /** Tag of the union. */
  kind: "flatten";
}

/** A layer of a trunk. */
export type TrunkLayer = TrunkConvolution | TrunkPool | TrunkFlatten;

/** Layers that turn bytes into bytes, each reads the one before it. */
export interface Trunk {
  /** Subtracted from the inputs of the first convolution, 0...255. */
  zeroPoint: number;
  /** 1...255 of them. */
  layers: TrunkLayer[];
}

/** The most weights of a trunk, and the most values and products of one sample. */
const MAX_WEIGHTS = 1 << 24, MAX_VALUES = 1 << 24, MAX_PRODUCTS = 2 ** 32;

/** Where windows stand in an image: so many places, the first one so far above and left of the first pixel. */
export interface TrunkWindows {
  /** Places from top to bottom. */
  down: number;
  /** Places from left to right. */
  across: number;
  /** Rows above the image. */
  above: number;
  /** Columns left of it. */
  left: number;
}

/**
 * The places of a layer's windows.
 *
 * @param layer a convolution or a pool
 * @param image what it reads
 * @returns numbers of places, and the padding before the first pixel; no places when windows do not fit
 */
export function trunkWindows(layer: TrunkConvolution | TrunkPool, { width, height }: ImageShape): TrunkWindows {
  const { stride } = layer;
  const isPool = layer.kind !== "convolution";
  const place = (size: number, kernel: number): [places: number, before: number] => {
    if (isPool || !layer.padding) return [size < kernel ? 0 : Math.floor((size - kernel) / stride) + 1, 0];
    const places = Math.ceil(size / stride);
    return [places, Math.floor(Math.max(0, (places - 1) * stride + kernel - size) / 2)];
  };
  const [down, above] = place(height, isPool ? layer.rows : layer.kernel);
  const [across, left] = place(width, isPool ? layer.columns : layer.kernel);
  return { down, across, above, left };
}

/**
 * The image that a layer gives.
 *
 * @param layer the layer
 * @param image what it reads
 * @returns its shape, without a pixel when windows do not fit
 */
export function trunkOutput(layer: TrunkLayer, image: ImageShape): ImageShape {
  if (layer.kind === "flatten") return { width: 1, height: 1, channels: sizeOf(image) };
  const { down, across } = trunkWindows(layer, image);
  const channels = layer.kind === "convolution" ? layer.weights.outputs : image.channels;
  return { width: across, height: down, channels };
}

const sizeOf = ({ width, height, channels }: ImageShape): number => width * height * channels;

/** Adds up the images, weights and products of a trunk layer by layer, and refuses what the format does. */
export class TrunkChecker {
  /** What the layers so far give, after the trunk's own input. */
  readonly images: ImageShape[];
  #weights = 0;
  #values = 0;
  #products = 0;

  /**
   * Starts at the input.
   *
   * @param input the layout of a sample; a table is one pixel
   */
  constructor(input: ImageShape) {
    this.images = [input];
  }

  /** What the last layer gives. */
  get output(): ImageShape {
    return this.images[this.images.length - 1];
  }

  /**
   * Takes the next layer. Its weights are looked at for their shape and precision only, before they have to be there.
   *
   * @param layer the layer
   * @throws {RangeError} tells what was found and what was wanted
   */
  add(layer: TrunkLayer): void {
    const { images, output: input } = this;
    const at = images.length - 1;
    const refuse = (problem: string): never => {
      throw new RangeError(`layer ${at}: ${problem}`);
    };
    const want = (what: string, value: number, least: number, most: number): void => {
      if (!Number.isInteger(value) || value < least || value > most) {
        refuse(`${what} is ${value}, wanted an integer ${least}...${most}`);
      }
    };
    const wantScale = (what: string, value: number): void => {
      if (!(value >= 0 && value <= MAX_FLOAT32) || Math.fround(value) !== value || Object.is(value, -0)) {
        refuse(`${what} is ${value}, wanted a finite float32 from 0 on`);
      }
    };
    if (at === 255) refuse("one too many, wanted at most 255");
    if (layer.kind !== "flatten") want("stride", layer.stride, 1, MAX_FEATURES);
    if (layer.kind === "convolution") want("kernel", layer.kernel, 1, MAX_FEATURES);
    else if (layer.kind !== "flatten") {
      want("rows of a window", layer.rows, 1, MAX_FEATURES);
      want("columns of a window", layer.columns, 1, MAX_FEATURES);
      if (layer.kind === "mean") wantScale("scale", layer.scale!);
      else if (layer.kind !== "largest") refuse(`kind is ${(layer as TrunkLayer).kind}`);
    }
    const output = trunkOutput(layer, input);
    if (layer.kind === "convolution") {
      const { weights: { precision, inputs, outputs }, kernel, addend } = layer;
      want("outputs", outputs, 1, MAX_OUTPUTS);
      if (precision === "float") refuse("float weights, wanted integers");
      want("inputs", inputs, kernel * kernel * input.channels, kernel * kernel * input.channels);
      const { least } = digitsOf(precision as IntegerPrecision);
      if (inputs * 255 * -least >= 2 ** 31) refuse(`${inputs} ${precision} inputs, whose sums leave 32 bits`);
      this.#weights += inputs * outputs;
      if (this.#weights > MAX_WEIGHTS) refuse(`${this.#weights} weights so far, wanted at most ${MAX_WEIGHTS}`);
      this.#products += output.width * output.height * inputs * outputs;
      if (addend !== undefined) {
        want("addend", addend.layer, 0, at - 1);
        wantScale("scale of the addend", addend.scale);
        const { width, height, channels } = images[addend.layer + 1];
        if (width !== output.width || height !== output.height || channels !== output.channels) {
          refuse(`addend of ${describe(images[addend.layer + 1])} values, wanted ${describe(output)}`);
        }
      }
    } else if (layer.kind !== "flatten") this.#products += sizeOf(output) * layer.rows * layer.columns;
    if (output.width === 0 || output.height === 0) refuse(`windows do not fit into ${describe(input)} values`);
    if (sizeOf(output) > MAX_FEATURES) refuse(`${describe(output)} values, wanted at most ${MAX_FEATURES}`);
    if (this.#products > MAX_PRODUCTS) refuse(`${this.#products} products so far, wanted at most ${MAX_PRODUCTS}`);
    this.#values += sizeOf(output);
    if (this.#values > MAX_VALUES) refuse(`${this.#values} values so far, wanted at most ${MAX_VALUES}`);
    images.push(output);
  }
}

const describe = ({ width, height, channels }: ImageShape): string => `${height}x${width}x${channels}`;
