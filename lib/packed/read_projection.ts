/**
 * Reads the projection section of a `.pnet` file (FORMAT.md, section 2).
 *
 * @module
 */

import {
  bitsOf,
  checkProjection,
  convLayout,
  type ImageShape,
  MAX_BITS,
  type ProjectionSpec,
} from "../projection/mod.ts";
import { COUNTS, FAMILIES, SELECTED } from "./format.ts";
import { countsProblem, featuresOf, type NumericInput } from "./model.ts";
import { readSelection } from "./read_selection.ts";
import { readThresholds } from "./read_thresholds.ts";
import type { Reader } from "./reader.ts";

/**
 * Reads the section.
 *
 * @param reader stands at the payload
 * @param input what the section before it says
 * @returns the projection, and what the head reads where that is not bits
 */
export function readProjection(
  reader: Reader,
  input: NumericInput,
): { projection: ProjectionSpec; reads?: "counts" } {
  const start = reader.at;
  const first = reader.byte("family", COUNTS + SELECTED + FAMILIES.length - 1);
  const family = FAMILIES[first & 15] ?? reader.fail(`family is ${first & 15}, wanted 0…${FAMILIES.length - 1}`, start);
  const seed = reader.varint("seed");
  const functions = reader.varint("functions", 1, MAX_BITS);
  const shape = { seed, features: featuresOf(input), functions };
  const bitsPerFunction = family === "conv" ? 0 : reader.varint("bits of a function");
  const image = (): ImageShape => {
    if (input.kind !== "image") reader.fail(`family is ${family}, wanted an image as input`, start);
    return { width: input.width, height: input.height, channels: input.channels };
  };
  let projection: ProjectionSpec;
  switch (family) {
    case "taps":
      projection = { family, ...shape, bitsPerFunction, taps: reader.varint("taps") };
      break;
    case "patch": {
      const [smallest, largest] = [reader.varint("smallest side"), reader.varint("largest side")];
      projection = { family, ...shape, bitsPerFunction, image: image(), smallest, largest };
      break;
    }
    case "conv": {
      const size = (what: string): number => reader.varint(what, 1);
      const [filter, stride, cell, cellStride] = [size("filter"), size("stride"), size("cell"), size("cell stride")];
      const sizes = { image: image(), filter, stride, cell, cellStride };
      const { cellsAcross, cellsDown } = convLayout(sizes);
      const filterThresholds = new Int32Array(functions);
      projection = { family, ...shape, bitsPerFunction: cellsAcross * cellsDown, ...sizes, filterThresholds };
      break;
    }
    default:
      projection = { family, ...shape, bitsPerFunction };
  }
  if (first & SELECTED) {
    projection.selection = readSelection(reader, family === "conv" ? functions : bitsOf(projection));
  }
  if (projection.family === "conv") {
    const width = reader.byte("width", 32);
    if (width > 0) projection.filterThresholds = readThresholds(reader, { width, count: functions });
  }
  try {
    checkProjection(projection);
  } catch (error) {
    reader.fail((error as Error).message);
  }
  if (!(first & COUNTS)) return { projection };
  const problem = countsProblem(projection);
  if (problem !== undefined) reader.fail(problem, start);
  return { projection, reads: "counts" };
}
