/**
 * The runtime: from the bytes of a `.pnet` file to labels, with nothing but the language. It runs in Deno, Node, browsers and workers, and computes the
 * same bits and logits everywhere (FORMAT.md).
 *
 * @example
 * ```ts ignore
 * import { loadPnet } from "@neuralbits/projectionnet/runtime";
 *
 * const classifier = loadPnet(new Uint8Array(await (await fetch("model.pnet")).arrayBuffer()));
 * const { label, probability } = classifier.classify(pixels);
 * ```
 *
 * @module
 */

import { type Classifier, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import { preparePlainEngine } from "./plain_engine.ts";

export type { Classification, Classifier } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model of numbers; a file about text needs the runtime for text.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(bytes: Uint8Array): Classifier {
  const model = decodeNumeric(bytes);
  return makeClassifier(model, bytes.length, preparePlainEngine(model));
}
