/**
 * Loading a model of numbers in plain TypeScript.
 *
 * @module
 */

import { type Classifier, type LoadOptions, makeClassifier } from "./classifier.ts";
import { decodeNumeric } from "./decode.ts";
import type { FamilyParts } from "./families.ts";
import { preparePlainEngine } from "./plain_engine.ts";
import { bytesOf } from "./source.ts";

/**
 * Loads a model.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say, and the families of projections that are known
 * @returns the classifier
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadNumeric(
  source: Uint8Array | string,
  { families, ...options }: LoadOptions & { families: FamilyParts },
): Classifier {
  const bytes = bytesOf(source);
  const model = decodeNumeric(bytes, { families });
  return makeClassifier(model, bytes.length, preparePlainEngine(model, families.prepare), options);
}
