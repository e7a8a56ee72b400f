/**
 * The runtime for models of numbers of every kind, as `./runtime/trunk`, with its hot path in WebAssembly SIMD as `./runtime/wasm`.
 *
 * @example
 * ```ts ignore
 * import { loadPnetWasm } from "@neuralbits/projectionnet/runtime/trunk/wasm";
 *
 * const classifier = loadPnetWasm(new Uint8Array(await (await fetch("model.pnet")).arrayBuffer()));
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, type Engine, type LoadOptions, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { allFamilies } from "./families.ts";
import type { PnetModel } from "./model.ts";
import { bytesOf, fetchBytes } from "./source.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";
import { prepareEngine, unlessImpossible } from "./wasm/prepare_engine.ts";
import { assembleTrunk } from "./wasm/trunk.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model, with a trunk or without, and compiles its WebAssembly. The plain runtime is used where the platform has no WebAssembly SIMD or gives it no
 * memory; the classifier's `runtime` tells.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnetWasm(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  const bytes = bytesOf(source);
  const model = decodeNumeric(bytes, { families: allFamilies, trunk: readTrunk });
  return makeClassifier(
    model,
    bytes.length,
    unlessImpossible(() => prepareWasmTrunk(model)) ?? prepareTrunkEngine(model),
    options,
  );
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

function prepareWasmTrunk(model: PnetModel): Engine {
  const { prepareSums, start } = assembleTrunk();
  const engine = prepareTrunkEngine(model, { prepareEngine, prepareSums });
  start();
  return engine;
}
