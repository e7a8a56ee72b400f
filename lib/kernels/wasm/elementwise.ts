/**
 * Elementwise kernels: functions of one and two arguments, gradients, and multiples.
 *
 * @module
 */
import type { BinaryName, UnaryName } from "../interface.ts";
import { type Code, F32, f32, type F32x4, I32 } from "./assembler/mod.ts";
import { exponential, hyperbolicTangent, logarithm, logistic } from "./functions.ts";
import type { Features, KernelModule } from "./kernel.ts";
import { defineElementwise } from "./vectors.ts";

interface Unary {
  function(x: F32x4, code: Code, features: Features): F32x4;
  /** The gradient of x given that of y, with y the function of x. */
  gradient(operands: { x: F32x4; y: F32x4; gradient: F32x4 }): F32x4;
}

const one = (): F32x4 => f32(1).splat();

const unaries: Readonly<Record<UnaryName, Unary>> = {
  relu: {
    function: (x) => x.atLeast(0),
    gradient: ({ y, gradient }) => gradient.multiply(y.greater(0).select(1, 0)),
  },
  tanh: {
    function: (x, code, features) => hyperbolicTangent(code, features, x),
    gradient: ({ y, gradient }) => gradient.multiply(one().subtract(y.multiply(y))),
  },
  sigmoid: {
    function: (x, code, features) => logistic(code, features, x),
    gradient: ({ y, gradient }) => gradient.multiply(y.multiply(one().subtract(y))),
  },
  exp: {
    function: (x, code, features) => exponential(code, features, x),
    gradient: ({ y, gradient }) => gradient.multiply(y),
  },
  log: {
    function: (x, code, features) => logarithm(code, features, x),
    gradient: ({ x, gradient }) => gradient.divide(x),
  },
  sqrt: {
    function: (x) => x.squareRoot(),
    gradient: ({ y, gradient }) => gradient.multiply(f32(0.5).splat().divide(y)),
  },
  square: {
    function: (x) => x.multiply(x),
    gradient: ({ x, gradient }) => gradient.multiply(x).multiply(2),
  },
  abs: {
    function: (x) => x.absolute(),
    gradient: ({ x, gradient }) => gradient.multiply(x.greater(0).select(1, x.less(0).select(-1, 0))),
  },
  negate: {
    function: (x) => x.negate(),
    gradient: ({ gradient }) => gradient.negate(),
  },
  sign: {
    function: (x) => x.equals(x).select(x.greater(0).select(1, -1), x),
    gradient: ({ x, gradient }) => gradient.multiply(x.absolute().lessOrEqual(1).select(1, 0)),
  },
};

const binaries: Readonly<Record<BinaryName, (a: F32x4, b: F32x4) => F32x4>> = {
  add: (a, b) => a.add(b),
  subtract: (a, b) => a.subtract(b),
  multiply: (a, b) => a.multiply(b),
  divide: (a, b) => a.divide(b),
};

/** Adds unary_…, gradient_…, binary_… and scale; the last three also as add_…, which adds to the output. */
export function defineElementwiseKernels(target: KernelModule): void {
  for (const [name, { function: apply, gradient: derive }] of Object.entries(unaries)) {
    defineElementwise(target, `unary_${name}`, { x: I32, out: I32 }, ({ code, values: { x, out }, load, store }) => {
      store(out, apply(load(x), code, target.features));
    });
    const parameters = { x: I32, y: I32, gradient: I32, out: I32 };
    for (const prefix of ["", "add_"]) {
      defineElementwise(
        target,
        `${prefix}gradient_${name}`,
        parameters,
        ({ values: { x, y, gradient, out }, load, store }) => {
          const result = derive({ x: load(x), y: load(y), gradient: load(gradient) });
          store(out, prefix === "" ? result : load(out).add(result));
        },
      );
    }
  }
  for (const prefix of ["", "add_"]) {
    for (const [name, apply] of Object.entries(binaries)) {
      const parameters = { a: I32, b: I32, out: I32 };
      defineElementwise(target, `${prefix}binary_${name}`, parameters, ({ values: { a, b, out }, load, store }) => {
        const result = apply(load(a), load(b));
        store(out, prefix === "" ? result : load(out).add(result));
      });
    }
    const parameters = { x: I32, factor: F32, out: I32 };
    defineElementwise(target, `${prefix}scale`, parameters, ({ values: { x, factor, out }, load, store }) => {
      const result = load(x).multiply(factor);
      store(out, prefix === "" ? result : load(out).add(result));
    });
  }
}
