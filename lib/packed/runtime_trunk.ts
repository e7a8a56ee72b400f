/**
 * The runtime for models of numbers of every kind, those included whose bits are projected from what layers of the trainer network make of a sample: the same as
 * `./runtime` and a few kilobytes more.
 *
 * @example
 * ```ts ignore
 * import { fetchPnet } from "@neuralbits/projectionnet/runtime/trunk";
 *
 * const classifier = await fetchPnet("photos.pnet");
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, type LoadOptions, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { allFamilies } from "./families.ts";
import { bytesOf, fetchBytes } from "./source.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model of numbers, with a trunk or without.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  const bytes = bytesOf(source);
  const model = decodeNumeric(bytes, { families: allFamilies, trunk: readTrunk });
  return makeClassifier(model, bytes.length, prepareTrunkEngine(model), options);
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
export async function fetchPnet(url: string | URL, options?: LoadOptions): Promise<Classifier> {
  return loadPnet(await fetchBytes(url), options);
}
