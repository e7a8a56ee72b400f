/**
 * Elementwise kernels in plain TypeScript, with what goes over arrays in one pass as they do: the mask of dropout, a step of an LSTM (Hochreiter & Schmidhuber
 * 1997; forget gate of Gers et al. 2000), and the optimisers' updates.
 *
 * @module
 */
import type { AdamStep, BinaryName, Kernels, LstmStepShape, SgdStep, UnaryName } from "../interface.ts";
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

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** See {@linkcode Kernels.lstmCell}. */
export function lstmCell(arrays: Parameters<Kernels["lstmCell"]>[0], { rows, units, carried }: LstmStepShape): void {
  const { gates, before, cells, squashed, out } = arrays;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let unit = 0, gate = 4 * row * units; unit < units; unit++, gate++, at++) {
      const input = gates[gate] = logistic(gates[gate]);
      const forget = gates[gate + units] = logistic(gates[gate + units]);
      const candidate = gates[gate + 2 * units] = Math.tanh(gates[gate + 2 * units]);
      const output = gates[gate + 3 * units] = logistic(gates[gate + 3 * units]);
      cells[at] = forget * (row < carried ? before[at] : 0) + input * candidate;
      squashed[at] = Math.tanh(cells[at]);
      out[at] = output * squashed[at];
    }
  }
}

/** See {@linkcode Kernels.lstmCellGradient}. */
export function lstmCellGradient(
  arrays: Parameters<Kernels["lstmCellGradient"]>[0],
  { rows, units, carried }: LstmStepShape,
): void {
  const { gates, before, squashed, gradient, cellGradient } = arrays;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let unit = 0, gate = 4 * row * units; unit < units; unit++, gate++, at++) {
      const input = gates[gate], forget = gates[gate + units];
      const candidate = gates[gate + 2 * units], output = gates[gate + 3 * units];
      const ofCell = cellGradient[at] + gradient[at] * output * (1 - squashed[at] * squashed[at]);
      gates[gate] = ofCell * candidate * input * (1 - input);
      gates[gate + units] = ofCell * (row < carried ? before[at] : 0) * forget * (1 - forget);
      gates[gate + 2 * units] = ofCell * input * (1 - candidate * candidate);
      gates[gate + 3 * units] = gradient[at] * squashed[at] * output * (1 - output);
      cellGradient[at] = ofCell * forget;
    }
  }
}

/** The smallest normal float32. */
const smallestNormal = 2 ** -126;

/** See {@linkcode Kernels.sgd}. */
export function sgd(
  parameter: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | null,
  step: SgdStep,
): void {
  const { learningRate, momentum, weightDecay, nesterov } = step;
  for (let i = 0; i < parameter.length; i++) {
    const slope = gradient[i] + weightDecay * parameter[i];
    if (velocity === null) {
      parameter[i] -= learningRate * slope;
    } else {
      const speed = velocity[i] = withoutSubnormals(momentum * velocity[i] + slope);
      parameter[i] -= learningRate * (nesterov ? slope + momentum * speed : speed);
    }
  }
}

/** See {@linkcode Kernels.adam}. */
export function adam(
  parameter: Float32Array,
  gradient: Float32Array,
  moments: { mean: Float32Array; square: Float32Array },
  step: AdamStep,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled } = step;
  const { mean, square } = moments;
  const correction1 = 1 - beta1 ** step.step;
  const correction2 = 1 - beta2 ** step.step;
  const stepSize = learningRate / correction1;
  const rootCorrection = 1 / Math.sqrt(correction2);
  const coupledDecay = decoupled ? 0 : weightDecay;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  for (let i = 0; i < parameter.length; i++) {
    const slope = gradient[i] + coupledDecay * parameter[i];
    const first = mean[i] = withoutSubnormals(beta1 * mean[i] + (1 - beta1) * slope);
    const second = square[i] = withoutSubnormals(beta2 * square[i] + (1 - beta2) * slope * slope);
    parameter[i] = parameter[i] * shrink - stepSize * first / (Math.sqrt(second) * rootCorrection + epsilon);
  }
}

function withoutSubnormals(value: number): number {
  return Math.abs(value) < smallestNormal ? 0 : value;
}
