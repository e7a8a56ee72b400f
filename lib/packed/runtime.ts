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

import { columnTerms, packBits, prepareProjection } from "../projection/mod.ts";
import { type Classifier, type Engine, makeClassifier } from "./classifier.ts";
import { decodePnet } from "./decode.ts";
import { prepareHead } from "./head.ts";
import type { PnetModel } from "./model.ts";
import { prepareQuantizer } from "./quantize.ts";

export type { Classification, Classifier } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export type { ImageInput, InputDescription, Quantization, TableInput } from "./model.ts";

/**
 * Loads a model.
 *
 * @param bytes a `.pnet` file
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function loadPnet(bytes: Uint8Array): Classifier {
  const model = decodePnet(bytes);
  return makeClassifier(model, bytes.length, prepareEngine(model));
}

function prepareEngine({ input, projection: spec, thresholds, head: layers, labels }: PnetModel): Engine {
  const quantize = prepareQuantizer(input);
  const projection = prepareProjection(spec);
  const { bits, features } = projection;
  const head = prepareHead(layers);
  const quantized = new Uint8Array(features);
  const values = new Int32Array(bits);
  const terms = columnTerms(bits);
  const logits = new Float32Array(labels.length);
  // The first product lays the matrix out: here rather than at the first sample.
  projection.project(quantized, values);

  const project = (samples: ArrayLike<number>, sample: number): void => {
    quantize(samples, sample, quantized);
    projection.project(quantized, values);
  };
  return {
    encode: (samples, out) => {
      project(samples, 0);
      packBits(values, thresholds, out);
    },
    logits: (samples, out) => {
      const { indices, values: ones } = terms;
      for (let sample = 0, at = 0; at < out.length; sample++, at += logits.length) {
        project(samples, sample);
        let count = 0;
        for (let k = 0; k < bits; k++) {
          indices[count] = k;
          ones[count] = 1;
          count += Number(values[k] > thresholds[k]);
        }
        terms.count = count;
        head(terms, logits);
        out.set(logits, at);
      }
    },
  };
}
