/**
 * Reads the projection section of a `.pnet` file, the selected rows and the thresholds of filters in it, and lists of thresholds (FORMAT.md, sections 2 and 4).
 *
 * @module
 */

import {
  bitsOf,
  checkProjection,
  convLayout,
  type ImageShape,
  MAX_BITS,
  MAX_POOL,
  type ProjectionSpec,
  type Selection,
} from "../projection/mod.ts";
import { COUNTS, FAMILIES, MAX_COUNT, MAX_COUNTS, SELECTED } from "./format.ts";
import { featuresOf, type NumericInput } from "./model.ts";
import type { Reader } from "./reader.ts";
import { MAX_PARAMETER, shortestRice } from "./numbers.ts";

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
  const family = FAMILIES[first & 15] ??
    reader.fail(`family is ${first & 15}, wanted 0...${FAMILIES.length - 1}`, start);
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

/**
 * Reads a selection.
 *
 * @param reader stands at the pool
 * @param rows number of indices
 * @returns pool and indices, strictly ascending and below the pool
 */
function readSelection(reader: Reader, rows: number): Selection {
  const pool = reader.varint("pool", 1, MAX_POOL);
  const parameter = reader.byte("Rice parameter", MAX_PARAMETER);
  const start = reader.at;
  const left = 8 * (reader.end - start);
  if (rows * (1 + parameter) > left) {
    reader.fail(`${rows} indices need at least ${rows * (1 + parameter)} bits, found ${left}`);
  }
  let at = 0;
  const take = (): number => {
    if (at === left) reader.fail("indices need more bits");
    const bit = (reader.bytes[start + (at >>> 3)] >>> (at & 7)) & 1;
    at++;
    return bit;
  };
  const indices = new Uint32Array(rows);
  for (let k = 0, next = 0; k < rows; k++) {
    let quotient = 0;
    while (take()) quotient++;
    let gap = quotient * 2 ** parameter;
    for (let i = 0; i < parameter; i++) gap += take() * 2 ** i;
    next += gap;
    if (next >= pool) reader.fail(`index ${k} is ${next}, wanted below ${pool}`, start);
    indices[k] = next++;
  }
  if (shortestRice(indices).parameter !== parameter) reader.fail("indices not in the shortest code", start);
  const used = at;
  while (at & 7) if (take()) reader.fail("padding not zero");
  reader.skip(Math.ceil(used / 8), "indices");
  return { pool, indices };
}

/**
 * Reads thresholds.
 *
 * @param reader stands at the shift
 * @param options bits of a number, and how many there are
 * @returns the thresholds
 */
export function readThresholds(reader: Reader, { width, count }: { width: number; count: number }): Int32Array {
  const shift = reader.byte("shift", 31);
  const start = reader.skip(Math.ceil(count * width / 8), "thresholds");
  const bit = (index: number): number => (reader.bytes[start + (index >>> 3)] >>> (index & 7)) & 1;
  const thresholds = new Int32Array(count);
  let odd = 0, wide = width === 1;
  for (let k = 0; k < count; k++) {
    let q = 0;
    for (let i = 0; i < width; i++) q |= bit(k * width + i) << i;
    q = q << (32 - width) >> (32 - width);
    odd |= q & 1;
    wide ||= (q ^ (q >> 31)) >>> (width - 2) !== 0;
    thresholds[k] = q << shift;
    if (thresholds[k] >> shift !== q) reader.fail(`threshold ${k} leaves 32 bits`, start);
  }
  if (!odd || !wide) reader.fail("thresholds not in the smallest form", start);
  for (let i = count * width; i & 7; i++) if (bit(i)) reader.fail("padding not zero");
  return thresholds;
}

/**
 * Tells why the head of a model cannot read the values of a projection as they are.
 *
 * @param spec the projection
 * @returns what is wrong, or undefined
 */
export function countsProblem(spec: ProjectionSpec): string | undefined {
  if (spec.family !== "conv") return `counts of the family ${spec.family}, wanted the family conv`;
  const { positionsAcross, positionsDown } = convLayout(spec);
  const most = Math.min(spec.cell, positionsAcross) * Math.min(spec.cell, positionsDown);
  if (most > MAX_COUNT) return `counts up to ${most}, wanted cells of at most ${MAX_COUNT} positions`;
  const bits = bitsOf(spec);
  return bits > MAX_COUNTS ? `${bits} counts, wanted at most ${MAX_COUNTS}` : undefined;
}
