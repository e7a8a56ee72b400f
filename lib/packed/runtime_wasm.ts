/**
 * The runtime with its hot path in WebAssembly SIMD, assembled when a model is loaded: the same answers as the plain runtime to the last bit, several times as
 * fast. It runs in Deno, Node, browsers and workers.
 *
 * @example
 * ```ts ignore
 * import { loadPnetWasm } from "@neuralbits/projectionnet/runtime/wasm";
 *
 * const classifier = loadPnetWasm(new Uint8Array(await (await fetch("model.pnet")).arrayBuffer()));
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { prepareEngine } from "./wasm/prepare_engine.ts";

export type { Classification, Classifier } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model and compiles its WebAssembly. The plain runtime is used where the platform has no WebAssembly SIMD or gives it no memory, and for a few models of
 * uncommon size (filters wider than 64 bytes, cells of more than 65,535 positions, patches that are no small part of 2^26 entries as whole rows); the classifier's
 * `runtime` tells.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnetWasm(bytes: Uint8Array): Classifier {
  const model = decodeNumeric(bytes);
  return makeClassifier(model, bytes.length, prepareEngine(model));
}
