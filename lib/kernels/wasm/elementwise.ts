/**
 * Elementwise kernels: functions of one and two arguments, gradients, and multiples; and the mask of dropout.
 *
 * @module
 */
import type { BinaryName, UnaryName } from "../interface.ts";
import { type Code, F32, f32, type F32x4, I32, type I32x4, i32x4 } from "./assembler/mod.ts";
import { exponential, hyperbolicTangent, logarithm, logistic } from "./functions.ts";
import {
  defineElementwise,
  defineKernel,
  elementsPerUnit,
  type Features,
  forVectors,
  type KernelModule,
  storeLeft,
} from "./kernel.ts";
import { rowKey } from "../../projection/hash.ts";
import type { Engine } from "./engine.ts";

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

/** Adds unary_..., gradient_..., binary_... and scale; the last three also as add_..., which adds to the output. */
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

/** What a column is multiplied by in `hashColumn`, and the finaliser's factors; see projection/hash.ts. */
const golden = 0x9e3779b9, firstFactor = 0x7feb352d, secondFactor = 0x846ca68b;

/** About how long one entry takes. */
const nanosecondsPerEntry = 1;

/** Adds dropout_mask. */
export function defineDropout(target: KernelModule): void {
  const parameters = { length: I32, out: I32, key: I32, last: I32, kept: F32 };
  defineKernel(target, "dropout_mask", parameters, (code, p, { start, end }) => {
    const key = code.let(p.key.splat()), last = code.let(p.last.splat()), kept = code.let(p.kept.splat());
    const lanes = i32x4(0, golden, Math.imul(2, golden), Math.imul(3, golden));
    const bytes = code.let(end.multiply(elementsPerUnit).minimum(p.length).shiftLeft(2));
    forVectors(code, start.multiply(4 * elementsPerUnit), bytes, (at, left) => {
      const column = at.shiftRight(2).multiply(golden).splat().add(lanes);
      const hash = mix(code, mix(code, column.add(key)).xor(key));
      storeLeft(code, p.out.add(at), kept.where(hash.above(last)), left);
    });
  });
}

function mix(code: Code, value: I32x4): I32x4 {
  const shifted = (x: I32x4, count: number): I32x4 => {
    const number = code.let(x);
    return number.xor(number.shiftRightUnsigned(count));
  };
  const first = shifted(value, 16).multiply(firstFactor);
  return code.let(shifted(shifted(first, 15).multiply(secondFactor), 16));
}

/** See {@linkcode Kernels.dropoutMask}. */
export function dropoutMask(
  engine: Engine,
  out: Float32Array,
  { seed, step, limit, kept }: { seed: number; step: number; limit: number; kept: number },
): void {
  const { length } = out;
  // The kernel drops hashes up to and including `last`.
  const last = Math.ceil(limit) - 1;
  if (!(last >= 0)) {
    out.fill(kept);
    return;
  }
  const address = engine.operands.output(out, length);
  const values = [length, address, rowKey(seed, step), Math.min(last, 2 ** 32 - 1), kept];
  const units = Math.ceil(length / elementsPerUnit);
  engine.run("dropout_mask", { units, nanoseconds: nanosecondsPerEntry * length }, values);
}
