/**
 * Exponential, logarithm and hyperbolic tangent of four floats, by range reduction and a polynomial. The errors are at most 2, 2 and 3 units in
 * the last place.
 *
 * Source of the polynomials: S. L. Moshier, Cephes Mathematical Library, single precision (`expf.c`, `logf.c`, `tanhf.c`).
 *
 * @module
 */
import type { Code, F32x4 } from "./assembler/mod.ts";
import { f32 } from "./assembler/mod.ts";
import { type Features, multiplyAdd } from "./kernel.ts";

/** ln 2 in two parts; the first has so few bits that its products with small integers are exact. */
const ln2High = 0.693359375, ln2Low = -2.12194440e-4;

/** Adding 1.5*2^23 to a small number rounds it to an integer, which then stands in the lowest bits of the sum. */
const rounder = 12_582_912, rounderBits = 0x4b400000;

/** The polynomial of `x` with these coefficients, highest power first. */
function polynomial(features: Features, x: F32x4, coefficients: readonly number[]): F32x4 {
  return coefficients.slice(1).reduce(
    (sum, coefficient) => multiplyAdd(features, sum, x, f32(coefficient).splat()),
    f32(coefficients[0]).splat(),
  );
}

/** e^x: 2^n*e^r with x = n*ln 2 + r. Underflows to 0 and overflows to infinity where float32 does. */
export function exponential(code: Code, features: Features, value: F32x4): F32x4 {
  const x = code.let(value.atLeast(-104).atMost(89));
  const shifted = code.let(multiplyAdd(features, x, f32(Math.LOG2E).splat(), f32(rounder).splat()));
  const n = code.let(shifted.subtract(rounder));
  const rough = multiplyAdd(features, n, f32(-ln2High).splat(), x);
  const r = code.let(multiplyAdd(features, n, f32(-ln2Low).splat(), rough));
  const tail = polynomial(features, r, [
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
  ]);
  const power = code.let(multiplyAdd(features, tail, r.multiply(r), r).add(1));
  // 2^n is applied in two halves, because it alone may not be a float32 where the product is.
  const exponent = code.let(shifted.bits().subtract(rounderBits)), half = code.let(exponent.shiftRight(1));
  const powerOfTwo = (e: typeof exponent): F32x4 => e.add(127).shiftLeft(23).asFloats();
  return code.let(power.multiply(powerOfTwo(half)).multiply(powerOfTwo(exponent.subtract(half))));
}

/** ln x: e*ln 2 + ln m with x = m*2^e and m near 1. */
export function logarithm(code: Code, features: Features, value: F32x4): F32x4 {
  const x = code.let(value);
  const tiny = code.let(x.less(2 ** -126));
  const bits = code.let(tiny.select(x.multiply(2 ** 23), x).bits());
  const mantissa = code.let(bits.and(0x007fffff).or(0x3f000000).asFloats());
  const exponent = bits.shiftRight(23).and(0xff).subtract(126).toFloats().subtract(tiny.select(23, 0));
  const low = code.let(mantissa.less(Math.SQRT1_2));
  const e = code.let(exponent.subtract(low.select(1, 0)));
  const m = code.let(low.select(mantissa.add(mantissa), mantissa).subtract(1));
  const square = code.let(m.multiply(m));
  const tail = polynomial(features, m, [
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
  ]).multiply(m).multiply(square);
  const rest = multiplyAdd(features, e, f32(ln2Low).splat(), tail);
  const sum = m.add(multiplyAdd(features, square, f32(-0.5).splat(), rest));
  const finite = multiplyAdd(features, e, f32(ln2High).splat(), sum);
  const orInfinite = x.equals(Infinity).select(Infinity, x.equals(0).select(-Infinity, finite));
  return code.let(x.less(0).select(NaN, x.equals(x).select(orInfinite, x)));
}

/** tanh x: a polynomial near 0, 1 - 2/(e^2x + 1) with the sign of x elsewhere. */
export function hyperbolicTangent(code: Code, features: Features, value: F32x4): F32x4 {
  const x = code.let(value), size = code.let(x.absolute());
  const large = f32(1).splat().subtract(f32(2).splat().divide(exponential(code, features, size.add(size)).add(1)));
  const square = code.let(x.multiply(x));
  const tail = polynomial(features, square, [
    -5.70498872745e-3,
    2.06390887954e-2,
    -5.37397155531e-2,
    1.33314422036e-1,
    -3.33332819422e-1,
  ]).multiply(square);
  const small = multiplyAdd(features, tail, x, x);
  const signed = code.let(large).bits().or(x.bits().and(-0x80000000)).asFloats();
  return code.let(size.greater(0.625).select(signed, small));
}

/** 1/(1 + e^-x). */
export function logistic(code: Code, features: Features, value: F32x4): F32x4 {
  return code.let(f32(1).splat().divide(exponential(code, features, value.negate()).add(1)));
}
