/**
 * Entropy coding of integer weights (FORMAT.md, "Coded weights"), over a binary arithmetic coder with adaptive probabilities, in whole numbers below 2^53 (Martin,
 * Range encoding, 1979).
 *
 * @module
 */

import { digitsOf, type IntegerPrecision } from "./numbers.ts";

/** Codes one binary decision in a context: an encoder takes `bit`, a decoder finds it. Both return it. */
export type CodeBit = (context: number, bit: number) => number;

/** Where the counts of a context are halved. */
const MOST = 1 << 16;
/** The interval is kept at least this wide. */
const NARROW = 0x1000000;

/** How often each context has seen a 0 (even places) and a 1 (odd places), from one each on. */
const counts = (contexts: number): Uint32Array => new Uint32Array(2 * contexts).fill(1);

function count(seen: Uint32Array, at: number, bit: number): void {
  seen[at + bit] += 2;
  if (seen[at] + seen[at + 1] < MOST) return;
  seen[at] = (seen[at] + 1) >> 1;
  seen[at + 1] = (seen[at + 1] + 1) >> 1;
}

/**
 * Encodes decisions.
 *
 * @param contexts number of contexts
 * @param run makes the decisions, in the order in which they will be found
 * @returns the shortest bytes that decode to them
 */
export function encodeBits(contexts: number, run: (code: CodeBit) => void): Uint8Array<ArrayBuffer> {
  const seen = counts(contexts);
  const bytes: number[] = [];
  let low = 0, range = 0xffffffff;
  const carry = (): void => {
    let at = bytes.length - 1;
    while (bytes[at] === 255) bytes[at--] = 0;
    bytes[at]++;
  };
  run((context, bit) => {
    const at = 2 * context;
    const zeros = Math.floor(range / (seen[at] + seen[at + 1])) * seen[at];
    if (bit) {
      low += zeros;
      range -= zeros;
      if (low > 0xffffffff) {
        low -= 0x100000000;
        carry();
      }
    } else range = zeros;
    for (; range < NARROW; range *= 256) {
      bytes.push(low >>> 24);
      low = (low & 0xffffff) * 256;
    }
    count(seen, at, bit);
    return bit;
  });
  // The number in the interval with the most zero bytes at its end, which are left out.
  if (low + range > 0x100000000) carry();
  else bytes.push(Math.ceil(low / NARROW));
  let length = bytes.length;
  while (length && !bytes[length - 1]) length--;
  return Uint8Array.from(bytes.slice(0, length));
}

/**
 * Decodes decisions; bytes that are missing count as 0.
 *
 * @param contexts number of contexts
 * @param bytes what was encoded
 * @returns finds the decisions, in their order
 */
export function bitDecoder(contexts: number, bytes: Uint8Array): CodeBit {
  const seen = counts(contexts);
  let next = 0, code = 0, range = 0xffffffff;
  const shift = (): void => {
    code = code * 256 + (bytes[next++] ?? 0);
  };
  for (let i = 0; i < 4; i++) shift();
  return (context) => {
    const at = 2 * context;
    const zeros = Math.floor(range / (seen[at] + seen[at + 1])) * seen[at];
    const bit = Number(code >= zeros);
    if (bit) {
      code -= zeros;
      range -= zeros;
    } else range = zeros;
    for (; range < NARROW; range *= 256) shift();
    count(seen, at, bit);
    return bit;
  };
}

/** A layer of integer weights. */
export interface IntegerWeights {
  /** How the weights are limited. */
  precision: IntegerPrecision;
  /** Number of inputs. */
  inputs: number;
  /** Number of outputs. */
  outputs: number;
  /** [outputs x inputs] the weights, row-major. */
  weights: Int8Array;
  /** Whether most weights are zero because of what the layer reads: the bits of a text. */
  sparse?: boolean;
}

/**
 * Contexts: whether a weight is zero, for the bits of a text by how many are not at the same input so far, 0...7; its sign by the balance of those before,
 * -2...2; the length of its magnitude; the digits below the first.
 */
const ZERO = 0, SIGN = 10, LENGTH = 13, DIGIT = 20, CONTEXTS = DIGIT + 7 * 8;

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
      if (base === 2 || code(ZERO + Math.min(sparse ? 7 : 0, here), Number(magnitude > 0))) {
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
