/**
 * Random projections on their own: the bits of numbers under any family, of texts over hashed features, and of TensorFlow Lite's LSH_PROJECTION. A seed and a
 * few integers stand for the matrix (Ravi 2017, section 3).
 *
 * @example
 * ```ts
 * import { packBits, prepareProjection } from "@neuralbits/projectionnet/projection";
 *
 * const projection = prepareProjection({ family: "taps", seed: 7, features: 4, functions: 2, bitsPerFunction: 8, taps: 3 });
 * const values = new Int32Array(16), code = new Uint8Array(2);
 * projection.project(Uint8Array.of(0, 255, 17, 99), values);
 * packBits(values, new Int32Array(16), code);
 * console.log(code);
 * ```
 *
 * @module
 */
export { fingerprint64 } from "./fingerprint64.ts";
export { hash32 } from "./hash.ts";
export { lshProjection, type LshProjectionOptions } from "./lsh_projection.ts";
export { prepareProjection, type Projection } from "./prepare.ts";
export {
  bitsOf,
  type ConvSpec,
  type GaussianSpec,
  type HadamardSpec,
  type ImageShape,
  type PatchSpec,
  type ProjectionFamily,
  type ProjectionShape,
  type ProjectionSpec,
  type RowsSpec,
  type Selection,
  type SignSpec,
  type TapsSpec,
} from "./spec.ts";
export { prepareTokenHashes } from "./text_features.ts";
export { prepareTextProjection, type TextProjection } from "./text_projection.ts";
export type { TextKind, TextNormalization, TextPartition, TextSpec } from "./text_spec.ts";
export { fitThresholds, packBits, type ThresholdOptions, type ThresholdRule, unpackBits } from "./thresholds.ts";
