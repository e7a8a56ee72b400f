/**
 * The runtime for models of numbers of every kind, those included whose bits are projected from what layers of the trainer network make of a sample: the same as
 * `./runtime` and a few kilobytes more.
 *
 * @example
 * ```ts ignore
 * import { loadPnet } from "@neuralbits/projectionnet/runtime/trunk";
 *
 * const classifier = loadPnet(new Uint8Array(await (await fetch("model.pnet")).arrayBuffer()));
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";

export type { Classification, Classifier } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model of numbers, with a trunk or without.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(bytes: Uint8Array): Classifier {
  const model = decodeNumeric(bytes, readTrunk);
  return makeClassifier(model, bytes.length, prepareTrunkEngine(model));
}
