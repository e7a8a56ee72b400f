/**
 * Typed expressions: the instructions that compute a value. Scalars and the vectors of 32-bit and 64-bit lanes, which are made from each other.
 *
 * @module
 */
import { float32, signed, unsigned } from "./encoding.ts";

/** Instructions in pieces, which are put together when the whole function is encoded. */
export type Pieces = readonly (number | Pieces)[];

/** An expression; `local` is the number of the local variable when it is one. */
export abstract class Value {
  /** Makes the expression from the instructions that compute it. */
  constructor(readonly pieces: Pieces, readonly local?: number) {}
}

/** What makes expressions of one type, and that type's code in the binary format. */
export interface ValueClass<V extends Value> {
  /** Makes the expression from the instructions that compute it. */
  new (pieces: Pieces, local?: number): V;
  /** The type's code. */
  readonly code: number;
}

/** A SIMD instruction after those that compute its operands. */
export function simd(opcode: number, a: Value, b?: Value, c?: Value): Pieces {
  const instruction = [0xfd, ...unsigned(opcode)];
  if (b === undefined) return [a.pieces, instruction];
  return c === undefined ? [a.pieces, b.pieces, instruction] : [a.pieces, b.pieces, c.pieces, instruction];
}

const plain = (opcode: number, a: Value, b: Value): Pieces => [a.pieces, b.pieces, opcode];
const select = (condition: Value, yes: Value, no: Value): Pieces => [yes.pieces, no.pieces, condition.pieces, 0x1b];

/** Reads memory at an address and a constant offset. */
export const load = (
  opcode: Pieces,
  address: Value,
  offset: number,
): Pieces => [address.pieces, opcode, unsigned(offset)];

const integer = (value: I32 | number): I32 => typeof value === "number" ? i32(value) : value;

/** A 32-bit integer constant. */
export const i32 = (value: number): I32 => new I32([0x41, ...signed(value)]);

/** A float32 constant. */
export const f32 = (value: number): F32 => new F32([0x43, ...float32(value)]);

/** A 32-bit integer or an address. Comparisons are unsigned and give 1 or 0. */
export class I32 extends Value {
  /** The type's code. */
  static readonly code = 0x7f;

  /** This + other. */
  add(other: I32 | number): I32 {
    return other === 0 ? this : new I32(plain(0x6a, this, integer(other)));
  }

  /** This - other. */
  subtract(other: I32 | number): I32 {
    return new I32(plain(0x6b, this, integer(other)));
  }

  /** This * other, modulo 2^32. */
  multiply(other: I32 | number): I32 {
    return new I32(plain(0x6c, this, integer(other)));
  }

  /** The quotient of this by other, rounded down. */
  divide(other: I32 | number): I32 {
    return new I32(plain(0x6e, this, integer(other)));
  }

  /** The remainder of this by other. */
  remainder(other: I32 | number): I32 {
    return new I32(plain(0x70, this, integer(other)));
  }

  /** The bits that both have. */
  and(other: I32 | number): I32 {
    return new I32(plain(0x71, this, integer(other)));
  }

  /** The bits that either has. */
  or(other: I32 | number): I32 {
    return new I32(plain(0x72, this, integer(other)));
  }

  /** This * 2^other. */
  shiftLeft(other: I32 | number): I32 {
    return new I32(plain(0x74, this, integer(other)));
  }

  /** This / 2^other, rounded down. */
  shiftRight(other: I32 | number): I32 {
    return new I32(plain(0x76, this, integer(other)));
  }

  /** Whether the two are equal. */
  equals(other: I32 | number): I32 {
    return new I32(plain(0x46, this, integer(other)));
  }

  /** Whether the two differ. */
  differs(other: I32 | number): I32 {
    return new I32(plain(0x47, this, integer(other)));
  }

  /** Whether this is less than other. */
  below(other: I32 | number): I32 {
    return new I32(plain(0x49, this, integer(other)));
  }

