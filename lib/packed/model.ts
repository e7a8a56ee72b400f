/**
 * The content of a `.pnet` file as plain data. FORMAT.md says how it is stored and what it computes.
 *
 * @module
 */

import type { ImageShape, ProjectionSpec, TextNormalization, TextSpec } from "../projection/mod.ts";
import type { Trunk } from "./trunk.ts";

/** An image of bytes: n = width*height*channels features 0...255, row by row from the top, the channels of a pixel together. */
export interface ImageInput {
  /** Tag of the union. */
  kind: "image";
  /** Pixels in a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** Numbers in a pixel: 1 for grey, 3 for red, green, blue. */
  channels: number;
}

/** A row of numbers. */
export interface TableInput {
  /** Tag of the union. */
  kind: "table";
  /** n: number of columns, the label not counted. */
  features: number;
  /** How the numbers become integers 0...255. */
  quantization: Quantization;
}

/** A text, and how it is folded. */
export interface TextInput extends TextNormalization {
  /** Tag of the union. */
  kind: "text";
}

/** What a raw sample looks like. */
export type InputDescription = ImageInput | TableInput | TextInput;

/** A raw sample that is numbers. */
export type NumericInput = ImageInput | TableInput;

/** Raw samples one after the other: numbers row by row, or texts. */
export type Samples = ArrayLike<number> | readonly string[];

/** How a number x becomes an integer: q = min(255, max(0, floor((x - offset)*scale + 0.5))) in float64, from offsets and scales in float32. */
export type Quantization =
  | {
    /** The numbers are integers 0...255 already; others are rounded and limited to them. */
    rule: "none";
  }
  | {
    /** One offset and scale for all columns. */
    rule: "shared";
    /** Subtracted first; a float32. */
    offset: number;
    /** Factor; a float32. */
    scale: number;
  }
  | {
    /** An offset and a scale for each column. */
    rule: "columns";
    /** [features] subtracted first. */
    offsets: Float32Array;
    /** [features] factors. */
    scales: Float32Array;
  };

/** How the weights of a layer are stored: float32, or integers -128...127, -8...7, -1...1, or +-1. */
export type HeadPrecision = "float" | "int8" | "int4" | "ternary" | "binary";

/** A fully connected layer of the head: y = scale * (weights * x) + bias. */
export interface HeadLayer {
  /** How the weights are stored. */
  precision: HeadPrecision;
  /**
   * d, for a first layer of lookup tables: the T*d bits are T numbers of d bits, and x is one-hot: input t*2^d + i is 1 when number t is i. Left out
   * for a layer that reads the bits themselves. Tables are int8, int4 or ternary.
   */
  tableBits?: number;
  /** Number of inputs: the bits of the code, the T*2^d rows of the tables, or the outputs of the layer before. */
  inputs: number;
  /** Number of outputs. */
  outputs: number;
  /** [outputs x inputs], row-major: a Float32Array when the precision is float, else an Int8Array. */
  weights: Float32Array | Int8Array;
  /** [outputs] factor of each row; empty for float. */
  scales: Float32Array;
  /** [outputs] */
  bias: Float32Array;
}

/** Everything from a raw sample that is numbers to the label. */
export interface PnetModel {
  /** What a raw sample looks like. */
  input: NumericInput;
  /** Layers whose outputs the projection reads in place of the sample; none when left out. */
  trunk?: Trunk;
  /** The random projection. */
  projection: ProjectionSpec;
  /** [bits] a bit is 1 when its projected value is strictly greater. */
  thresholds: Int32Array;
  /**
   * What the first layer's inputs are: the bits, or, for the family conv only, the projected counts themselves, at most 255 each; thresholds are zero
   * then. Bits when left out.
   */
  reads?: "bits" | "counts";
  /** One layer (bits -> logits) or two (bits -> hidden values, ReLU -> logits). */
  head: HeadLayer[];
  /** One label for each logit. */
  labels: string[];
}

/** Everything from a text to the label. */
export interface TextModel extends Omit<PnetModel, "input" | "trunk" | "projection" | "reads"> {
  /** How a text is folded. */
  input: TextInput;
  /** The features of a text and their projection. */
  projection: TextSpec;
  /** What the first layer's inputs are; never counts. */
  reads?: "bits";
  /** q, 1...255: an answer whose probability is below q / 256 is rejected. No answer is when left out. */
  rejection?: number;
}

/** A model of any kind. */
export type AnyModel = PnetModel | TextModel;

/** Whether a model reads texts. */
export function isTextModel(model: AnyModel): model is TextModel {
  return model.input.kind === "text";
}

/**
 * The number of features of a sample.
 *
 * @param input what a sample looks like
 * @returns n; 1 for a text
 */
export function featuresOf(input: InputDescription): number {
  if (input.kind === "text") return 1;
  return input.kind === "image" ? input.width * input.height * input.channels : input.features;
}

/**
 * A sample as an image; a table is one pixel.
 *
 * @param input what a sample looks like
 * @returns width, height and channels
 */
export function imageOf(input: NumericInput): ImageShape {
  if (input.kind === "table") return { width: 1, height: 1, channels: input.features };
  return { width: input.width, height: input.height, channels: input.channels };
}
