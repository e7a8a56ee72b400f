/**
 * From a raw sample to the integers 0…255 that a projection takes (FORMAT.md, section 1), refusing what the model cannot mean.
 *
 * @module
 */

import { InputError } from "./errors.ts";
import type { InputDescription } from "./model.ts";

/** Reads one sample of a batch into `out`. */
export type Quantizer = (samples: ArrayLike<number>, sample: number, out: Uint8Array) => void;

/**
 * Prepares the quantiser of a model.
 *
 * @param input what a sample looks like
 * @returns a function that throws {@linkcode InputError} at the first feature that is no finite number, or no integer 0…255 where the model takes bytes
 */
export function prepareQuantizer(input: InputDescription): Quantizer {
  const rule = input.kind === "table" ? input.quantization : { rule: "none" as const };
  const refuse = (value: unknown, wanted: string, sample: number, feature: number): never => {
    throw new InputError(`classify: feature ${feature} of sample ${sample} is ${value}, wanted ${wanted}`, {
      sample,
      feature,
    });
  };
  if (rule.rule === "none") {
    return (samples, sample, out) => {
      const start = sample * out.length;
      if (samples instanceof Uint8Array) {
        out.set(samples.length === out.length ? samples : samples.subarray(start, start + out.length));
        return;
      }
      for (let i = 0; i < out.length; i++) {
        const value = samples[start + i];
        if ((value & 255) !== value) refuse(value, "an integer 0…255", sample, i);
        out[i] = value;
      }
    };
  }
  const offsets = rule.rule === "shared" ? [rule.offset] : rule.offsets;
  const scales = rule.rule === "shared" ? [rule.scale] : rule.scales;
  const step = rule.rule === "shared" ? 0 : 1;
  return (samples, sample, out) => {
    const start = sample * out.length;
    for (let i = 0; i < out.length; i++) {
      const value = samples[start + i];
      if (!Number.isFinite(value)) refuse(value, "a finite number", sample, i);
      out[i] = Math.min(255, Math.max(0, Math.floor((value - offsets[i * step]) * scales[i * step] + 0.5)));
    }
  };
}
