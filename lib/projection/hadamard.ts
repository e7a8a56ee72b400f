/**
 * The Hadamard family: three rounds of random signs and a fast Walsh-Hadamard transform, which act like a random rotation and cost O(N log N) for N bits
 * rather than O(n*N) (the structured hash of Andoni et al. 2015, "Practical and Optimal LSH for Angular Distance"; Ailon and Chazelle 2006).
 *
 * The input is padded with zeros to a power of two N. Each transform multiplies the Euclidean norm by sqrt(N), so that three of them give magnitudes up to 255*N^2:
 * from N = 4096 on, vectors are divided by powers of two between the rounds, as little as keeps every sum within 32 bits.
 *
 * @module
 */

import { signRow } from "./rows.ts";
import { bitsOf, type HadamardSpec, sourceRow } from "./spec.ts";

/** Logarithm of the smallest N: shorter inputs are padded to it, since a transform of few values has too few different rows. */
const LEAST_LOG = 8;

/** How an input of some length is transformed. */
export interface HadamardPlan {
  /** N: length of a transform, and number of bits that a block of three rounds gives. */
  size: number;
  /** Right shift, rounding halves up, before each of the three rounds. */
  shifts: [number, number, number];
}

/**
 * Chooses the length of the transforms and the shifts. With N = 2^L and q bounded by 255, the norms before the second and the third round are at most
 * 255*2^L and 255*2^(3L/2), less what the shifts take away; the shifts keep the norms after them within 255*2^22 and a little for the rounding.
 *
 * @param features n: length of the input, at most 2^22
 * @returns N and the shifts
 */
export function hadamardPlan(features: number): HadamardPlan {
  const log = Math.max(LEAST_LOG, 32 - Math.clz32(features - 1));
  const second = Math.max(0, Math.ceil(1.5 * log) - 22);
  const third = Math.max(0, 2 * log - 22 - second);
  return { size: 1 << log, shifts: [0, second, third] };
}

/** A block of three rounds, and the bits of the code that it gives. */
export interface HadamardBlock {
  /** Number of the block: its rounds use the rows 3*block to 3*block + 2 of signs. */
  block: number;
  /** First bit. */
  first: number;
  /** Bit after the last. */
  end: number;
}

/**
 * Finds the blocks that a code needs. Row r of the family is output r mod N of block floor(r / N).
 *
 * @param spec the projection
 * @returns the blocks, ascending
 */
export function hadamardBlocks(spec: HadamardSpec): HadamardBlock[] {
  const { size } = hadamardPlan(spec.features);
  const bits = bitsOf(spec);
  const blocks: HadamardBlock[] = [];
  for (let k = 0; k < bits; k++) {
    const block = Math.floor(sourceRow(spec, k) / size), last = blocks[blocks.length - 1];
    if (last?.block === block) last.end = k + 1;
    else blocks.push({ block, first: k, end: k + 1 });
  }
  return blocks;
}

/**
 * Prepares the three rounds of every block that the code needs; memory is 3 bytes for the signs of each of a block's N outputs, and 16 bytes for each of the N values.
 *
 * @param spec the projection
 * @returns the product: writes row k of the code to `out[k]`
 */
export function prepareHadamardProduct(spec: HadamardSpec): (x: ArrayLike<number>, out: Int32Array) => void {
  const { features, seed } = spec;
  const { size, shifts } = hadamardPlan(features);
  const rows = new Int32Array(bitsOf(spec));
  /** The signs of each block's rounds, by its number. */
  const signs: Int8Array[][] = [];
  for (let k = 0; k < rows.length; k++) {
    rows[k] = sourceRow(spec, k);
    const block = Math.floor(rows[k] / size);
    signs[block] ??= shifts.map((_, round) => {
      const entries = new Int8Array(size);
      signRow({ seed, row: 3 * block + round }, entries);
      return entries;
    });
  }
  const first = new Float64Array(size), second = new Float64Array(size);
  return (x, out) => {
    let values: Float64Array = first, end = 0;
    for (let k = 0; k < rows.length; k++) {
      if (rows[k] >= end) {
        const block = Math.floor(rows[k] / size), entries = signs[block];
        end = (block + 1) * size;
        for (let j = 0; j < features; j++) values[j] = x[j] * entries[0][j];
        values.fill(0, features);
        for (let round = 0; round < 3; round++) {
          if (round > 0) shiftAndSign(values, entries[round], shifts[round]);
          values = walshHadamard(values, values === first ? second : first);
        }
      }
      out[k] = values[rows[k] & (size - 1)];
    }
  };
}

function shiftAndSign(values: Float64Array, signs: Int8Array, shift: number): void {
  const unit = 0.5 ** shift, half = shift > 0 ? 0.5 : 0;
  for (let i = 0; i < values.length; i++) values[i] = Math.floor(values[i] * unit + half) * signs[i];
}

/**
 * Transforms a vector.
 *
 * @param values the vector, whose length is a power of two and at least 4; overwritten
 * @param scratch as long as the vector
 * @returns the one of the two arrays that holds the transform
 */
export function walshHadamard(values: Float64Array, scratch: Float64Array): Float64Array {
  let from = values, to = scratch;
  for (let bits = 31 - Math.clz32(values.length); bits > 0;) {
    const stages = bits % 3 === 0 ? 3 : 2;
    if (stages === 3) threeStages(from, to);
    else twoStages(from, to);
    bits -= stages;
    [from, to] = [to, from];
  }
  return from;
}

function twoStages(from: Float64Array, to: Float64Array): void {
  const n = from.length >> 2;
  for (let i = 0, o = 0; i < n; i++, o += 4) {
    const v0 = from[i], v1 = from[i + n], v2 = from[i + 2 * n], v3 = from[i + 3 * n];
    const a0 = v0 + v2, a1 = v1 + v3, a2 = v0 - v2, a3 = v1 - v3;
    to[o] = a0 + a1;
    to[o + 1] = a0 - a1;
    to[o + 2] = a2 + a3;
    to[o + 3] = a2 - a3;
  }
}

function threeStages(from: Float64Array, to: Float64Array): void {
  const n = from.length >> 3;
  for (let i = 0, o = 0; i < n; i++, o += 8) {
    const v0 = from[i], v1 = from[i + n], v2 = from[i + 2 * n], v3 = from[i + 3 * n];
    const v4 = from[i + 4 * n], v5 = from[i + 5 * n], v6 = from[i + 6 * n], v7 = from[i + 7 * n];
    const a0 = v0 + v4, a1 = v1 + v5, a2 = v2 + v6, a3 = v3 + v7;
    const a4 = v0 - v4, a5 = v1 - v5, a6 = v2 - v6, a7 = v3 - v7;
    const b0 = a0 + a2, b1 = a1 + a3, b2 = a0 - a2, b3 = a1 - a3;
    const b4 = a4 + a6, b5 = a5 + a7, b6 = a4 - a6, b7 = a5 - a7;
    to[o] = b0 + b1;
    to[o + 1] = b0 - b1;
    to[o + 2] = b2 + b3;
    to[o + 3] = b2 - b3;
    to[o + 4] = b4 + b5;
    to[o + 5] = b4 - b5;
    to[o + 6] = b6 + b7;
    to[o + 7] = b6 - b7;
  }
}
