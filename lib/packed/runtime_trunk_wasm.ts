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

import { type Classifier, type Engine, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import type { PnetModel } from "./model.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";
import { prepareEngine, unlessImpossible } from "./wasm/prepare_engine.ts";
import { assembleTrunk } from "./wasm/trunk.ts";

export type { Classification, Classifier } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model, with a trunk or without, and compiles its WebAssembly. The plain runtime is used where the platform has no WebAssembly SIMD or gives it no
 * memory; the classifier's `runtime` tells.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnetWasm(bytes: Uint8Array): Classifier {
  const model = decodeNumeric(bytes, readTrunk);
  return makeClassifier(
    model,
    bytes.length,
    unlessImpossible(() => prepareWasmTrunk(model)) ?? prepareTrunkEngine(model),
  );
}

function prepareWasmTrunk(model: PnetModel): Engine {
  const { prepareSums, start } = assembleTrunk();
  const engine = prepareTrunkEngine(model, { prepareEngine, prepareSums });
  start();
  return engine;
}
