/**
 * The product of every family, laid out for speed.
 *
 * @module
 */

import { columnTerms, prepareColumnProduct, prepareSparseProduct } from "./column_product.ts";
import { prepareConvProduct } from "./conv_product.ts";
import { prepareHadamardProduct } from "./hadamard.ts";
import { gaussianRow, patchRow, signRow, tapsRow } from "./rows.ts";
import {
  bitsOf,
  type GaussianSpec,
  type PatchSpec,
  type ProjectionSpec,
  type RowsSpec,
  type SignSpec,
  sourceRow,
} from "./spec.ts";

/** Writes the projected values of integers 0...255, [features] to [bits]; lengths and values are the caller's business. */
export type Product = (x: ArrayLike<number>, out: Int32Array) => void;

/**
 * Generates the matrix or the filters and lays them out.
 *
 * @param spec the projection, which has been checked
 * @returns the product; it reuses its buffers and is not reentrant
 */
export function prepareProduct(spec: ProjectionSpec): Product {
  return spec.family === "conv" ? prepareConvProduct(spec) : prepareRowsProduct(spec);
}

/**
 * Generates the matrix and lays it out.
 *
 * @param spec the projection, which has been checked
 * @returns the product; it reuses its buffers and is not reentrant
 */
export function prepareRowsProduct(spec: RowsSpec): Product {
  const { seed, features } = spec;
  switch (spec.family) {
    case "hadamard":
      return prepareHadamardProduct(spec);
    case "taps": {
      const entries = new Int32Array(spec.taps);
      const row = (k: number): Int32Array => {
        tapsRow({ seed, row: sourceRow(spec, k) }, entries, spec);
        return entries;
      };
      return prepareSparseProduct({ rows: bitsOf(spec), features, row });
    }
    case "patch":
      return prepareSparseProduct({ rows: bitsOf(spec), features, row: patchEntries(spec) });
  }
  const terms = columnTerms(features);
  const product = prepareColumnProduct({
    rows: bitsOf(spec),
    columns: features,
    row: denseRow(spec),
    ...(spec.family === "sign" ? { scale: 2, offset: 1, largest: 1 } : { scale: 1, offset: 127, largest: 254 }),
  });
  return (x, out) => {
    const { indices, values } = terms;
    let count = 0;
    for (let i = 0; i < features; i++) {
      const value = x[i];
      indices[count] = i;
      values[count] = value;
      count += Number(value > 0);
    }
    terms.count = count;
    product(terms, out);
  };
}

/**
 * Prepares the generation of dense rows.
 *
 * @param spec the projection
 * @returns writes the entries of a row
 */
export function denseRow(spec: GaussianSpec | SignSpec): (k: number, out: Int8Array) => void {
  const fill = spec.family === "sign" ? signRow : gaussianRow;
  return (k, out) => fill({ seed: spec.seed, row: sourceRow(spec, k) }, out);
}

/**
 * Prepares the generation of rows of patches.
 *
 * @param spec the projection
 * @returns gives the entries of a row: `feature` for +1, `~feature` for -1; the array is reused
 */
export function patchEntries(spec: PatchSpec): (k: number) => Int32Array {
  const { width, height, channels } = spec.image;
  const entries = new Int32Array(Math.min(spec.largest, width) * Math.min(spec.largest, height) * channels);
  return (k) => entries.subarray(0, patchRow({ seed: spec.seed, row: sourceRow(spec, k) }, entries, spec));
}
