/**
 * The runtime for models that read texts, or numbers without a trunk: the same as `./runtime` and a few kilobytes more.
 *
 * @example
 * ```ts ignore
 * import { fetchPnet } from "@neuralbits/projectionnet/runtime/text";
 *
 * const classifier = await fetchPnet("spam.pnet");
 * const { label, probability } = classifier.classify("Congratulations, you have won a prize!");
 * ```
 *
 * @module
 */

import { prepareProduct } from "../projection/mod.ts";
import { type Classifier, type LoadOptions, makeClassifier } from "./classifier.ts";
import { parsePnet } from "./decode.ts";
import { allFamilies } from "./families.ts";
import { isTextModel } from "./model.ts";
import { preparePlainEngine } from "./plain_engine.ts";
import { bytesOf, fetchBytes } from "./source.ts";
import { makeTextClassifier } from "./text_engine.ts";
import { textSections } from "./text_sections.ts";

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type {
  ImageInput,
  InputDescription,
  NumericInput,
  Quantization,
  Samples,
  TableInput,
  TextInput,
} from "./model.ts";

/**
 * Loads a model of texts, or of numbers without a trunk.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  const bytes = bytesOf(source);
  const { model } = parsePnet(bytes, { families: allFamilies, text: textSections });
  return isTextModel(model)
    ? makeTextClassifier(model, bytes.length, options)
    : makeClassifier(model, bytes.length, preparePlainEngine(model, prepareProduct), options);
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
