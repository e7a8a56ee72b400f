/**
 * Expressions of vectors of 128 bits: four floats, four integers, two doubles. Comparisons give an {@linkcode I32x4} of all-one and all-zero lanes.
 *
 * @module
 */
import { f32, i32 } from "./scalar_values.ts";
import { simd, Value } from "./value.ts";

const floats = (value: F32x4 | number): F32x4 => typeof value === "number" ? f32(value).splat() : value;
const integers = (value: I32x4 | number): I32x4 => typeof value === "number" ? i32(value).splat() : value;

/** A constant of four 32-bit integers. */
export const i32x4 = (...lanes: [number, number, number, number]): I32x4 =>
  new I32x4([0xfd, 12, ...new Uint8Array(Int32Array.from(lanes).buffer)]);

/** Four float32. */
export class F32x4 extends Value {
  /** The type's code. */
  static readonly code = 0x7b;

  /** This + other, lane by lane, as all that follows. */
  add(other: F32x4 | number): F32x4 {
    return new F32x4(simd(228, this, floats(other)));
  }

  /** This − other. */
  subtract(other: F32x4 | number): F32x4 {
    return new F32x4(simd(229, this, floats(other)));
  }

  /** This · other. */
  multiply(other: F32x4 | number): F32x4 {
    return new F32x4(simd(230, this, floats(other)));
  }

  /** This / other. */
  divide(other: F32x4 | number): F32x4 {
    return new F32x4(simd(231, this, floats(other)));
  }

  /** This · factor + addend with one rounding where the processor has that, with two where not. */
  fusedMultiplyAdd(factor: F32x4, addend: F32x4): F32x4 {
    return new F32x4(simd(0x105, this, factor, addend));
  }

  /** The square root. */
  squareRoot(): F32x4 {
    return new F32x4(simd(227, this));
  }

  /** −this. */
  negate(): F32x4 {
    return new F32x4(simd(225, this));
  }

  /** The size without the sign. */
  absolute(): F32x4 {
    return new F32x4(simd(224, this));
  }

  /** `bound` where this is less than it, this otherwise and where this is NaN. */
  atLeast(bound: F32x4 | number): F32x4 {
    return new F32x4(simd(235, this, floats(bound)));
  }

  /** `bound` where this is greater than it, this otherwise and where this is NaN. */
  atMost(bound: F32x4 | number): F32x4 {
    return new F32x4(simd(234, this, floats(bound)));
  }

  /** A mask of the lanes that are equal. */
  equals(other: F32x4 | number): I32x4 {
    return new I32x4(simd(65, this, floats(other)));
  }

  /** A mask of the lanes where this is less than other. */
  less(other: F32x4 | number): I32x4 {
    return new I32x4(simd(67, this, floats(other)));
  }

  /** A mask of the lanes where this is greater than other. */
  greater(other: F32x4 | number): I32x4 {
    return new I32x4(simd(68, this, floats(other)));
  }

  /** A mask of the lanes where this is at most other. */
  lessOrEqual(other: F32x4 | number): I32x4 {
    return new I32x4(simd(69, this, floats(other)));
  }

  /** The bits of the floats. */
  bits(): I32x4 {
    return new I32x4(this.pieces);
  }

  /** This where the mask is set, zero elsewhere. */
  where(mask: I32x4): F32x4 {
    return new F32x4(simd(78, this, mask));
  }

  /** Four lanes out of the eight of this (0…3) and `other` (4…7). */
  shuffle(other: F32x4, lanes: readonly number[]): F32x4 {
    return new F32x4([
      this.pieces,
      other.pieces,
      0xfd,
      13,
      ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ]);
  }

  /** Lanes 0 and 1 in double precision. */
  promoteLow(): F64x2 {
    return new F64x2(simd(95, this));
  }
}

/** Four 32-bit integers, or a mask of four lanes. */
export class I32x4 extends Value {
  /** The type's code. */
  static readonly code = 0x7b;

  /** This + other, lane by lane, as all that follows. */
  add(other: I32x4 | number): I32x4 {
    return new I32x4(simd(174, this, integers(other)));
  }

  /** This − other. */
  subtract(other: I32x4 | number): I32x4 {
    return new I32x4(simd(177, this, integers(other)));
  }

  /** This · other, modulo 2³². */
  multiply(other: I32x4 | number): I32x4 {
    return new I32x4(simd(181, this, integers(other)));
  }

  /** The bits that both have. */
  and(other: I32x4 | number): I32x4 {
    return new I32x4(simd(78, this, integers(other)));
  }

  /** The bits that either has. */
  or(other: I32x4 | number): I32x4 {
    return new I32x4(simd(80, this, integers(other)));
  }

  /** The bits that one of the two has. */
  xor(other: I32x4 | number): I32x4 {
    return new I32x4(simd(81, this, integers(other)));
  }

  /** This · 2^count. */
  shiftLeft(count: number): I32x4 {
    return new I32x4(simd(171, this, i32(count)));
  }

  /** Shifts right; the sign is kept. */
  shiftRight(count: number): I32x4 {
    return new I32x4(simd(172, this, i32(count)));
  }

  /** Shifts right; zeros come in. */
  shiftRightUnsigned(count: number): I32x4 {
    return new I32x4(simd(173, this, i32(count)));
  }

  /** A mask of the lanes where this is greater than other, as signed integers. */
  greater(other: I32x4 | number): I32x4 {
    return new I32x4(simd(59, this, integers(other)));
  }

  /** A mask of the lanes that are equal. */
  equals(other: I32x4 | number): I32x4 {
    return new I32x4(simd(55, this, integers(other)));
  }

  /** A mask of the lanes where this is greater than other, as unsigned integers. */
  above(other: I32x4 | number): I32x4 {
    return new I32x4(simd(60, this, integers(other)));
  }

  /** The floats that have these bits. */
  asFloats(): F32x4 {
    return new F32x4(this.pieces);
  }

  /** The integers as floats. */
  toFloats(): F32x4 {
    return new F32x4(simd(250, this));
  }

  /** Of a mask: `yes` where it is set, `no` elsewhere. */
  select(yes: F32x4 | number, no: F32x4 | number): F32x4 {
    return new F32x4(simd(82, floats(yes), floats(no), this));
  }
}

/** Two float64. */
export class F64x2 extends Value {
  /** The type's code. */
  static readonly code = 0x7b;

  /** This + other, lane by lane. */
  add(other: F64x2): F64x2 {
    return new F64x2(simd(240, this, other));
  }

  /** This · other, lane by lane. */
  multiply(other: F64x2): F64x2 {
    return new F64x2(simd(242, this, other));
  }
}
