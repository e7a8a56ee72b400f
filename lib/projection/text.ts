/**
 * Projections of texts over hashed features, and TensorFlow Lite's LSH_PROJECTION.
 *
 * @module
 */

export { fingerprint64 } from "./fingerprint64.ts";
export { lshProjection, type LshProjectionOptions } from "./lsh_projection.ts";
export { prepareTokenHashes } from "./text_features.ts";
export { prepareTextProjection, type TextProjection } from "./text_projection.ts";
export { checkText, TEXT_KINDS } from "./text_spec.ts";
