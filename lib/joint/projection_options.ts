/**
 * What is asked of a projection network, and the projection that follows from it for some kind of input.
 *
 * @module
 */
import {
  checkProjection,
  convLayout,
  type ImageShape,
  type ProjectionFamily,
  type ProjectionSpec,
  type ThresholdRule,
} from "../projection/mod.ts";
import { countsProblem } from "../packed/mod.ts";
import { TrainingError } from "./errors.ts";
import type { HeadKind } from "./head_kind.ts";

/** One quantile for all, or the ends of an interval that they spread over. */
export type QuantileRange = number | readonly [from: number, to: number];

/** The family conv: small filters at every position, counted in cells. */
export interface ConvOptions {
  /** Side of the filters in pixels; 5 when left out. */
  readonly filter?: number;
  /** Pixels from position to position; 1 when left out. */
  readonly stride?: number;
  /** Side of a cell in positions; a quarter of the positions when left out. */
  readonly cell?: number;
  /** Positions from cell to cell; `cell` when left out. */
  readonly cellStride?: number;
  /**
   * The quantile of a filter's responses on training data above which it responds, 0...1; 0.95 when left out (chosen on MNIST). With two, each filter has
   * one of its own between them, by its number in the pool.
   */
  readonly quantile?: QuantileRange;
}

/** How rows are chosen from a pool. */
export interface SelectionOptions {
  /** Number of candidates. */
  readonly pool: number;
  /**
   * `greedy` adds the rows that explain most of what the rows so far leave unexplained; `prune` trains a head on the whole pool and drops the rows with the
   * smallest weights, in stages. `greedy` when left out.
   */
  readonly by?: "greedy" | "prune";
}

/** Shape and kind of a projection network. */
export interface ProjectionOptions {
  /** T: number of projection functions; for the family conv of filters. */
  readonly functions: number;
  /** d: bits of each function; 1 when left out. The family conv has one for each cell: leave it out. */
  readonly bitsPerFunction?: number;
  /** Distribution of the random vectors; `gaussian` when left out. */
  readonly family?: ProjectionFamily;
  /** For the family `taps`: features that each bit looks at; 28 when left out. */
  readonly taps?: number;
  /** For the family `patch`: smallest and largest side in pixels; a seventh and five sevenths of the image's shorter side when left out. */
  readonly patch?: { readonly smallest: number; readonly largest: number };
  /** For the family `conv`: its filters and cells. */
  readonly conv?: ConvOptions;
  /** What the head reads; counts for the family `conv` only. Bits when left out. */
  readonly reads?: "bits" | "counts";
  /** Choose the rows (family conv: the filters) from a pool; the first ones are taken when left out. */
  readonly select?: SelectionOptions;
  /**
   * Where each bit is cut, `auto` to choose on validation data; when left out the median for the family conv, `spread` for fewer than 256 selected bits, else
   * {@linkcode defaultThresholds}.
   */
  readonly thresholds?: ThresholdRule | "auto";
  /** Width of a hidden layer between bits and logits; none when left out. */
  readonly hidden?: number;
  /**
   * Normalise what each layer of the head gives by batch in training ({@linkcode BatchNorm}); what that comes to is folded into the layer's scales and
   * biases when it is packed. Off when left out. It serves ternary and binary heads best together with a weight decay of 0.
   */
  readonly normalize?: boolean;
  /** Part of the code that the head does not see in a training step, 0 <= dropout < 1; 0 when left out, and for tables, which read every bit. */
  readonly dropout?: number;
  /** Ternary layers: the multiple of the mean magnitude of an output's weights above which a weight is kept; 0.7 when left out, more makes more zeros. */
  readonly ternaryThreshold?: number;
  /** How the head is trained and stored, for all layers or for each; `float` when left out. Tables read bits, and of a function at most {@linkcode maxTableBits}. */
  readonly head?: HeadKind | readonly HeadKind[];
}

/** What the projection stands on. */
export interface ProjectionInput {
  /** Length of a row of bytes. */
  readonly features: number;
  /** Layout of the row, when it is an image. */
  readonly image?: ImageShape;
  /** Seed of the projection. */
  readonly seed: number;
}

