/**
 * Reading and loading models of every kind.
 *
 * @module
 */

import { type Classifier, makeClassifier } from "./classifier.ts";
import { parsePnet } from "./decode.ts";
import { type AnyModel, isTextModel } from "./model.ts";
import { makeTextClassifier } from "./text_engine.ts";
import { textSections } from "./text_sections.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";

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
  return makeClassifier(model, bytes.length, prepareTrunkEngine(model));
}

/**
 * Decodes a `.pnet` file.
 *
 * @param bytes the whole file
 * @returns the model; its arrays are copies
 * @throws {PnetFormatError} when the bytes are not exactly one valid, canonical file
 */
export function decodePnet(bytes: Uint8Array): AnyModel {
  return parsePnet(bytes, { text: textSections, trunk: readTrunk }).model;
}
