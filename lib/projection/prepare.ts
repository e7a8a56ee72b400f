/**
 * From a specification to a projection that can be computed: every family behind one interface.
 *
 * Families generate and lay out their matrix at the first product, since whoever only wants rows (training builds a float matrix of them) has no use for it.
 *
 * @module
 */

import { checkProjection } from "./check.ts";
import { denseRow, patchEntries, prepareProduct, type Product } from "./product.ts";
import { bitsOf, type ProjectionSpec } from "./spec.ts";

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
  const { features } = spec;
  const bits = bitsOf(spec);
  let product: Product | undefined;
  const project: Product = (x, out) => {
    if (x.length !== features || out.length < bits) {
      throw new RangeError(
        `project: lengths are ${x.length} and ${out.length}, wanted ${features} features and ${bits} values`,
      );
    }
    // The elements of a Uint8Array cannot be wrong.
    for (let i = 0; i < features && !(x instanceof Uint8Array); i++) {
      if ((x[i] & 255) !== x[i]) throw new RangeError(`project: feature ${i} is ${x[i]}, wanted an integer 0...255`);
    }
    (product ??= prepareProduct(spec))(x, out);
  };
  return { spec, bits, features, project, row: rowOf(spec) };
}

function rowOf(spec: ProjectionSpec): Projection["row"] {
  if (spec.family === "sign" || spec.family === "gaussian") return denseRow(spec);
  if (spec.family !== "patch") return;
  const entriesOf = patchEntries(spec);
  return (k, out) => {
    out.fill(0);
    for (const entry of entriesOf(k)) out[entry ^ (entry >> 31)] = 1 | (entry >> 31);
  };
}
