/**
 * FarmHash Fingerprint64 (Geoff Pike, Google, 2014; MIT licence): the 64-bit hash whose values are guaranteed never to change, and by which TensorFlow Lite's
 * LSH_PROJECTION projects. Written anew from the published algorithm (farmhashna::Hash64).
 *
 * @module
 */

const K0 = 0xc3a5c85c97cb3127n, K1 = 0xb492b66fbe98f273n, K2 = 0x9ae16a3b2f90404fn;

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, by: bigint): bigint => wrap(x >> by | x << (64n - by));
const shiftMix = (x: bigint): bigint => x ^ x >> 47n;

function hash16(u: bigint, v: bigint, multiplier: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * multiplier));
  return wrap(shiftMix(wrap((v ^ a) * multiplier)) * multiplier);
}

/** Two numbers from 32 bytes and two seeds. */
function weakHash32(view: DataView, at: number, a: bigint, b: bigint): [bigint, bigint] {
  const [w, x, y, z] = [0, 8, 16, 24].map((offset) => view.getBigUint64(at + offset, true));
  a = wrap(a + w);
  b = rotate(wrap(b + a + z), 21n);
  const c = a;
  a = wrap(a + x + y);
  b = wrap(b + rotate(a, 44n));
  return [wrap(a + z), wrap(b + c)];
}

/**
 * Hashes bytes with Fingerprint64.
 *
 * @param bytes any number of bytes
 * @returns an unsigned 64-bit integer
 *
 * @example
 * ```ts
 * import { fingerprint64 } from "./fingerprint64.ts";
 *
 * const hash = fingerprint64(new TextEncoder().encode("hello"));
 * if (hash !== 13009744463427800296n) throw new Error(`${hash}`);
 * ```
 */
export function fingerprint64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = bytes;
  const size = BigInt(length), multiplier = wrap(K2 + size * 2n);
  const word = (at: number): bigint => view.getBigUint64(at, true);
  const half = (at: number): bigint => BigInt(view.getUint32(at, true));
  if (length === 0) return K2;
  if (length < 4) {
    const y = BigInt(bytes[0] + bytes[length >> 1] * 256), z = size + BigInt(bytes[length - 1] * 4);
    return wrap(shiftMix(wrap(y * K2) ^ wrap(z * K0)) * K2);
  }
  if (length < 8) return hash16(size + (half(0) << 3n), half(length - 4), multiplier);
  if (length <= 16) {
    const a = wrap(word(0) + K2), b = word(length - 8);
    return hash16(wrap(rotate(b, 37n) * multiplier + a), wrap((rotate(a, 25n) + b) * multiplier), multiplier);
  }
  if (length <= 32) {
    const a = wrap(word(0) * K1), b = word(8);
    const c = wrap(word(length - 8) * multiplier), d = wrap(word(length - 16) * K2);
    const u = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
    return hash16(u, wrap(a + rotate(wrap(b + K2), 18n) + c), multiplier);
  }
  if (length <= 64) {
    const a = wrap(word(0) * K2), b = word(8);
    const c = wrap(word(length - 8) * multiplier), d = wrap(word(length - 16) * K2);
    const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
    const z = hash16(y, wrap(a + rotate(wrap(b + K2), 18n) + c), multiplier);
    const e = wrap(word(16) * multiplier), f = word(24);
    const g = wrap((y + word(length - 32)) * multiplier), h = wrap((z + word(length - 24)) * multiplier);
    return hash16(
      wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h),
      wrap(e + rotate(wrap(f + a), 18n) + g),
      multiplier,
    );
  }
  let x = 81n, y = wrap(81n * K1 + 113n), z = wrap(shiftMix(wrap(y * K2 + 113n)) * K2);
  let v = [0n, 0n], w = [0n, 0n];
  x = wrap(x * K2 + word(0));
  const last = (length - 1 >> 6) * 64;
  const round = (at: number, by: bigint, factors: { v: bigint; w: bigint }): void => {
    x = wrap(rotate(wrap(x + y + v[0] + word(at + 8)), 37n) * by);
    y = wrap(rotate(wrap(y + v[1] + word(at + 48)), 42n) * by);
    x ^= wrap(w[1] * factors.w);
    y = wrap(y + v[0] * factors.v + word(at + 40));
    z = wrap(rotate(wrap(z + w[0]), 33n) * by);
    v = weakHash32(view, at, wrap(v[1] * by), wrap(x + w[0]));
    w = weakHash32(view, at + 32, wrap(z + w[1]), wrap(y + word(at + 16)));
    [x, z] = [z, x];
  };
  for (let at = 0; at < last; at += 64) round(at, K1, { v: 1n, w: 1n });
  const by = wrap(K1 + ((z & 0xffn) << 1n));
  w[0] = wrap(w[0] + BigInt(length - 1 & 63));
  v[0] = wrap(v[0] + w[0]);
  w[0] = wrap(w[0] + v[0]);
  round(length - 64, by, { v: 9n, w: 9n });
  // The last round has exchanged x and z.
  [x, z] = [z, x];
  return hash16(
    wrap(hash16(v[0], w[0], by) + shiftMix(y) * K0 + x),
    wrap(hash16(v[1], w[1], by) + z),
    by,
  );
}
