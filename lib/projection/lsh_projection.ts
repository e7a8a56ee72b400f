/**
 * The operator LSH_PROJECTION of TensorFlow Lite, bit for bit: the projections of the models that Google shipped (tensorflow/lite/kernels/lsh_projection.cc).
 *
 * @module
 */

import { fingerprint64 } from "./fingerprint64.ts";

/** What {@linkcode lshProjection} projects. */
export interface LshProjectionOptions {
  /** [functions x bits]: one float32 seed a bit. */
  seeds: Float32Array;
  /** T: number of hash functions; the seeds are as many of d bits each. */
  functions: number;
  /** The items one after the other, all of the same number of bytes; numbers count as their little-endian bytes. */
  items: Int32Array | Uint32Array | Float32Array | Uint8Array | BigInt64Array;
  /** Number of items. */
  count: number;
  /** [count] weight of each item; 1 when left out. */
  weights?: Float32Array;
  /** `dense` gives a value 0 or 1 for each bit, `sparse` the code of each function plus its offset k*2^d, the first bit the most significant. */
  type: "dense" | "sparse";
}

/**
 * Projects items to bits: bit i is 1 when the sum over the items of weight * Fingerprint64(bytes of seed i, then of the item), read as a signed integer, is
 * positive. Sums are in float64, in the order of the items, as in the operator.
 *
 * @param options seeds, items and what is wanted of them
 * @returns [functions x d] bits, or [functions] codes
 * @throws {RangeError} when the lengths do not fit together, or codes would leave the 32-bit integers
 *
 * @example
 * ```ts
 * import { lshProjection } from "./lsh_projection.ts";
 *
 * const seeds = Float32Array.of(0.123, 0.456, -0.321, 1.234, 5.678, -4.321);
 * const items = Int32Array.of(12345, 54321, 67890, 9876, -12345678);
 * const bits = lshProjection({ seeds, functions: 3, items, count: 5, type: "dense" });
 * if (bits.join() !== "0,0,0,1,0,0") throw new Error(bits.join());
 * ```
 */
export function lshProjection(options: LshProjectionOptions): Int32Array {
  const { seeds, functions, items, count, weights, type } = options;
  const depth = seeds.length / functions;
  const itemBytes = items.byteLength / count;
  if (!Number.isInteger(depth) || depth < 1) {
    throw new RangeError(`lshProjection: ${seeds.length} seeds for ${functions} functions, wanted a multiple of them`);
  }
  if (!Number.isInteger(itemBytes) || !(count > 0)) {
    throw new RangeError(`lshProjection: ${items.byteLength} bytes for ${count} items, wanted a multiple of them`);
  }
  if (weights !== undefined && weights.length !== count) {
    throw new RangeError(`lshProjection: ${weights.length} weights for ${count} items, wanted one each`);
  }
  if (type === "sparse" && functions * 2 ** depth > 2 ** 31) {
    throw new RangeError(`lshProjection: ${functions} codes of ${depth} bits leave 31 bits`);
  }
  const bytes = littleEndian(items);
  const key = new Uint8Array(4 + itemBytes);
  const view = new DataView(key.buffer);
  const bits = Int32Array.from(seeds, (seed) => {
    view.setFloat32(0, seed, true);
    let score = 0;
    for (let i = 0; i < count; i++) {
      key.set(bytes.subarray(i * itemBytes, (i + 1) * itemBytes), 4);
      const hash = Number(BigInt.asIntN(64, fingerprint64(key)));
      score += weights === undefined ? hash : weights[i] * hash;
    }
    return score > 0 ? 1 : 0;
  });
  if (type === "dense") return bits;
  return Int32Array.from(
    { length: functions },
    (_, k) => k * 2 ** depth + bits.subarray(k * depth, (k + 1) * depth).reduce((code, bit) => 2 * code + bit, 0),
  );
}

/** The bytes of numbers, lowest first on every machine. */
function littleEndian(items: LshProjectionOptions["items"]): Uint8Array {
  const bytes = new Uint8Array(items.buffer, items.byteOffset, items.byteLength).slice();
  const size = items.BYTES_PER_ELEMENT;
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}
