/**
 * The bounds within which a projection can be computed exactly, and which limit what a model file can ask for.
 *
 * @module
 */

import { bitsOf, convLayout, type ConvSpec, MAX_PROJECTION_ENTRIES, type RowsSpec } from "./spec.ts";

/** The most products (positions x filters x taps) of a convolution: 2^28, which bounds the time that a model file can ask for. */
const MAX_CONV_PRODUCTS = 268435456;

/** The most entries of all filters: 2^22, which bounds the memory of their layout. */
const MAX_FILTER_ENTRIES = 4194304;

/** The most sums (positions x filters), and the most positions of all cells together: 2^24, which bounds memory. */
const MAX_CONV_SUMS = 16777216;

/**
 * Refuses a number that is out of its range or no integer.
 *
 * @param name what it is, for the message
 * @param value the number
 * @param most the largest value allowed
 * @param least the smallest value allowed
 * @throws {RangeError} names the number, what it is and what was wanted
 */
export function check(name: string, value: number, most: number, least = 1): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`projection: ${name} is ${value}, wanted an integer ${least}...${most}`);
  }
}

/**
 * Refuses a projection with more than {@linkcode MAX_PROJECTION_ENTRIES} entries, patches that do not fit the image, or rows so long that a dot product with
 * values 0...255 could leave the 32-bit integers.
 *
 * @param spec the projection, whose numbers are integers, whose image has as many features, and whose lists have their lengths
 * @throws {RangeError} as {@linkcode check}
 */
export function checkRows(spec: RowsSpec): void {
  let entries = spec.features;
  if (spec.family === "taps") check("taps", entries = spec.taps, MAX_PROJECTION_ENTRIES);
  if (spec.family === "patch") {
    const { image: { width, height, channels }, smallest, largest } = spec;
    check("smallest", smallest, Math.min(width, height));
    check("largest", largest, Math.max(width, height), smallest);
    entries = Math.min(largest, width) * Math.min(largest, height) * channels;
  }
  if (spec.family === "hadamard") return;
  check("entries of a row", entries, Math.floor(0x7fffffff / (255 * (spec.family === "gaussian" ? 127 : 1))));
  check("bits x entries of a row", bitsOf(spec) * entries, MAX_PROJECTION_ENTRIES);
}

/**
 * Refuses filters and cells that do not fit the image, and more of them than can be computed in bounded time and memory.
 *
 * @param spec the projection, as for {@linkcode checkRows}
 * @throws {RangeError} as {@linkcode check}
 */
export function checkConv(spec: ConvSpec): void {
  const { image: { width, height, channels }, filter, stride, cell, cellStride, functions } = spec;
  check("filter", filter, Math.min(width, height));
  check("stride", stride, Math.max(width, height));
  const { positionsAcross, positionsDown, cellsAcross, cellsDown } = convLayout(spec);
  check("cell", cell, Math.max(positionsAcross, positionsDown));
  check("cellStride", cellStride, cell);
  const entries = filter * filter * channels, sums = positionsAcross * positionsDown * functions;
  check("filters x taps", functions * entries, MAX_FILTER_ENTRIES);
  check("positions x filters x taps", sums * entries, MAX_CONV_PRODUCTS);
  check("positions x filters", sums, MAX_CONV_SUMS);
  check("cells x positions of a cell", cellsAcross * cellsDown * cell * cell, MAX_CONV_SUMS);
}
