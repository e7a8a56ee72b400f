/**
 * The engine in plain TypeScript, which runs wherever the language does.
 *
 * @module
 */

import { columnTerms, type Product, type ProjectionSpec } from "../projection/mod.ts";
import type { Engine } from "./classifier.ts";
import { prepareHead } from "./head.ts";
import type { PnetModel, Samples } from "./model.ts";
import { prepareQuantizer } from "./quantize.ts";

/**
 * Lays a model out for speed.
 *
 * @param model what a file holds
 * @param prepare lays out its projection
 * @returns the engine
 */
export function preparePlainEngine(model: PnetModel, prepare: (spec: ProjectionSpec) => Product): Engine {
  const { input, projection: spec, thresholds, head: layers, labels } = model;
  const quantize = prepareQuantizer(input);
  const product = prepare(spec);
  const { features } = spec;
  const bits = thresholds.length;
  const head = prepareHead(layers);
  const quantized = new Uint8Array(features);
  const values = new Int32Array(bits);
  const terms = columnTerms(bits);
  const logits = new Float32Array(labels.length);
  const counts = model.reads === "counts";
  const project = (samples: Samples, sample: number): void => {
    quantize(samples, sample, quantized);
    product(quantized, values);
  };
  return {
    runtime: "plain",
    encode: (samples, out) => {
      project(samples, 0);
      out.fill(0);
      for (let k = 0; k < bits; k++) out[k >>> 3] |= Number(values[k] > thresholds[k]) << (k & 7);
    },
    logits: (samples, out) => {
      const { indices, values: inputs } = terms;
      for (let sample = 0, at = 0; at < out.length; sample++, at += logits.length) {
        project(samples, sample);
        let count = 0;
        for (let k = 0; k < bits; k++) {
          indices[count] = k;
          inputs[count] = counts ? values[k] : 1;
          count += Number(values[k] > thresholds[k]);
        }
        terms.count = count;
        head(terms, logits);
        out.set(logits, at);
      }
    },
  };
}
