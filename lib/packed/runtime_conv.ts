/**
 * The runtime for images whose projection is filters (`--projection conv`), and nothing else: the same as `./runtime`, smaller.
 *
 * @example
 * ```ts ignore
 * import { fetchPnet } from "@neuralbits/projectionnet/runtime/conv";
 *
 * const classifier = await fetchPnet("digits.pnet");
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import type { Classifier, LoadOptions } from "./classifier.ts";
import { convFamily } from "./families.ts";
import { loadNumeric } from "./load_numeric.ts";
import { fetchBytes } from "./source.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription } from "./model.ts";

/**
 * Loads a model of images whose projection is filters; other files are refused.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  return loadNumeric(source, { ...options, families: convFamily });
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
