/**
 * How the rows of a data set are laid out for the input of a model that others made: the order of the axes, and the range of the pixels.
 *
 * @module
 */
import type { Dataset } from "../data/mod.ts";
import { measureStandardization } from "../joint/mod.ts";
import { OnnxModelError } from "./errors.ts";
import { describeShape, type Dimension, type OnnxModel, type OnnxValue } from "./model.ts";
import type { FedType } from "./session.ts";

/** Order of the axes behind that of the batch: images channel by channel, or the channels of a pixel together; or everything in one row. */
export type TeacherLayout = "nchw" | "nhwc" | "flat";

/** Every {@linkcode TeacherLayout}. */
export const teacherLayouts: readonly TeacherLayout[] = ["nchw", "nhwc", "flat"];

/**
 * What a model's input numbers are: features as they are (`raw`), bytes as 0...1 (`unit`) or -1...1 (`signed`), or brought to mean 0 and deviation 1 over the
 * training data (`standard`).
 */
export type FeatureScaling = "raw" | "unit" | "signed" | "standard";

/** Every {@linkcode FeatureScaling}. */
export const featureScalings: readonly FeatureScaling[] = ["unit", "standard", "raw", "signed"];

/** Mean and deviation of pixels as 0...1, one number or one for each channel: a pixel p becomes (p / 255 - mean) / deviation. */
export interface PixelMoments {
  /** [1] or [channels]. */
  readonly mean: readonly number[];
  /** [1] or [channels]. */
  readonly deviation: readonly number[];
}

/** How the input of a model is filled. */
export interface InputPlan {
  /** Name of the input. */
  readonly name: string;
  /** Type of its elements. */
  readonly type: FedType;
  /** Its axes behind that of the batch. */
  readonly dims: readonly number[];
  /** Length of the axis of the batch where the model has it fixed. */
  readonly batch: number | undefined;
  /** Order of the axes. */
  readonly layout: TeacherLayout;
}

/** Rows that are fed together at the most, where the model has their number fixed. */
const longestBatch = 4096;

/** The types that can be fed. */
const fedTypes: readonly FedType[] = ["float32", "float64", "uint8", "int32", "int64"];

/**
 * Finds out how the data go into a model.
 *
 * @param model the model
 * @param data rows of the kind that will be fed
 * @param options how messages call the model, and the layout when it is known
 * @throws {OnnxModelError} naming the input, its shape and the shapes that would fit
 */
export function planInput(
  { inputs, initializers }: Pick<OnnxModel, "inputs" | "initializers">,
  { input, featureLength, name: dataName }: Dataset,
  { name, layout }: { name: string; layout?: TeacherLayout },
): InputPlan {
  const fed = fedInputs({ inputs, initializers });
  if (fed.length !== 1) {
    throw new OnnxModelError(
      `${name}: one input was wanted, ${fed.map(({ name }) => JSON.stringify(name)).join(", ") || "none"} found`,
    );
  }
  const [value] = fed;
  const what = `${name}: input ${JSON.stringify(value.name)} is ${describeShape(value.shape)} of ${value.type}`;
  const type = fedTypes.find((known) => known === value.type);
  if (type === undefined) throw new OnnxModelError(`${what}, wanted elements of ${fedTypes.join(", ")}`);
  const shapes: [TeacherLayout, number[]][] = [];
  if (input.kind === "image") {
    const { width, height, channels } = input;
    shapes.push(["nchw", [channels, height, width]], ["nhwc", [height, width, channels]]);
    if (channels === 1) shapes.push(["nhwc", [height, width]]);
  }
  shapes.push(["flat", [featureLength]]);
  const fitting = shapes.filter(([order, shape]) => (layout ?? order) === order && fits(value, shape));
  const said = fitting.find(([order]) => order === denotedLayout(value));
  const chosen = said ?? fitting[0];
  if (chosen === undefined) {
    const wanted = shapes.map(([order, shape]) => `${describeShape(["batch", ...shape])} (${order})`);
    const asked = layout === undefined ? "" : ` and the layout ${layout}`;
    throw new OnnxModelError(`${what}; for ${dataName}${asked} ${wanted.join(" or ")} was wanted`);
  }
  const batch = value.shape?.[0];
  if (typeof batch === "number" && batch > longestBatch) {
    throw new OnnxModelError(`${what}; batches of a fixed length of at most ${longestBatch} were wanted`);
  }
  return {
    name: value.name,
    type,
    dims: chosen[1],
    layout: chosen[0],
    batch: typeof batch === "number" ? batch : undefined,
  };
}

/** The inputs that have to be fed: those that no constant gives. */
export function fedInputs({ inputs, initializers }: Pick<OnnxModel, "inputs" | "initializers">): OnnxValue[] {
  const constants = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !constants.has(name));
}

