/**
 * Elementwise kernels, and the mask of dropout, in plain TypeScript.
 *
 * @module
 */
import type { BinaryName, UnaryName } from "../interface.ts";
import { hashColumn, rowKey } from "../../projection/hash.ts";

type Unary = (x: number) => number;
type UnaryDerivative = (x: number, y: number) => number;

const unaryFunctions: Readonly<Record<UnaryName, Unary>> = {
  relu: (x) => x < 0 ? 0 : x,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  abs: Math.abs,
  negate: (x) => -x,
  sign: (x) => x > 0 ? 1 : x <= 0 ? -1 : NaN,
};

const unaryDerivatives: Readonly<Record<UnaryName, UnaryDerivative>> = {
  relu: (_x, y) => y > 0 ? 1 : 0,
  tanh: (_x, y) => 1 - y * y,
  sigmoid: (_x, y) => y * (1 - y),
  exp: (_x, y) => y,
  log: (x) => 1 / x,
  sqrt: (_x, y) => 0.5 / y,
  square: (x) => 2 * x,
  abs: (x) => x > 0 ? 1 : x < 0 ? -1 : 0,
  negate: () => -1,
  sign: (x) => Math.abs(x) <= 1 ? 1 : 0,
};

const binaryFunctions: Readonly<Record<BinaryName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
};

/** See {@linkcode Kernels.unary}. */
export function unary(name: UnaryName, x: Float32Array, out: Float32Array): void {
  const apply = unaryFunctions[name];
  for (let i = 0; i < x.length; i++) out[i] = apply(x[i]);
}

/** See {@linkcode Kernels.unaryGradient}. */
export function unaryGradient(
  name: UnaryName,
  operands: { x: Float32Array; y: Float32Array; gradient: Float32Array },
  out: Float32Array,
  accumulate: boolean,
): void {
  const { x, y, gradient } = operands;
  const derivative = unaryDerivatives[name];
  if (accumulate) { for (let i = 0; i < x.length; i++) out[i] += gradient[i] * derivative(x[i], y[i]); }
  else for (let i = 0; i < x.length; i++) out[i] = gradient[i] * derivative(x[i], y[i]);
}

/** See {@linkcode Kernels.binary}. */
export function binary(
  name: BinaryName,
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  accumulate: boolean,
): void {
  const apply = binaryFunctions[name];
  if (accumulate) { for (let i = 0; i < a.length; i++) out[i] += apply(a[i], b[i]); }
  else for (let i = 0; i < a.length; i++) out[i] = apply(a[i], b[i]);
}

/** See {@linkcode Kernels.scale}. */
export function scale(x: Float32Array, factor: number, out: Float32Array, accumulate: boolean): void {
  if (accumulate) { for (let i = 0; i < x.length; i++) out[i] += x[i] * factor; }
  else for (let i = 0; i < x.length; i++) out[i] = x[i] * factor;
}

/** See {@linkcode Kernels.dropoutMask}. */
export function dropoutMask(
  out: Float32Array,
  options: { seed: number; step: number; limit: number; kept: number },
): void {
  const { seed, step, limit, kept } = options;
  const key = rowKey(seed, step);
  for (let i = 0; i < out.length; i++) out[i] = hashColumn(key, i) < limit ? 0 : kept;
}
