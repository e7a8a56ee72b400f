/**
 * What makes a projection one that can be computed exactly and within bounds.
 *
 * @module
 */

import { check, checkConv, checkRows } from "./bounds.ts";
import {
  bitsOf,
  convLayout,
  type ImageShape,
  MAX_BITS,
  MAX_FEATURES,
  MAX_POOL,
  type ProjectionSpec,
  type Selection,
} from "./spec.ts";

const FAMILIES: readonly string[] = ["gaussian", "sign", "taps", "hadamard", "patch", "conv"];

/**
 * Refuses a specification that cannot be computed exactly: an unknown family, a number that is no integer or out of its range, lists that do not have the
 * lengths that the numbers say, or what {@linkcode checkConv} or {@linkcode checkRows} refuses.
 *
 * @param spec the projection to check
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkProjection(spec: ProjectionSpec): void {
  if (!FAMILIES.includes(spec.family)) {
    const wanted = FAMILIES.join(", ").replace(/, (\w+)$/, " or $1");
    throw new RangeError(`projection: family is ${spec.family}, wanted ${wanted}`);
  }
  check("seed", spec.seed, 0xffffffff, 0);
  check("features", spec.features, MAX_FEATURES);
  check("functions", spec.functions, MAX_BITS);
  check("bitsPerFunction", spec.bitsPerFunction, MAX_BITS);
  check("functions x bitsPerFunction", bitsOf(spec), MAX_BITS);
  if (spec.selection !== undefined) {
    checkSelection(spec.selection, spec.family === "conv" ? spec.functions : bitsOf(spec), MAX_POOL);
  }
  if (spec.family === "patch" || spec.family === "conv") checkImage(spec.image, spec.features);
  if (spec.family !== "conv") return checkRows(spec);
  checkConv(spec);
  const { cellsAcross, cellsDown } = convLayout(spec);
  check("bitsPerFunction", spec.bitsPerFunction, cellsAcross * cellsDown, cellsAcross * cellsDown);
  check("filter thresholds", spec.filterThresholds.length, spec.functions, spec.functions);
}

function checkImage({ width, height, channels }: ImageShape, features: number): void {
  for (const [name, value] of Object.entries({ width, height, channels })) check(name, value, MAX_FEATURES);
  check("width x height x channels", width * height * channels, features, features);
}

/**
 * Refuses a selection of other than `rows` numbers that ascend strictly and are below a pool of at most `most`.
 *
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkSelection({ pool, indices }: Selection, rows: number, most: number): void {
  check("selection: pool", pool, most, rows);
  check("selection: indices", indices.length, rows, rows);
  for (let k = 0, least = 0; k < rows; k++) {
    check(`selection: index ${k}`, indices[k], pool - 1, least);
    least = indices[k] + 1;
  }
}
