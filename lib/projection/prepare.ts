/**
 * From a specification to a projection that can be computed: every family behind one interface.
 *
 * Families generate and lay out their matrix at the first product, since whoever only wants rows (training builds a float matrix of them) has no use for it.
 *
 * @module
 */

import { type ColumnProduct, columnTerms, prepareColumnProduct, prepareSparseProduct } from "./column_product.ts";
import { gaussianRow, patchRow, signRow, tapsRow } from "./rows.ts";
import { prepareHadamardProduct } from "./hadamard.ts";
import { checkProjection } from "./check.ts";
import { prepareConvProduct } from "./conv_product.ts";
import { bitsOf, type PatchSpec, type ProjectionSpec, sourceRow } from "./spec.ts";

/** A projection that is ready to compute. Its buffers are reused from call to call. */
export interface Projection {
  /** What it was prepared from. */
  readonly spec: ProjectionSpec;
  /** Number of rows: functions x bits of a function. */
  readonly bits: number;
  /** Length of the input. */
  readonly features: number;
  /**
   * Computes the projected values of one input, exactly: the dot product with every row, or the counts of the family conv.
   *
   * @param x [features] integers 0...255
   * @param out [bits] receives the values
   * @throws {RangeError} when a length is wrong or a feature is no integer 0...255
   */
  project(x: ArrayLike<number>, out: Int32Array): void;
  /**
   * Generates one row of the matrix. Only for families that are best multiplied as a dense matrix when there are many inputs (gaussian, sign, patch).
   *
   * @param k row number, 0...bits - 1
   * @param out [features] receives the entries
   */
  row?(k: number, out: Int8Array): void;
}

/**
 * Prepares a projection for use.
 *
 * @param spec family and parameters
 * @returns the projection
 * @throws {RangeError} when {@linkcode checkProjection} refuses the specification
 *
 * @example
 * ```ts
 * import { prepareProjection } from "./prepare.ts";
 *
 * const projection = prepareProjection({ family: "sign", seed: 1, features: 64, functions: 4, bitsPerFunction: 10 });
 * const values = new Int32Array(projection.bits);
 * projection.project(new Uint8Array(64).fill(16), values);
 * ```
 */
export function prepareProjection(spec: ProjectionSpec): Projection {
  checkProjection(spec);
  const { features, seed } = spec;
  const bits = bitsOf(spec);
  const guard = (product: Projection["project"]): Projection["project"] => (x, out) => {
    if (x.length !== features || out.length < bits) {
      throw new RangeError(
        `project: lengths are ${x.length} and ${out.length}, wanted ${features} features and ${bits} values`,
      );
    }
    // The elements of a Uint8Array cannot be wrong.
    for (let i = 0; i < features && !(x instanceof Uint8Array); i++) {
      if ((x[i] & 255) !== x[i]) throw new RangeError(`project: feature ${i} is ${x[i]}, wanted an integer 0...255`);
    }
    product(x, out);
  };
  const later = (prepare: () => Projection["project"]): Projection["project"] => {
    let product: Projection["project"] | undefined;
    return guard((x, out) => (product ??= prepare())(x, out));
  };
  switch (spec.family) {
    case "hadamard":
      return { spec, bits, features, project: guard(prepareHadamardProduct(spec)) };
    case "conv":
      return { spec, bits, features, project: later(() => prepareConvProduct(spec)) };
    case "taps": {
      const entries = new Int32Array(spec.taps);
      const row = (k: number): Int32Array => {
        tapsRow({ seed, row: sourceRow(spec, k) }, entries, spec);
        return entries;
      };
      return { spec, bits, features, project: later(() => prepareSparseProduct({ rows: bits, features, row })) };
    }
    case "patch": {
      const entriesOf = patchEntries(spec);
      const row = (k: number, out: Int8Array): void => {
        out.fill(0);
        for (const entry of entriesOf(k)) out[entry ^ (entry >> 31)] = 1 | (entry >> 31);
      };
      return {
        spec,
        bits,
        features,
        row,
        project: later(() => prepareSparseProduct({ rows: bits, features, row: entriesOf })),
      };
    }
  }

  const fill = spec.family === "sign" ? signRow : gaussianRow;
  const range = spec.family === "sign" ? { scale: 2, offset: 1, largest: 1 } : { scale: 1, offset: 127, largest: 254 };
  const row = (k: number, out: Int8Array): void => fill({ seed, row: sourceRow(spec, k) }, out);
  const terms = columnTerms(features);
  let product: ColumnProduct | undefined;
  const project = guard((x, out) => {
    product ??= prepareColumnProduct({ rows: bits, columns: features, row, ...range });
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
  });
  return { spec, bits, features, project, row };
}

/** The entries of a row of patches; the array is reused. */
function patchEntries(spec: PatchSpec): (k: number) => Int32Array {
  const { width, height, channels } = spec.image;
  const entries = new Int32Array(Math.min(spec.largest, width) * Math.min(spec.largest, height) * channels);
  return (k) => entries.subarray(0, patchRow({ seed: spec.seed, row: sourceRow(spec, k) }, entries, spec));
}
