/**
 * Vectors of 16-bit and 8-bit integers: expressions as in values.ts, for exact products and sums of small numbers.
 *
 * @module
 */
import { type F32x4, I32, I32x4, load, simd, Value } from "./values.ts";
/** Eight 16-bit integers. */
export class I16x8 extends Value {
  /** The type's code. */
  static readonly code = 0x7b;

  /** Eight integers in memory; the address need not be aligned. */
  static load(address: I32, offset = 0): I16x8 {
    return new I16x8(load([0xfd, 0, 0], address, offset));
  }

  /** Eight signed bytes in memory. */
  static loadS8(address: I32, offset = 0): I16x8 {
    return new I16x8(load([0xfd, 1, 0], address, offset));
  }

  /** Eight unsigned bytes in memory. */
  static loadU8(address: I32, offset = 0): I16x8 {
    return new I16x8(load([0xfd, 2, 0], address, offset));
  }

  /** Eight zeros. */
  static zero(): I16x8 {
    return new I16x8([0xfd, 12, ...new Uint8Array(16)]);
  }

  /** Two vectors in one; what does not fit becomes the nearest that does. */
  static narrow(low: I32x4, high: I32x4): I16x8 {
    return new I16x8(simd(133, low, high));
  }

  add(other: I16x8): I16x8 {
    return new I16x8(simd(142, this, other));
  }

  /** -1 where this is greater than other, as signed numbers, else 0. */
  greater(other: I16x8): I16x8 {
    return new I16x8(simd(49, this, other));
  }

  subtract(other: I16x8): I16x8 {
    return new I16x8(simd(145, this, other));
  }

  xor(other: I16x8): I16x8 {
    return new I16x8(simd(81, this, other));
  }

  /** The products of neighbours, added two by two. The bits of four 32-bit integers are eight 16-bit integers. */
  dot(other: I16x8 | I32x4): I32x4 {
    return new I32x4(simd(186, this, other));
  }

  /** Neighbours added two by two. */
  pairSums(): I32x4 {
    return new I32x4(simd(126, this));
  }

  /** The first four. */
  low(): I32x4 {
    return new I32x4(simd(167, this));
  }

  /** The last four. */
  high(): I32x4 {
    return new I32x4(simd(168, this));
  }
}

/** Sixteen 8-bit integers. */
export class I8x16 extends Value {
  /** The type's code. */
  static readonly code = 0x7b;

  /** Sixteen integers in memory; the address need not be aligned. */
  static load(address: I32, offset = 0): I8x16 {
    return new I8x16(load([0xfd, 0, 0], address, offset));
  }

  /** Two bytes in memory, eight times over; the address need not be aligned. */
  static splatPair(address: I32, offset = 0): I8x16 {
    return new I8x16(load([0xfd, 8, 0], address, offset));
  }

  /** A constant. */
  static constant(lanes: ArrayLike<number>): I8x16 {
    return new I8x16([0xfd, 12, ...Uint8Array.from(lanes)]);
  }

  /** The lowest byte of an integer in all lanes. */
  static splat(value: I32): I8x16 {
    return new I8x16(simd(15, value));
  }

  /** The bytes of another vector. */
  static of(vector: F32x4): I8x16 {
    return new I8x16(vector.pieces);
  }

  /** Two vectors in one; what does not fit becomes the nearest that does. */
  static narrow(low: I16x8, high: I16x8): I8x16 {
    return new I8x16(simd(101, low, high));
  }

  add(other: I8x16): I8x16 {
    return new I8x16(simd(110, this, other));
  }

  and(other: I8x16): I8x16 {
    return new I8x16(simd(78, this, other));
  }

  or(other: I8x16): I8x16 {
    return new I8x16(simd(80, this, other));
  }

  /** The first eight as unsigned numbers. */
  lowUnsigned(): I16x8 {
    return new I16x8(simd(137, this));
  }

  /** How many bits each byte has set. */
  popcount(): I8x16 {
    return new I8x16(simd(98, this));
  }

  /** -1 where this is greater than other, as signed numbers, else 0. */
  greater(other: I8x16): I8x16 {
    return new I8x16(simd(39, this, other));
  }

  /** -1 where a byte is not zero, else 0. */
  isNotZero(): I8x16 {
    return new I8x16(simd(36, this, I8x16.constant(new Uint8Array(16))));
  }

  /** Neighbours added two by two, as signed numbers. */
  pairSums(): I16x8 {
    return new I16x8(simd(124, this));
  }

  /** Neighbours added two by two, as unsigned numbers. */
  pairSumsUnsigned(): I16x8 {
    return new I16x8(simd(125, this));
  }

  /**
   * The products of neighbours, added two by two. Relaxed SIMD: factors of `other` above 127, and sums that leave 16 bits, are what the processor makes
   * of them.
   */
  relaxedDot(other: I8x16): I16x8 {
    return new I16x8(simd(0x112, this, other));
  }

  /** The sign bits, lane 0 in the lowest. */
  signBits(): I32 {
    return new I32(simd(100, this));
  }
}
