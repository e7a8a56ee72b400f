/**
 * What all runtimes share: the interface of a loaded model, the checks of its calls, and the answers made from logits. How bits and logits are computed
 * is an {@linkcode Engine}'s business.
 *
 * @module
 */

import { InputError } from "./errors.ts";
import { type AnyModel, featuresOf, type InputDescription, type Samples } from "./model.ts";

/** The answer for one sample. Its arrays are the caller's; those of several answers may lie in one buffer, so copy them before transferring a buffer. */
export interface Classification {
  /** Number of the class: the one with the greatest logit, the lowest on a tie. */
  index: number;
  /** Label of the class. */
  label: string;
  /** Softmax probability of the class. */
  probability: number;
  /** [labels] softmax of the logits. */
  probabilities: Float32Array;
  /** [labels] outputs of the head. */
  logits: Float32Array;
  /** Whether the probability is below what the model wants, so that perhaps no label fits; left out by models that reject nothing. */
  rejected?: boolean;
}

/** A model that is ready to use. It reuses its buffers from call to call; what it returns is the caller's. */
export interface Classifier {
  /** What a sample looks like. */
  readonly input: InputDescription;
  /** Labels by class. */
  readonly labels: readonly string[];
  /** Number of bits of the code. */
  readonly bits: number;
  /** Size of the model file in bytes. */
  readonly modelBytes: number;
  /** What computes the answers, which are the same to the last bit: plain TypeScript or WebAssembly. */
  readonly runtime: "plain" | "wasm";
  /**
   * Classifies one sample.
   *
   * @param sample [features]: integers 0...255 for images and tables of bytes, else finite numbers; for a model of texts a string
   * @returns the answer
   * @throws {InputError} when the length is wrong or a feature is not such a number, or no string where one is wanted
   */
  classify(sample: ArrayLike<number> | string): Classification;
  /**
   * Classifies many samples.
   *
   * @param samples [count x features], row-major; for a model of texts strings
   * @param count how many to classify from the start (default: all)
   * @returns one answer a sample, in order
   * @throws {InputError} when the length is no multiple of the features or too short, or a feature of any sample is wrong
   */
  classifyBatch(samples: Samples, count?: number): Classification[];
  /**
   * Computes the code of one sample.
   *
   * @param sample as for `classify`
   * @returns [ceil(bits / 8)] bit k in byte floor(k/8), lowest first
   * @throws {InputError} as `classify`
   */
  codes(sample: ArrayLike<number> | string): Uint8Array;
  /**
   * Computes the logits of one sample.
   *
   * @param sample as for `classify`
   * @returns [labels] outputs of the head
   * @throws {InputError} as `classify`
   */
  logits(sample: ArrayLike<number> | string): Float32Array;
}

/** What the answers of a model say beyond the file. */
export interface LoadOptions {
  /** Answers whose probability is below are marked as `rejected`; the bound that the file holds, if any, when left out. */
  rejectBelow?: number;
}

/** Numbers in a buffer that several answers share. */
const POOL = 1024;

/** What computes bits and logits, to the last bit as FORMAT.md prescribes. */
export interface Engine {
  /** What it runs in. */
  readonly runtime: "plain" | "wasm";
  /** Writes the code of the first sample, [ceil(bits / 8)]. */
  encode(samples: Samples, out: Uint8Array): void;
  /** Writes the logits, [labels] each, of as many samples as `out` has room for. */
  logits(samples: Samples, out: Float32Array): void;
}

/**
 * Puts the interface of a loaded model around an engine.
 *
 * @param model what the file holds
 * @param modelBytes size of the file
 * @param engine made for that model
 * @param options what the answers say
 * @returns the classifier
 */
export function makeClassifier(
  model: AnyModel,
  modelBytes: number,
  engine: Engine,
  { rejectBelow }: LoadOptions,
): Classifier {
  const { input, labels, thresholds } = model;
  const features = featuresOf(input);
  const classes = labels.length;
  const bits = thresholds.length;
  const one = (samples: ArrayLike<unknown>): void => {
    if (samples.length !== features) {
      throw new InputError(`classify: found ${samples.length} numbers, wanted ${features}`);
    }
  };
  let pool = new Float32Array(0);
  /** Numbers for the caller to keep. Small arrays come from one buffer, since making a buffer takes as long as a third of the answer. */
  const numbers = (length: number): Float32Array => {
    if (pool.length < length) pool = new Float32Array(Math.max(length, POOL));
    const taken = pool.subarray(0, length);
    pool = pool.subarray(length);
    return taken;
  };
  const answer = (logits: Float32Array): Classification => {
    const probabilities = numbers(classes);
    const index = softmax(logits, probabilities), probability = probabilities[index];
    const found: Classification = { index, label: labels[index], probability, probabilities, logits };
    if (rejectBelow !== undefined) found.rejected = probability < rejectBelow;
    return found;
  };
  const logitsOf = (sample: ArrayLike<number> | string): Float32Array => {
    one(sample);
    const logits = numbers(classes);
    engine.logits(sample as Samples, logits);
    return logits;
  };
  return {
    input,
    labels,
    bits,
    modelBytes,
    runtime: engine.runtime,
    classify: (sample) => answer(logitsOf(sample)),
    classifyBatch: (samples, rows = samples.length / features) => {
      if (!Number.isInteger(rows) || rows < 0 || rows * features > samples.length) {
        throw new InputError(
          `classify: ${samples.length} numbers for ${rows} samples, wanted ${features} numbers a sample`,
        );
      }
      const all = numbers(rows * classes);
      engine.logits(samples, all);
      return Array.from({ length: rows }, (_, row) => answer(all.subarray(row * classes, (row + 1) * classes)));
    },
    codes: (sample) => {
      one(sample);
      const packed = new Uint8Array((bits + 7) >>> 3);
      engine.encode(sample as Samples, packed);
      return packed;
    },
    logits: logitsOf,
  };
}

/** Fills in the softmax of the logits and returns the index of the greatest. */
function softmax(logits: Float32Array, out: Float32Array): number {
  let best = 0, sum = 0;
  for (let j = 1; j < logits.length; j++) if (logits[j] > logits[best]) best = j;
  for (let j = 0; j < logits.length; j++) sum += out[j] = Math.exp(logits[j] - logits[best]);
  for (let j = 0; j < logits.length; j++) out[j] /= sum;
  return best;
}
