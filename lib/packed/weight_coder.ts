/**
 * Entropy coding of integer weights (FORMAT.md, "Coded weights"): small weights are more frequent than large ones, and the weights of one input to
 * several outputs tend to balance. Encoder and decoder walk through the weights with the same function.
 *
 * @module
 */

import { digitsOf, type IntegerPrecision } from "./digits.ts";
import { bitDecoder, type CodeBit, encodeBits } from "./range_coder.ts";

/** A layer of integer weights. */
export interface IntegerWeights {
  /** How the weights are limited. */
  precision: IntegerPrecision;
  /** Number of inputs. */
  inputs: number;
  /** Number of outputs. */
  outputs: number;
  /** [outputs × inputs] the weights, row-major. */
  weights: Int8Array;
  /** Whether most weights are zero because of what the layer reads: the bits of a text. */
  sparse?: boolean;
}

/** Contexts: whether a weight is zero, for the bits of a text by how many are not at the same input so far, 0…7; its sign by the balance of those before, −2…2; the length of its magnitude; the digits below the first. */
const ZERO = 0, SIGN = 3, LENGTH = 6, DIGIT = 13, SPARSE = DIGIT + 7 * 8, CONTEXTS = SPARSE + 8;

/** The most weights of a coded layer, so that reading takes bounded time. */
const MOST_WEIGHTS = 1 << 20, MOST_SPARSE = 1 << 21;

/**
 * The most weights that may be coded in so many bytes, so that no file makes a reader allocate much more than its size, or 2 MB for the bits of a text.
 *
 * @param bytes length of the coded weights
 * @param sparse as in {@linkcode IntegerWeights}
 * @returns number of weights
 */
export function codedLimit(bytes: number, sparse?: boolean): number {
  return sparse ? MOST_SPARSE : Math.min(64 * bytes, MOST_WEIGHTS);
}

/**
 * Codes the weights of a layer.
 *
 * @param layer the weights
 * @returns the code, or `undefined` when plain digits take no more bytes or the layer has too many weights
 */
export function encodeWeights(layer: IntegerWeights): Uint8Array<ArrayBuffer> | undefined {
  const count = layer.weights.length;
  if (count > codedLimit(count, layer.sparse)) return;
  const bytes = encodeBits(CONTEXTS, (code) => walk(layer, code));
  return bytes.length < Math.ceil(count / digitsOf(layer.precision).perByte) &&
      count <= codedLimit(bytes.length, layer.sparse)
    ? bytes
    : undefined;
}

/**
 * Decodes the weights of a layer. Any bytes give weights of its precision; whether they are the code of those is for the caller to compare.
 *
 * @param bytes the code
 * @param layer its weights are filled in
 */
export function decodeWeights(bytes: Uint8Array, layer: IntegerWeights): void {
  walk(layer, bitDecoder(CONTEXTS, bytes));
}

function walk({ precision, inputs, weights, sparse }: IntegerWeights, code: CodeBit): void {
  const { least, step, base } = digitsOf(precision);
  const largest = least + step * (base - 1);
  const longest = 31 - Math.clz32(-least);
  for (let i = 0; i < inputs; i++) {
    let balance = 0, here = 0;
    for (let at = i; at < weights.length; at += inputs) {
      const weight = weights[at];
      const magnitude = Math.abs(weight);
      let value = 0;
      if (base === 2 || code(sparse ? SPARSE + Math.min(7, here) : ZERO, Number(magnitude > 0))) {
        here++;
        let length = 0;
        while (length < longest && code(LENGTH + length, Number(magnitude >> (length + 1) > 0))) length++;
        value = 1;
        // The longest magnitude is the power of two of the smallest weight, and has no positive counterpart.
        for (let digit = length - 1; digit >= 0; digit--) {
          value = 2 * value + (length < longest ? code(DIGIT + 8 * length + digit, (magnitude >> digit) & 1) : 0);
        }
        const negative = value > largest || code(SIGN + balance, Number(weight < 0));
        if (negative) value = -value;
        balance = Math.max(-2, Math.min(2, balance + (negative ? -1 : 1)));
      }
      weights[at] = value;
    }
  }
}
