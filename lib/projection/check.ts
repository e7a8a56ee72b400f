/**
 * What makes a projection one that can be computed exactly and within bounds.
 *
 * @module
 */

import {
  bitsOf,
  convLayout,
  type ConvSpec,
  type ImageShape,
  MAX_BITS,
  MAX_FEATURES,
  MAX_POOL,
  MAX_PROJECTION_ENTRIES,
  type ProjectionFamily,
  type ProjectionSpec,
  type Selection,
} from "./spec.ts";

/** The most products (positions x filters x taps) of a convolution: 2^28, which bounds the time that a model file can ask for. */
const MAX_CONV_PRODUCTS = 268435456;

/** The most entries of all filters: 2^22, which bounds the memory of their layout. */
const MAX_FILTER_ENTRIES = 4194304;

/** The most sums (positions x filters), and the most positions of all cells together: 2^24, which bounds memory. */
const MAX_CONV_SUMS = 16777216;

/** The largest magnitude of one entry, by family; the family hadamard keeps to 32 bits by shifts. */
const LARGEST_ENTRY: Record<ProjectionFamily, number> = {
  gaussian: 127,
  sign: 1,
  taps: 1,
  hadamard: 0,
  patch: 1,
  conv: 1,
};

function check(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`projection: ${name} is ${value}, wanted an integer ${least}...${most}`);
  }
}

/**
 * Refuses a specification that cannot be computed exactly: a number that is no integer or out of its range, more than
 * {@linkcode MAX_PROJECTION_ENTRIES} entries, or rows so long that a dot product with values 0...255 could leave the 32-bit integers.
 *
 * @param spec the projection to check
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkProjection(spec: ProjectionSpec): void {
  const largest = LARGEST_ENTRY[spec.family];
  if (largest === undefined) {
    throw new RangeError(
      `projection: family is ${spec.family}, wanted ${
        Object.keys(LARGEST_ENTRY).join(", ").replace(/, (\w+)$/, " or $1")
      }`,
    );
  }
  check("seed", spec.seed, [0, 0xffffffff]);
  check("features", spec.features, [1, MAX_FEATURES]);
  check("functions", spec.functions, [1, MAX_BITS]);
  check("bitsPerFunction", spec.bitsPerFunction, [1, MAX_BITS]);
  check("functions x bitsPerFunction", bitsOf(spec), [1, MAX_BITS]);
  if (spec.selection !== undefined) {
    checkSelection(spec.selection, spec.family === "conv" ? spec.functions : bitsOf(spec), MAX_POOL);
  }
  if (spec.family === "hadamard") return;
  if (spec.family === "taps") check("taps", spec.taps, [1, MAX_PROJECTION_ENTRIES]);
  if (spec.family === "patch" || spec.family === "conv") checkImage(spec.image, spec.features);
  if (spec.family === "patch") {
    check("smallest", spec.smallest, [1, Math.min(spec.image.width, spec.image.height)]);
    check("largest", spec.largest, [spec.smallest, Math.max(spec.image.width, spec.image.height)]);
  }
  if (spec.family === "conv") checkConv(spec);
  const entries = entriesOfRow(spec);
  check("entries of a row", entries, [1, Math.floor(0x7fffffff / (255 * largest))]);
  const rows = spec.family === "conv" ? spec.functions : bitsOf(spec);
  const most = spec.family === "conv" ? MAX_FILTER_ENTRIES : MAX_PROJECTION_ENTRIES;
  check("bits x entries of a row", rows * entries, [1, most]);
}

/** The most entries that a row (conv: a filter) can have. */
function entriesOfRow(spec: ProjectionSpec): number {
  switch (spec.family) {
    case "taps":
      return spec.taps;
    case "patch": {
      const { width, height, channels } = spec.image;
      return Math.min(spec.largest, width) * Math.min(spec.largest, height) * channels;
    }
    case "conv":
      return spec.filter * spec.filter * spec.image.channels;
    default:
      return spec.features;
  }
}

function checkImage({ width, height, channels }: ImageShape, features: number): void {
  for (const [name, value] of Object.entries({ width, height, channels })) check(name, value, [1, MAX_FEATURES]);
  check("width x height x channels", width * height * channels, [features, features]);
}

function checkConv(spec: ConvSpec): void {
  const { image, filter, stride, cell, cellStride, filterThresholds, functions } = spec;
  check("filter", filter, [1, Math.min(image.width, image.height)]);
  check("stride", stride, [1, Math.max(image.width, image.height)]);
  const { positionsAcross, positionsDown } = convLayout({ ...spec, cell: 1, cellStride: 1 });
  check("cell", cell, [1, Math.max(positionsAcross, positionsDown)]);
  check("cellStride", cellStride, [1, cell]);
  const { cellsAcross, cellsDown } = convLayout(spec);
  check("bitsPerFunction", spec.bitsPerFunction, [cellsAcross * cellsDown, cellsAcross * cellsDown]);
  check("filter thresholds", filterThresholds.length, [functions, functions]);
  const products = positionsAcross * positionsDown * functions * filter * filter * image.channels;
  check("positions x filters x taps", products, [1, MAX_CONV_PRODUCTS]);
  check("positions x filters", positionsAcross * positionsDown * functions, [1, MAX_CONV_SUMS]);
  check("cells x positions of a cell", cellsAcross * cellsDown * cell * cell, [1, MAX_CONV_SUMS]);
}

/**
 * Refuses a selection of other than `rows` numbers that ascend strictly and are below a pool of at most `most`.
 *
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkSelection({ pool, indices }: Selection, rows: number, most: number): void {
  check("selection: pool", pool, [rows, most]);
  check("selection: indices", indices.length, [rows, rows]);
  for (let k = 0, least = 0; k < rows; k++) {
    check(`selection: index ${k}`, indices[k], [least, pool - 1]);
    least = indices[k] + 1;
  }
}
