/**
 * The runtime for models of every kind, those that read texts included: the same as `./runtime` and a few kilobytes more.
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

import { type Classification, type Classifier, makeClassifier } from "./classifier.ts";
import { parsePnet } from "./decode.ts";
import { InputError } from "./errors.ts";
import { type AnyModel, isTextModel, type Samples, type TextModel } from "./model.ts";
import { preparePlainEngine } from "./plain_engine.ts";
import { prepareTextEngine } from "./text_engine.ts";
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
 * Loads a model of any kind.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(bytes: Uint8Array): Classifier {
  const model = decodePnet(bytes);
  if (isTextModel(model)) return makeTextClassifier(model, bytes.length);
  return makeClassifier(model, bytes.length, preparePlainEngine(model));
}

/**
 * Decodes a `.pnet` file.
 *
 * @param bytes the whole file
 * @returns the model; its arrays are copies
 * @throws {PnetFormatError} when the bytes are not exactly one valid, canonical file
 */
export function decodePnet(bytes: Uint8Array): AnyModel {
  return parsePnet(bytes, textSections).model;
}

function makeTextClassifier(model: TextModel, modelBytes: number): Classifier {
  const { classifyBatch, ...classifier } = makeClassifier(model, modelBytes, prepareTextEngine(model));
  const { rejection } = model;
  const check = (text: unknown, sample: number): void => {
    if (typeof text !== "string") {
      throw new InputError(
        `classify: sample ${sample} is ${text === null ? "null" : `a ${typeof text}`}, wanted a string`,
        {
          sample,
        },
      );
    }
  };
  const judge = (answer: Classification): Classification => {
    if (rejection !== undefined) answer.rejected = answer.probability * 256 < rejection;
    return answer;
  };
  const single = <T>(answer: (samples: Samples) => T) => (text: ArrayLike<number> | string): T => {
    check(text, 0);
    return answer([text as string]);
  };
  const classifyTexts = (samples: Samples, count = samples.length): Classification[] => {
    if (!Array.isArray(samples)) throw new InputError("classify: wanted an array of strings");
    for (let i = 0; i < Math.min(count, samples.length); i++) check(samples[i], i);
    return classifyBatch(samples, count).map(judge);
  };
  return {
    ...classifier,
    classify: single((samples) => judge(classifier.classify(samples as ArrayLike<number>))),
    classifyBatch: classifyTexts,
    codes: single((samples) => classifier.codes(samples as ArrayLike<number>)),
    logits: single((samples) => classifier.logits(samples as ArrayLike<number>)),
  };
}
