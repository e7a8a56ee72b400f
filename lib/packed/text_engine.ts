/**
 * The engine of models that read texts, in plain TypeScript: work is done for the features that a text has, and in the head for the weights that are not zero.
 *
 * @module
 */

import { type ColumnTerms, columnTerms, packBits } from "../projection/mod.ts";
import { prepareTextProjection } from "../projection/text.ts";
import { type Classification, type Classifier, type Engine, type LoadOptions, makeClassifier } from "./classifier.ts";
import { InputError } from "./errors.ts";
import { type Head, joinHead, prepareHead } from "./head.ts";
import type { HeadLayer, Samples, TextModel } from "./model.ts";

/**
 * Lays a model out for speed.
 *
 * @param model what a file holds
 * @returns the engine
 */
export function prepareTextEngine(model: TextModel): Engine {
  const { input, projection: spec, thresholds, head: layers, labels } = model;
  const projection = prepareTextProjection(spec, input);
  const { bits } = projection;
  const values = new Int32Array(bits);
  const logits = new Float32Array(labels.length);
  const terms = columnTerms(bits);
  terms.values.fill(1);
  const first = layers[0];
  const whole = first.precision !== "float" && first.tableBits === undefined;
  const head = whole ? joinHead(prepareSparseLayer(first), layers) : prepareHead(layers);
  const find = (text: string): void => {
    if (spec.entries === "presence") {
      const present = projection.present(text);
      // Sums of floats depend on their order; those of whole numbers do not.
      if (!whole) present.sort();
      terms.indices.set(present);
      terms.count = present.length;
      return;
    }
    projection.project(text, values);
    let count = 0;
    for (let k = 0; k < bits; k++) {
      terms.indices[count] = k;
      count += Number(values[k] > thresholds[k]);
    }
    terms.count = count;
  };
  return {
    runtime: "plain",
    encode: (samples, out) => {
      projection.project((samples as readonly string[])[0], values);
      packBits(values, thresholds, out);
    },
    logits: (samples: Samples, out) => {
      for (let sample = 0, at = 0; at < out.length; sample++, at += logits.length) {
        find((samples as readonly string[])[sample]);
        head(terms, logits);
        out.set(logits, at);
      }
    },
  };
}

/** Exact sums of the columns of whole-number weights that are not zero, scaled: few of the weights of a text's many bits are not. */
function prepareSparseLayer({ inputs, outputs, weights, scales, bias }: HeadLayer): Head {
  const starts = new Int32Array(inputs + 1);
  for (let i = 0; i < inputs; i++) {
    starts[i + 1] = starts[i];
    for (let at = i; at < weights.length; at += inputs) starts[i + 1] += Number(weights[at] !== 0);
  }
  // An entry is an output and a weight in its lowest byte.
  const entries = new Int32Array(starts[inputs]);
  for (let i = 0, next = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) {
      const weight = weights[j * inputs + i];
      if (weight !== 0) entries[next++] = j << 8 | weight & 255;
    }
  }
  const sums = new Int32Array(outputs);
  return ({ indices, count }: ColumnTerms, out: Float32Array) => {
    sums.fill(0);
    for (let i = 0; i < count; i++) {
      const k = indices[i];
      for (let at = starts[k], end = starts[k + 1]; at < end; at++) sums[entries[at] >> 8] += entries[at] << 24 >> 24;
    }
    for (let j = 0; j < outputs; j++) out[j] = Math.fround(scales[j] * Math.fround(sums[j])) + bias[j];
  };
}

/**
 * Puts the interface of a loaded model around a model of texts.
 *
 * @param model what the file holds
 * @param modelBytes size of the file
 * @param options what the answers say
 * @returns the classifier
 */
export function makeTextClassifier(model: TextModel, modelBytes: number, options: LoadOptions): Classifier {
  const rejectBelow = options.rejectBelow ?? (model.rejection && model.rejection / 256);
  const classifier = makeClassifier(model, modelBytes, prepareTextEngine(model), { rejectBelow });
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
  const single = <T>(answer: (samples: Samples) => T) => (text: ArrayLike<number> | string): T => {
    check(text, 0);
    return answer([text as string]);
  };
  const classifyTexts = (samples: Samples, count = samples.length): Classification[] => {
    if (!Array.isArray(samples)) throw new InputError("classify: wanted an array of strings");
    for (let i = 0; i < Math.min(count, samples.length); i++) check(samples[i], i);
    return classifier.classifyBatch(samples, count);
  };
  return {
    ...classifier,
    classify: single((samples) => classifier.classify(samples as ArrayLike<number>)),
    classifyBatch: classifyTexts,
    codes: single((samples) => classifier.codes(samples as ArrayLike<number>)),
    logits: single((samples) => classifier.logits(samples as ArrayLike<number>)),
  };
}
