/**
 * From a raw sample to the integers 0...255 that a projection takes (FORMAT.md, section 1), refusing what the model cannot mean.
 *
 * @module
 */

import { InputError } from "./errors.ts";
import type { NumericInput, Quantization, Samples } from "./model.ts";

/** Reads one sample of a batch into `out`. */
export type Quantizer = (samples: Samples, sample: number, out: Uint8Array) => void;

/**
 * Prepares the quantiser of a model.
 *
 * @param input what a sample looks like
 * @returns a function that throws {@linkcode InputError} at the first feature that is no finite number, or no integer 0...255 for an image
 */
export function prepareQuantizer(input: NumericInput): Quantizer {
  const isImage = input.kind === "image";
  const rule: Quantization = isImage ? { rule: "none" } : input.quantization;
  const takesBytes = rule.rule === "none";
  const wanted = isImage ? "an integer 0...255" : "a finite number";
  const refuse = (value: unknown, sample: number, feature: number): never => {
    throw new InputError(`classify: feature ${feature} of sample ${sample} is ${value}, wanted ${wanted}`, {
      sample,
      feature,
    });
  };
  const { offset = 0, scale = 1, offsets = [offset], scales = [scale] } = rule as {
    offset?: number;
    scale?: number;
    offsets?: ArrayLike<number>;
    scales?: ArrayLike<number>;
  };
  const step = Number(rule.rule === "columns");
  return (samples, sample, out) => {
    const start = sample * out.length;
    if (takesBytes && samples instanceof Uint8Array) {
      out.set(samples.length === out.length ? samples : samples.subarray(start, start + out.length));
      return;
    }
    for (let i = 0; i < out.length; i++) {
      const value = samples[start + i] as number;
      if (isImage ? (value & 255) !== value : !Number.isFinite(value)) refuse(value, sample, i);
      out[i] = Math.min(255, Math.max(0, Math.floor((value - offsets[i * step]) * scales[i * step] + 0.5)));
    }
  };
}
