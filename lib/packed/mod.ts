/**
 * The `.pnet` format and its runtime: a file of some hundred bytes that holds everything from the raw sample to the label. FORMAT.md specifies it.
 *
 * @module
 */

export * from "./runtime_text.ts";
export * from "./model.ts";
export { encodePnet } from "./encode.ts";
export { inspectPnet, type PnetPart } from "./inspect.ts";
export { prepareQuantizer, type Quantizer } from "./quantize.ts";
