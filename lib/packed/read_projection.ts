/**
 * Reads the projection section of a `.pnet` file, the selected rows and the thresholds of filters in it, and lists of thresholds (FORMAT.md, sections 2 and 4).
 *
 * @module
 */

import {
  bitsOf,
  check,
  checkConv,
  checkRows,
  convLayout,
  type ConvSpec,
  type ImageShape,
  MAX_BITS,
  MAX_FEATURES,
  MAX_POOL,
  type ProjectionSpec,
  type RowsSpec,
  type Selection,
} from "../projection/mod.ts";
import { COUNTS, FAMILIES, MAX_COUNT, MAX_COUNTS, SELECTED } from "./format.ts";
import { featuresOf, type NumericInput } from "./model.ts";
import type { Reader } from "./reader.ts";
import { MAX_PARAMETER } from "./numbers.ts";

/** What a section says before that which only some families have. */
export interface SectionStart {
  /** The family. */
  family: ProjectionSpec["family"];
  /** Seed, number of features and of functions. */
  shape: { seed: number; features: number; functions: number };
  /** Reads the selection of so many rows, if there is one. */
  selection(rows: number): { selection?: Selection };
  /** Gives the image that the family needs. */
  image(): ImageShape;
  /** Whether the head reads counts. */
  counts: boolean;
}

/** Reads what only some families have. */
export type ReadFamily = (reader: Reader, start: SectionStart) => ProjectionSpec;

/** The families of projections that a runtime knows. */
export interface Families {
  /** Reads the family conv. */
  conv?: ReadFamily;
  /** Reads the other families. */
  rows?: ReadFamily;
}

/**
 * Reads the section.
 *
 * @param reader stands at the payload
 * @param input what the section before it says
 * @param families read the rest
 * @returns the projection, and what the head reads where that is not bits
 */
export function readProjection(
  reader: Reader,
  input: NumericInput,
  { conv, rows }: Families,
): { projection: ProjectionSpec; reads?: "counts" } {
  const start = reader.at;
  const first = reader.byte("family", COUNTS + SELECTED + FAMILIES.length - 1);
  const family = FAMILIES[first & 15] ??
    reader.fail(`family is ${first & 15}, wanted 0...${FAMILIES.length - 1}`, start);
  const read = family === "conv" ? conv : rows;
  if (!read) return reader.fail(`family is ${family}, wanted its runtime`, start);
  const seed = reader.varint("seed"), functions = reader.varint("functions", 1, MAX_BITS);
  const counts = (first & COUNTS) > 0;
  try {
    const projection = read(reader, {
      family,
      shape: { seed, features: featuresOf(input), functions },
      selection: (rows) => first & SELECTED ? { selection: readSelection(reader, rows) } : {},
      image: () => {
        if (input.kind !== "image") reader.fail(`family is ${family}, wanted an image as input`, start);
        return { width: input.width, height: input.height, channels: input.channels };
      },
      counts,
    });
    return counts ? { projection, reads: "counts" } : { projection };
  } catch (error) {
    throw error instanceof RangeError ? reader.error(error.message) : error;
  }
}

/** Reads the families whose projection is the product with a matrix. */
export const readRows: ReadFamily = (reader, { family, shape, selection, image, counts }) => {
  if (counts) reader.fail(`counts of the family ${family}`);
  const projection = {
    family,
    ...shape,
    bitsPerFunction: reader.varint("bits of a function"),
    ...(family === "taps" && { taps: reader.varint("taps") }),
    ...(family === "patch" &&
      { smallest: reader.varint("smallest side"), largest: reader.varint("largest side"), image: image() }),
  } as RowsSpec;
  checkSizes(projection);
  checkRows(projection);
  return Object.assign(projection, selection(bitsOf(projection)));
};

/** Reads the family conv. */
export const readConv: ReadFamily = (reader, { shape, selection, image, counts }) => {
  const [filter, stride, cell, cellStride] = ["filter", "stride", "cell", "cell stride"].map((what) =>
    reader.varint(what, 1)
  );
  const sizes = { image: image(), filter, stride, cell, cellStride };
  const { cellsAcross, cellsDown } = convLayout(sizes);
  const { functions } = shape;
  const projection: ConvSpec = {
    family: "conv",
    ...shape,
    bitsPerFunction: cellsAcross * cellsDown,
    ...sizes,
    filterThresholds: new Int32Array(functions),
  };
  checkSizes(projection);
  checkConv(projection);
  Object.assign(projection, selection(functions));
  const width = reader.byte("width", 32);
  if (width > 0) projection.filterThresholds = readThresholds(reader, { width, count: functions });
  if (counts) checkCounts(projection);
  return projection;
};

function checkSizes(spec: Pick<ProjectionSpec, "features" | "functions" | "bitsPerFunction">): void {
  check("features", spec.features, MAX_FEATURES);
  check("bitsPerFunction", spec.bitsPerFunction, MAX_BITS);
  check("functions x bitsPerFunction", bitsOf(spec), MAX_BITS);
}

/**
 * Reads a selection.
 *
 * @param reader stands at the pool
 * @param rows number of indices
 * @returns pool and indices, strictly ascending and below the pool
 */
export function readSelection(reader: Reader, rows: number): Selection {
  const pool = reader.varint("pool", 1, MAX_POOL);
  const parameter = reader.byte("Rice parameter", MAX_PARAMETER);
  // Room for the shortest code there can be, before the indices are allocated.
  const start = reader.at = reader.skip(Math.ceil(rows * (1 + parameter) / 8), "indices");
  const left = 8 * (reader.end - start);
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
  reader.skip(Math.ceil(at / 8), "indices");
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
  for (let k = 0; k < count; k++) {
    let q = 0;
    for (let i = 0; i < width; i++) q |= bit(k * width + i) << i;
    q = q << (32 - width) >> (32 - width);
    thresholds[k] = q << shift;
    if (thresholds[k] >> shift !== q) reader.fail(`threshold ${k} leaves 32 bits`, start);
  }
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
  try {
    checkCounts(spec);
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Refuses counts that the head of a model cannot read.
 *
 * @param spec the projection
 * @throws {RangeError} names what there is too much of
 */
export function checkCounts(spec: ConvSpec): void {
  const { positionsAcross, positionsDown } = convLayout(spec);
  check("counts of a cell", Math.min(spec.cell, positionsAcross) * Math.min(spec.cell, positionsDown), MAX_COUNT);
  check("number of counts", bitsOf(spec), MAX_COUNTS);
}
