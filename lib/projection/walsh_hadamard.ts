/**
 * The fast Walsh–Hadamard transform: a vector times the matrix with the entries (−1)^(number of ones in i AND j), in N·log2 N additions.
 *
 * Every pass treats two or three bits of the index and moves them from the front to the back, so that all passes are one same loop that reads in few
 * streams and writes in order (the constant geometry of Pease 1968), and the elements are in place again when all bits have been treated. Whole numbers
 * below 2^53 in float64 are exact, and faster than integers because there are more registers for them.
 *
 * @module
 */

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
