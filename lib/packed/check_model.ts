/**
 * Tells whether a model can be written as a `.pnet` file, before anything is written.
 *
 * @module
 */

import { bitsOf, checkProjection } from "../projection/mod.ts";
import { checkText } from "../projection/text.ts";
import { digitsOf, type IntegerPrecision } from "./numbers.ts";
import { PnetFormatError } from "./errors.ts";
import { MAX_FLOAT32, MAX_MAGNITUDE, MAX_OUTPUTS, MAX_TABLE_BITS, PRECISIONS } from "./format.ts";
import {
  type AnyModel,
  featuresOf,
  type HeadLayer,
  imageOf,
  type InputDescription,
  isTextModel,
  type NumericInput,
  type PnetModel,
} from "./model.ts";
import { countsProblem } from "./read_projection.ts";
import { TrunkChecker } from "./trunk.ts";

/**
 * Checks every rule of FORMAT.md that a model can break.
 *
 * @param model the model
 * @throws {PnetFormatError} names the part, what was found and what was wanted
 */
export function checkModel(model: AnyModel): void {
  const { input, projection, thresholds, reads = "bits", head, labels } = model;
  checkInput(input);
  try {
    if (projection.family === "text") checkText(projection);
    else checkProjection(projection);
  } catch (error) {
    refuse((error as Error).message);
  }
  const bits = bitsOf(projection);
  const isText = projection.family === "text";
  if (isText !== (input.kind === "text")) {
    refuse(`projection: family is ${projection.family}, the input ${input.kind}, wanted both text or none`);
  }
  const read = isTextModel(model) ? model.input : checkTrunk(model);
  if (!isText) wantEqual("projection: features", projection.features, featuresOf(read));
  if ("image" in projection) {
    if (read.kind !== "image") refuse(`projection: family is ${projection.family}, wanted an image as input`);
    for (const side of ["width", "height", "channels"] as const) {
      wantEqual(`projection: ${side}`, projection.image[side], read[side]);
    }
  }
  wantEqual("thresholds: length", thresholds.length, bits);
  if (reads !== "bits" && reads !== "counts") refuse(`reads is ${reads}, wanted bits or counts`);
  if (isText && reads === "counts") refuse("counts of the family text, wanted bits");
  const problem = reads === "counts" && !isText ? countsProblem(projection) : undefined;
  if (problem !== undefined) refuse(problem);
  if (reads === "counts" && thresholds.some((threshold) => threshold !== 0)) {
    refuse("thresholds of counts, wanted none");
  }
  if (isText && projection.entries === "presence" && thresholds.some((threshold) => threshold !== 0)) {
    refuse("thresholds of presence, wanted none");
  }
  const rejection = "rejection" in model ? model.rejection : undefined;
  if (rejection !== undefined && (!isText || !Number.isInteger(rejection) || rejection < 1 || rejection > 255)) {
    refuse(`rejection is ${rejection}, wanted an integer 1...255 for texts`);
  }
  if (labels.length < 1 || labels.length > MAX_OUTPUTS) refuse(`${labels.length} labels, wanted 1...${MAX_OUTPUTS}`);
  const broken = labels.findIndex((label) => !label.isWellFormed());
  if (broken >= 0) refuse(`label ${broken} has a lone surrogate, wanted well-formed Unicode`);
  if (head.length !== 1 && head.length !== 2) refuse(`head: ${head.length} layers, wanted 1 or 2`);
  head.forEach((layer, i) => {
    const name = `head: layer ${i}`;
    const { functions, bitsPerFunction } = projection;
    if (layer.tableBits !== undefined) {
      if (i > 0) refuse(`${name}: tables, wanted them only as layer 0`);
      if (reads === "counts") refuse(`${name}: tables that read counts, wanted bits`);
      if (bitsPerFunction > MAX_TABLE_BITS) {
        refuse(`${name}: tables of ${bitsPerFunction} bits, wanted at most ${MAX_TABLE_BITS}`);
      }
      wantEqual(`${name}: tableBits`, layer.tableBits, bitsPerFunction);
      wantEqual(`${name}: inputs`, layer.inputs, functions * 2 ** bitsPerFunction);
    } else wantEqual(`${name}: inputs`, layer.inputs, i === 0 ? bits : head[0].outputs);
    checkLayer(name, layer);
  });
  wantEqual("head: outputs", head[head.length - 1].outputs, labels.length);
}

function refuse(problem: string): never {
  throw new PnetFormatError(`encoding .pnet: ${problem}`);
}

function wantEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) refuse(`${what} is ${found}, wanted ${wanted}`);
}

function wantBounded(what: string, values: Float32Array, most: number): void {
  const bad = values.findIndex((value) => !(Math.abs(value) <= most));
  if (bad >= 0) refuse(`${what} ${bad} is ${values[bad]}, wanted a magnitude up to ${most}`);
}

function checkInput(input: InputDescription): void {
  if (input.kind === "image") {
    for (const side of ["width", "height", "channels"] as const) {
      if (!Number.isInteger(input[side]) || input[side] < 1) {
        refuse(`input: ${side} is ${input[side]}, wanted at least 1`);
      }
    }
    return;
  }
  if (input.kind === "text") return;
  if (input.kind !== "table") refuse(`input: kind is ${(input as InputDescription).kind}, wanted image, table or text`);
  const { rule } = input.quantization;
  if (rule !== "none" && rule !== "shared" && rule !== "columns") {
    refuse(`input: quantization rule is ${rule}, wanted none, shared or columns`);
  }
  if (input.quantization.rule === "shared") {
    const { offset, scale } = input.quantization;
    for (const value of [offset, scale]) {
      if (!Object.is(Math.fround(value), value)) {
        refuse(`input: offset ${offset}, scale ${scale}, wanted float32 numbers`);
      }
    }
    wantBounded("input: offset, scale", Float32Array.of(offset, scale), MAX_FLOAT32);
  } else if (input.quantization.rule === "columns") {
    const { offsets, scales } = input.quantization;
    wantEqual("input: offsets", offsets.length, input.features);
    wantEqual("input: scales", scales.length, input.features);
    wantBounded("input: offset", offsets, MAX_FLOAT32);
    wantBounded("input: scale", scales, MAX_FLOAT32);
  }
}

/** Checks the trunk, if there is one, and gives what the projection reads. */
function checkTrunk({ input, trunk }: PnetModel): NumericInput {
  if (trunk === undefined) return input;
  const { zeroPoint, layers } = trunk;
  if ((zeroPoint & 255) !== zeroPoint) refuse(`trunk: zero point is ${zeroPoint}, wanted an integer 0...255`);
  if (layers.length === 0) refuse("trunk: no layers, wanted 1...255");
  const checker = new TrunkChecker(imageOf(input));
  layers.forEach((layer, i) => {
    try {
      checker.add(layer);
    } catch (error) {
      refuse(`trunk: ${(error as Error).message}`);
    }
    if (layer.kind !== "convolution") return;
    if (layer.weights.tableBits !== undefined) refuse(`trunk: layer ${i}: tables, wanted weights`);
    checkLayer(`trunk: layer ${i}`, layer.weights);
  });
  return { kind: "image", ...checker.output };
}

function checkLayer(name: string, layer: HeadLayer): void {
  const { precision, inputs, outputs, weights, scales, bias } = layer;
  if (!PRECISIONS.includes(precision)) {
    refuse(`${name}: precision is ${precision}, wanted float, int8, int4, ternary or binary`);
  }
  if (layer.tableBits !== undefined && (precision === "float" || precision === "binary")) {
    refuse(`${name}: ${precision} tables, wanted int8, int4 or ternary`);
  }
  if (!Number.isInteger(outputs) || outputs < 1 || outputs > MAX_OUTPUTS) {
    refuse(`${name}: outputs is ${outputs}, wanted 1...${MAX_OUTPUTS}`);
  }
  const float = precision === "float";
  if (weights instanceof Float32Array !== float) refuse(`${name}: weights of the wrong type for ${precision}`);
  wantEqual(`${name}: weights`, weights.length, outputs * inputs);
  wantEqual(`${name}: scales`, scales.length, float ? 0 : outputs);
  wantEqual(`${name}: biases`, bias.length, outputs);
  wantBounded(`${name}: scale`, scales, MAX_MAGNITUDE);
  wantBounded(`${name}: bias`, bias, MAX_MAGNITUDE);
  if (weights instanceof Float32Array) wantBounded(`${name}: weight`, weights, MAX_MAGNITUDE);
  else {
    const { least, step, base } = digitsOf(precision as IntegerPrecision);
    const bad = weights.find((weight) => {
      const digit = (weight - least) / step;
      return digit < 0 || digit >= base || digit % 1 !== 0;
    });
    if (bad !== undefined) refuse(`${name}: ${bad} among the weights, wanted ${precision} weights`);
  }
}