  /** Whether this is greater than other. */
  above(other: I32 | number): I32 {
    return new I32(plain(0x4b, this, integer(other)));
  }

  /** The bits of the float nearest to this. */
  floatBits(): I32 {
    return new I32([this.pieces, 0xb3, 0xbc]);
  }

  /** The number of zero bits below the lowest one bit. */
  trailingZeros(): I32 {
    return new I32([this.pieces, 0x68]);
  }

  /** This where `condition` is not 0, `other` where it is. */
  when(condition: I32, other: I32 | number): I32 {
    return new I32(select(condition, this, integer(other)));
  }

  /** The smaller of the two. Both are computed twice. */
  minimum(other: I32 | number): I32 {
    return this.when(this.below(other), other);
  }

  /** The larger of the two. Both are computed twice. */
  maximum(other: I32 | number): I32 {
    return this.when(this.above(other), other);
  }

  /** The integer at this address. */
  loadI32(offset = 0): I32 {
    return new I32(load([0x28, 2], this, offset));
  }

  /** The two bytes at this address as an unsigned integer. */
  loadU16(offset = 0): I32 {
    return new I32(load([0x2f, 0], this, offset));
  }

  /** The byte at this address. */
  loadU8(offset = 0): I32 {
    return new I32(load([0x2d, 0], this, offset));
  }

  /** The float at this address. */
  loadF32(offset = 0): F32 {
    return new F32(load([0x2a, 2], this, offset));
  }

  /** Four floats; the address need not be aligned. */
  loadF32x4(offset = 0): F32x4 {
    return new F32x4(load([0xfd, 0, 2], this, offset));
  }

  /** One float in all four lanes. */
  splatF32(offset = 0): F32x4 {
    return new F32x4(load([0xfd, 9, 2], this, offset));
  }

  /** One float in the first lane, zero in the others. */
  loadF32Lane(offset = 0): F32x4 {
    return new F32x4(load([0xfd, 92, 2], this, offset));
  }

  /** Four unsigned bytes as integers. */
  loadU8x4(offset = 0): I32x4 {
    return new I32x4(simd(169, new I32x4(simd(137, new I32x4(load([0xfd, 92, 0], this, offset))))));
  }

  /** This in all four lanes. */
  splat(): I32x4 {
    return new I32x4(simd(17, this));
  }
}

/** A float32. */
export class F32 extends Value {
  /** The type's code. */
  static readonly code = 0x7d;

  /** This where `condition` is not 0, `other` where it is. */
  when(condition: I32, other: F32): F32 {
    return new F32(select(condition, this, other));
  }

  /** This in all four lanes. */
  splat(): F32x4 {
    return new F32x4(simd(19, this));
  }
}

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

  /** This - other. */
  subtract(other: F32x4 | number): F32x4 {
    return new F32x4(simd(229, this, floats(other)));
  }

  /** This * other. */
  multiply(other: F32x4 | number): F32x4 {
    return new F32x4(simd(230, this, floats(other)));
  }

  /** This / other. */
  divide(other: F32x4 | number): F32x4 {
    return new F32x4(simd(231, this, floats(other)));
  }

  /** This * factor + addend with one rounding where the processor has that, with two where not. */
  fusedMultiplyAdd(factor: F32x4, addend: F32x4): F32x4 {
    return new F32x4(simd(0x105, this, factor, addend));
  }

  /** The square root. */
  squareRoot(): F32x4 {
    return new F32x4(simd(227, this));
  }

  /** -this. */
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

  /** Four lanes out of the eight of this (0...3) and `other` (4...7). */
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

  /** This - other. */
  subtract(other: I32x4 | number): I32x4 {
    return new I32x4(simd(177, this, integers(other)));
  }

  /** This * other, modulo 2^32. */
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

  /** This * 2^count. */
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

  /** This * other, lane by lane. */
  multiply(other: F64x2): F64x2 {
    return new F64x2(simd(242, this, other));
  }
}
