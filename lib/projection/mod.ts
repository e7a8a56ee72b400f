/**
 * Seeded random projections in plain TypeScript: hashing, projection families, thresholds and bit packing. This room defines what is right for every
 * faster implementation, and imports nothing.
 *
 * @module
 */

export * from "./hash.ts";
export * from "./spec.ts";
export * from "./check.ts";
export * from "./gaussian.ts";
export * from "./sign.ts";
export * from "./taps.ts";
export * from "./hadamard.ts";
export * from "./patch.ts";
export * from "./conv_product.ts";
export * from "./column_product.ts";
export * from "./prepare.ts";
export * from "./thresholds.ts";
export * from "./bits.ts";
export * from "./text_spec.ts";
export * from "./text_projection.ts";
export { prepareTokenHashes } from "./text_features.ts";
export * from "./fingerprint64.ts";
export * from "./lsh_projection.ts";