/** Whether [batch, ...shape] goes with what the model says of its input. */
function fits({ shape: wanted }: OnnxValue, shape: readonly number[]): boolean {
  if (wanted === null) return true;
  return wanted.length === shape.length + 1 && shape.every((length, axis) => agrees(wanted[axis + 1], length));
}

function agrees(wanted: Dimension, length: number): boolean {
  return typeof wanted !== "number" || wanted === length;
}

/** The layout that the meanings of the axes say. */
function denotedLayout({ denotations }: OnnxValue): TeacherLayout | undefined {
  const axis = denotations.indexOf("DATA_CHANNEL");
  return axis === 1 ? "nchw" : axis === 3 ? "nhwc" : undefined;
}

/** ONNX's own words for ranges of pixels. */
const pixelRanges: Readonly<Record<string, FeatureScaling>> = {
  NominalRange_0_255: "raw",
  Normalized_0_1: "unit",
  Normalized_1_1: "signed",
};

/** The scaling that a model tells of: bytes take pixels as they are, and there is an entry of the metadata. */
export function toldScaling(
  { metadata }: Pick<OnnxModel, "metadata">,
  { type }: InputPlan,
): FeatureScaling | undefined {
  if (type === "uint8" || type === "int32" || type === "int64") return "raw";
  const range = Object.hasOwn(metadata, "Image.NominalPixelRange") ? metadata["Image.NominalPixelRange"] : "";
  return Object.hasOwn(pixelRanges, range) ? pixelRanges[range] : undefined;
}

/** The scalings that can be meant for data of this kind. */
export function possibleScalings({ features, input }: Dataset): readonly FeatureScaling[] {
  return features instanceof Uint8Array && input.kind === "image" ? featureScalings : ["raw", "standard"];
}

/** Writes rows into an array in the order of their numbers. */
export type RowWriter = (data: Dataset, rows: ArrayLike<number>) => ArrayLike<number> | BigInt64Array;

/**
 * Prepares the inputs of a model.
 *
 * @param training what the scaling `standard` is measured on
 * @param plan how the input is laid out
 * @param scaling what its numbers are
 */
export function prepareRows(training: Dataset, plan: InputPlan, scaling: FeatureScaling | PixelMoments): RowWriter {
  const { featureLength } = training;
  const channels = training.input.kind === "image" ? training.input.channels : 1;
  const { factors, offsets } = affine(training, scaling, channels);
  const places = placesOf(training, plan.layout);
  return (data, rows) => {
    const count = rows.length * featureLength;
    const values = plan.type === "float64"
      ? new Float64Array(count)
      : plan.type === "uint8"
      ? new Uint8Array(count)
      : new Float32Array(count);
    for (let i = 0, to = 0; i < rows.length; i++) {
      const from = rows[i] * featureLength;
      for (let j = 0; j < featureLength; j++, to++) {
        const place = places === null ? j : places[j], column = place % factors.length;
        values[to] = data.features[from + place] * factors[column] + offsets[column];
      }
    }
    if (plan.type === "int32") return Int32Array.from(values);
    return plan.type === "int64" ? BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))) : values;
  };
}

/** Factors and offsets: one for all, one for each channel, or one for each column. */
function affine(
  training: Dataset,
  scaling: FeatureScaling | PixelMoments,
  channels: number,
): { factors: ArrayLike<number>; offsets: ArrayLike<number> } {
  if (typeof scaling === "object") {
    const { mean, deviation } = scaling;
    for (const [name, { length }] of Object.entries({ mean, deviation })) {
      if (length !== 1 && length !== channels) {
        throw new OnnxModelError(
          `teacher: ${name} has ${length} numbers, wanted 1 or ${channels}, one for each channel`,
        );
      }
    }
    const each = (values: readonly number[], channel: number): number => values[channel % values.length];
    const factors = Array.from({ length: channels }, (_, c) => 1 / (255 * each(deviation, c)));
    return { factors, offsets: factors.map((_, c) => -each(mean, c) / each(deviation, c)) };
  }
  switch (scaling) {
    case "raw":
      return { factors: [1], offsets: [0] };
    case "unit":
      return { factors: [1 / 255], offsets: [0] };
    case "signed":
      return { factors: [2 / 255], offsets: [-1] };
    case "standard":
      return measureStandardization(training);
  }
}

/** For each place in the model's row that of the feature; null where they are in the same order. */
function placesOf({ input, featureLength }: Dataset, layout: TeacherLayout): Int32Array | null {
  if (layout !== "nchw" || input.kind !== "image" || input.channels === 1) return null;
  const { channels } = input, area = featureLength / channels;
  return Int32Array.from({ length: featureLength }, (_, j) => j % area * channels + Math.floor(j / area));
}
