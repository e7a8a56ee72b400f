/**
 * Arithmetic of two tensors, with broadcasting as in NumPy, and the way back: summing a gradient over the repeated axes.
 *
 * @module
 */
import { type BinaryName, currentRegion, kernels } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation, type TapeEntry } from "../record.ts";
import { broadcastShapes, broadcastStrides, sameShape, walk } from "../shapes.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** Runs and records an elementwise operation of two tensors. */
function binaryOperation(name: BinaryName, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const data = currentRegion().float32(sizeOf(shape));
  if (name === "add" && sameShape(a.shape, shape) && b.rank === 1 && b.shape[0] === shape[shape.length - 1]) {
    const columns = b.size;
    if (columns > 0) kernels().addRow(a.data, b.data, data, { rows: a.size / columns, columns });
  } else {
    kernels().binary(name, expand(a.data, a.shape, shape), expand(b.data, b.shape, shape), data, false);
  }
  return recordOperation({ op: name, inputs: [a, b], shape, data });
}

/** The values repeated to the wanted shape; the array itself when nothing repeats. */
function expand(data: Float32Array, from: readonly number[], to: readonly number[]): Float32Array {
  if (sizeOf(from) === sizeOf(to)) return data;
  const out = currentRegion().float32(sizeOf(to));
  if (data.length === 1) return out.fill(data[0]);
  walk(to, broadcastStrides(from, to), (index, offset) => {
    out[index] = data[offset];
  });
  return out;
}

/** Sums `gradient`, of shape `from`, over the axes that were repeated from `to`, into `out`. */
function sumToShape(
  gradient: Float32Array,
  from: readonly number[],
  options: { to: readonly number[]; out: Float32Array; accumulate: boolean },
): void {
  const { to, out, accumulate } = options;
  if (gradient.length === out.length) return kernels().scale(gradient, 1, out, accumulate);
  if (to.length === 1 && to[0] === from[from.length - 1] && gradient.length > 0) {
    return kernels().columnSums(gradient, out, { rows: gradient.length / to[0], columns: to[0], accumulate });
  }
  const sums = new Float64Array(out.length);
  walk(from, broadcastStrides(to, from), (index, offset) => {
    sums[offset] += gradient[index];
  });
  for (let i = 0; i < out.length; i++) out[i] = accumulate ? out[i] + sums[i] : sums[i];
}

/**
 * The gradient rule of an elementwise operation of two tensors: `partials[i]` gives the derivative of the loss with respect to input i before
 * the sum over repeated axes, from the operands repeated to the output's shape.
 */
function binaryGradient(
  partials: readonly ((gradient: Float32Array, a: Float32Array, b: Float32Array) => Float32Array)[],
): GradientRule {
  return ({ inputs, output }: TapeEntry, gradient, into) => {
    const [a, b] = inputs;
    partials.forEach((partial, input) =>
      into(input, (out, accumulate) => {
        const full = partial(gradient, expand(a.data, a.shape, output.shape), expand(b.data, b.shape, output.shape));
        sumToShape(full, output.shape, { to: inputs[input].shape, out, accumulate });
      })
    );
  };
}

/** a + b, elementwise, with broadcasting. */
export function add(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("add", a, b);
}

/** Gradient rule of {@linkcode add}. */
export const addGradient: GradientRule = binaryGradient([(gradient) => gradient, (gradient) => gradient]);

/** a - b, elementwise, with broadcasting. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("subtract", a, b);
}

/** Gradient rule of {@linkcode subtract}. */
export const subtractGradient: GradientRule = binaryGradient([
  (gradient) => gradient,
  (gradient) => {
    const out = currentRegion().float32(gradient.length);
    kernels().unary("negate", gradient, out);
    return out;
  },
]);

/** a * b, elementwise, with broadcasting. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("multiply", a, b);
}

/** Gradient rule of {@linkcode multiply}. */
export const multiplyGradient: GradientRule = binaryGradient([
  (gradient, _a, b) => product(gradient, b),
  (gradient, a) => product(gradient, a),
]);

function product(a: Float32Array, b: Float32Array): Float32Array {
  const out = currentRegion().float32(a.length);
  kernels().binary("multiply", a, b, out, false);
  return out;
}

/** a / b, elementwise, with broadcasting. */
export function divide(a: Tensor, b: Tensor): Tensor {
  return binaryOperation("divide", a, b);
}

/** Gradient rule of {@linkcode divide}. */
export const divideGradient: GradientRule = binaryGradient([
  (gradient, _a, b) => {
    const out = currentRegion().float32(gradient.length);
    kernels().binary("divide", gradient, b, out, false);
    return out;
  },
  (gradient, a, b) => {
    const out = currentRegion().float32(gradient.length);
    for (let i = 0; i < out.length; i++) out[i] = -gradient[i] * a[i] / (b[i] * b[i]);
    return out;
  },
]);

/** factor * x for a number, elementwise. */
export function scale(x: Tensor, factor: number): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().scale(x.data, factor, data, false);
  return recordOperation({ op: "scale", inputs: [x], shape: x.shape, data, attributes: factor });
}

/** Gradient rule of {@linkcode scale}. */
export const scaleGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, attributes as number, out, accumulate));
