/**
 * Expressions of single numbers: integers, which are addresses too, and floats.
 *
 * @module
 */
import { float32, signed, unsigned } from "./encoding.ts";
import { type Pieces, simd, Value } from "./value.ts";
import { F32x4, I32x4 } from "./vector_values.ts";

const plain = (opcode: number, a: Value, b: Value): Pieces => [a.pieces, b.pieces, opcode];
const select = (condition: Value, yes: Value, no: Value): Pieces => [yes.pieces, no.pieces, condition.pieces, 0x1b];
const load = (opcode: Pieces, address: Value, offset: number): Pieces => [address.pieces, opcode, unsigned(offset)];
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

  /** This − other. */
  subtract(other: I32 | number): I32 {
    return new I32(plain(0x6b, this, integer(other)));
  }

  /** This · other, modulo 2³². */
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

  /** This · 2^other. */
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
