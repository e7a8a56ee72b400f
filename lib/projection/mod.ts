/**
 * Seeded random projections in plain TypeScript: hashing, projection families, thresholds and bit packing. This room defines what is right for every
 * faster implementation, and imports nothing. What texts need stands in `text.ts`, so that the runtime for numbers does without.
 *
 * @module
 */

export { check, checkConv, checkRows } from "./bounds.ts";
export { checkProjection } from "./check.ts";
export { type ColumnProduct, type ColumnTerms, columnTerms, prepareColumnProduct } from "./column_product.ts";
export { convCells, convFilter, convOffsets, prepareConvProduct } from "./conv_product.ts";
export { hadamardBlocks, hadamardPlan } from "./hadamard.ts";
export { hash32, hashColumn, rowKey } from "./hash.ts";
export { prepareProjection, type Projection } from "./prepare.ts";
export { prepareProduct, prepareRowsProduct, type Product } from "./product.ts";
export { patchRow, signRow, tapsRow } from "./rows.ts";
export {
  bitsOf,
  convLayout,
  type ConvSpec,
  type GaussianSpec,
  type HadamardSpec,
  type ImageShape,
  MAX_BITS,
  MAX_FEATURES,
  MAX_POOL,
  MAX_PROJECTION_ENTRIES,
  type PatchSpec,
  type ProjectionFamily,
  type ProjectionShape,
  type ProjectionSpec,
  type RowsSpec,
  type Selection,
  type SignSpec,
  sourceRow,
  type TapsSpec,
} from "./spec.ts";
export {
  compactThresholds,
  fitThresholds,
  packBits,
  spreadQuantile,
  type ThresholdOptions,
  type ThresholdRule,
  unpackBits,
} from "./thresholds.ts";
export type { TextKind, TextNormalization, TextPartition, TextSpec } from "./text_spec.ts";
