/**
 * The runtime with its hot path in WebAssembly SIMD, assembled when a model is loaded: the same answers as the plain runtime to the last bit, several times as
 * fast. It runs in Deno, Node, browsers and workers.
 *
 * @example
 * ```ts ignore
 * import { fetchPnetWasm } from "@neuralbits/projectionnet/runtime/wasm";
 *
 * const classifier = await fetchPnetWasm("model.pnet");
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, type LoadOptions, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { allFamilies } from "./families.ts";
import { bytesOf, fetchBytes } from "./source.ts";
import { prepareEngine } from "./wasm/prepare_engine.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model and compiles its WebAssembly. The plain runtime is used where the platform has no WebAssembly SIMD or gives it no memory, and for a few models of
 * uncommon size (filters wider than 64 bytes, cells of more than 65,535 positions, patches that are no small part of 2^26 entries as whole rows); the classifier's
 * `runtime` tells.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnetWasm(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  const bytes = bytesOf(source);
  const model = decodeNumeric(bytes, { families: allFamilies });
  return makeClassifier(model, bytes.length, prepareEngine(model), options);
}

/**
 * Fetches and loads a model.
 *
 * @param url where the file is
 * @param options what the answers say
 * @returns the classifier
 * @throws {PnetFormatError} when what is there is not exactly one valid file
 * @throws {Error} when the server answers with anything but success
 */
export async function fetchPnetWasm(url: string | URL, options?: LoadOptions): Promise<Classifier> {
  return loadPnetWasm(await fetchBytes(url), options);
}
