/**
 * The runtime: from the bytes of a `.pnet` file to labels, with nothing but the language. It runs in Deno, Node, browsers and workers, and computes the
 * same bits and logits everywhere (FORMAT.md).
 *
 * @example
 * ```ts ignore
 * import { fetchPnet } from "@neuralbits/projectionnet/runtime";
 *
 * const classifier = await fetchPnet("model.pnet");
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import type { Classifier, LoadOptions } from "./classifier.ts";
import { allFamilies } from "./families.ts";
import { loadNumeric } from "./load_numeric.ts";
import { fetchBytes } from "./source.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model of numbers; a file about text needs the runtime for text, one with a trunk that for trunks.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  return loadNumeric(source, { ...options, families: allFamilies });
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
