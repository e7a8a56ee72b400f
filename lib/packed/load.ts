/**
 * Reading and loading models of every kind.
 *
 * @module
 */

import { type Classifier, type LoadOptions, makeClassifier } from "./classifier.ts";
import { parsePnet, type SectionReaders } from "./decode.ts";
import { encodePnet } from "./encode.ts";
import { PnetFormatError } from "./errors.ts";
import { allFamilies } from "./families.ts";
import { type AnyModel, isTextModel } from "./model.ts";
import { bytesOf } from "./source.ts";
import { makeTextClassifier } from "./text_engine.ts";
import { textSections } from "./text_sections.ts";
import { prepareTrunkEngine } from "./trunk_engine.ts";
import { readTrunk } from "./trunk_section.ts";

/** Reads whatever a file may have. */
export const everySection: SectionReaders = { families: allFamilies, text: textSections, trunk: readTrunk };

/**
 * Loads a model of any kind.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Classifier {
  const bytes = bytesOf(source);
  const { model } = parsePnet(bytes, everySection);
  if (isTextModel(model)) return makeTextClassifier(model, bytes.length, options);
  return makeClassifier(model, bytes.length, prepareTrunkEngine(model), options);
}

/**
 * Decodes a `.pnet` file.
 *
 * @param bytes the whole file
 * @returns the model; its arrays are copies
 * @throws {PnetFormatError} when the bytes are not exactly one valid, canonical file
 */
export function decodePnet(bytes: Uint8Array): AnyModel {
  const { model, sections } = parsePnet(bytes, everySection);
  // A model has one encoding: whatever decodes to it and differs has a part that is not in its smallest form.
  const canonical = encodePnet(model);
  if (canonical.length === bytes.length && canonical.every((byte, i) => byte === bytes[i])) return model;
  const wanted = parsePnet(canonical, everySection).sections;
  sections.forEach(({ name, start, end }, i) => {
    const part = canonical.subarray(wanted[i].start, wanted[i].end);
    const at = bytes.subarray(start, end).findIndex((byte, j) => byte !== part[j]);
    if (at < 0) return;
    throw new PnetFormatError(`reading .pnet, ${name}, byte ${start + at}: not in the smallest form`, start + at);
  });
  return model;
}