/** The projection that the options ask for, without selection and with filter thresholds of zero. Throws {@linkcode TrainingError} when there is none. */
export function projectionSpec(options: ProjectionOptions, input: ProjectionInput): ProjectionSpec {
  const spec = describe(options, input);
  try {
    checkProjection(spec);
  } catch (error) {
    throw new TrainingError((error as Error).message);
  }
  const problem = options.reads === "counts" ? countsProblem(spec) : undefined;
  if (problem !== undefined) throw new TrainingError(`projection: ${problem}`);
  return spec;
}

/** Options that one family has alone, each named as its family. */
const ofOneFamily = ["taps", "patch", "conv"] as const;

function describe(options: ProjectionOptions, input: ProjectionInput): ProjectionSpec {
  const { features, seed } = input;
  const { family = "gaussian", functions, bitsPerFunction = 1, conv = {} } = options;
  const shape = { seed, features, functions, bitsPerFunction };
  const stray = ofOneFamily.find((name) => name !== family && options[name] !== undefined);
  if (stray !== undefined) {
    throw new TrainingError(`${stray}: is for the family ${stray} only, and the family is ${family}`);
  }
  if (options.reads === "counts" && family !== "conv") {
    throw new TrainingError(`the head can read counts of the family conv only, and the family is ${family}`);
  }
  if (family === "taps") return { family, taps: options.taps ?? 28, ...shape };
  if (family !== "patch" && family !== "conv") return { family, ...shape };
  if (input.image === undefined) throw new TrainingError(`the family ${family} needs images, and the data are a table`);
  const { width, height, channels } = input.image;
  const image = { width, height, channels };
  const side = Math.min(image.width, image.height);
  if (family === "patch") {
    const { smallest, largest } = options.patch ??
      { smallest: Math.max(1, Math.round(side / 7)), largest: Math.max(1, Math.round(side * 5 / 7)) };
    return { family, ...shape, image, smallest, largest };
  }
  const { filter = Math.min(5, side), stride = 1 } = conv;
  const { positionsAcross, positionsDown } = convLayout({ image, filter, stride, cell: 1, cellStride: 1 });
  const cell = conv.cell ?? Math.max(1, Math.ceil(Math.max(positionsAcross, positionsDown) / 4));
  const sizes = { image, filter, stride, cell, cellStride: conv.cellStride ?? cell };
  const { cellsAcross, cellsDown } = convLayout(sizes);
  const cells = cellsAcross * cellsDown;
  if (options.bitsPerFunction !== undefined && options.bitsPerFunction !== cells) {
    throw new TrainingError(
      `the family conv gives one bit of a function for each of its ${cells} cells, and ${options.bitsPerFunction} were asked for`,
    );
  }
  return { family, ...shape, bitsPerFunction: cells, ...sizes, filterThresholds: new Int32Array(functions) };
}

/** The quantile of a filter's responses at which it is cut when the options do not say. */
export const defaultQuantile = 0.95;

/** A projection network in a few words, such as `conv 5x5, cells of 6, quantile 0.95, counts, 24 of 256 by prune, ternary`. */
export function describeProjection(options: ProjectionOptions): string {
  const { family = "gaussian", functions, bitsPerFunction = 1, conv, taps, reads, select, thresholds, hidden, head } =
    options;
  const count = bitsPerFunction === 1 || family === "conv" ? `${functions}` : `${functions}x${bitsPerFunction}`;
  return [
    family === "conv" && conv?.filter ? `conv ${conv.filter}x${conv.filter}` : family,
    conv?.stride !== undefined && conv.stride > 1 && `stride ${conv.stride}`,
    conv?.cell && `cells of ${conv.cell}`,
    conv?.quantile && `quantile ${conv.quantile}`,
    taps && `${taps} taps`,
    reads === "counts" && "counts",
    select ? `${count} of ${select.pool} by ${select.by ?? "greedy"}` : count,
    thresholds && `cut at ${thresholds}`,
    hidden && `hidden ${hidden}`,
    typeof head === "object" ? head.join("+") : head ?? "float",
  ].filter(Boolean).join(", ");
}
