/**
 * The runtime for models that read texts, or numbers without a trunk: the same as `./runtime` and a few kilobytes more.
 *
 * @example
 * ```ts ignore
 * import { loadPnet } from "@neuralbits/projectionnet/runtime/text";
 *
 * const classifier = loadPnet(new Uint8Array(await (await fetch("spam.pnet")).arrayBuffer()));
 * const { label, probability } = classifier.classify("Congratulations, you have won a prize!");
 * ```
 *
 * @module
 */

import { type Classifier, makeClassifier } from "./classifier.ts";
import { parsePnet } from "./decode.ts";
import { isTextModel } from "./model.ts";
import { preparePlainEngine } from "./plain_engine.ts";
import { makeTextClassifier } from "./text_engine.ts";
import { textSections } from "./text_sections.ts";

export type { Classification, Classifier } from "./classifier.ts";
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
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(bytes: Uint8Array): Classifier {
  const { model } = parsePnet(bytes, { text: textSections });
  if (isTextModel(model)) return makeTextClassifier(model, bytes.length);
  return makeClassifier(model, bytes.length, preparePlainEngine(model));
}
