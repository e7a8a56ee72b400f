/**
 * Elementwise kernels: functions of one and two arguments, gradients, and multiples; and what goes over arrays in one pass as they do: the mask of dropout, a
 * step of an LSTM with its gradient (a unit of work is a row, the state of one sequence), and the optimisers' updates.
 *
 * @module
 */
import type { BinaryName, Kernels, LstmStepShape, UnaryName } from "../interface.ts";
import { type Code, F32, f32, type F32x4, I32, type I32x4, i32x4 } from "./assembler/mod.ts";
import { exponential, hyperbolicTangent, logarithm, logistic } from "./functions.ts";
import {
  defineElementwise,
  defineKernel,
  elementsPerUnit,
  type Features,
  forVectors,
  type KernelModule,
  multiplyAdd,
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

/** About how long a unit takes: forward, with five exponentials, and backward. */
const forwardNanoseconds = 7, backwardNanoseconds = 1.5;

/** Adds lstm_cell and lstm_cell_gradient. */
export function defineLstm(target: KernelModule): void {
  const { features } = target;
  const shape = { units: I32, carried: I32, gates: I32, before: I32, squashed: I32 };

  /** Visits four units at a time: the addresses of their gates, how many bytes the row has left, their cells before, and how to reach other arrays. */
  const forUnits = (
    code: Code,
    p: { units: I32; carried: I32; gates: I32; before: I32; squashed: I32 },
    { start, end }: { start: I32; end: I32 },
    body: (state: { gates: I32[]; left: I32; before: F32x4; within: (array: I32) => I32 }) => void,
  ): void => {
    const bytes = code.let(p.units.shiftLeft(2));
    code.for(start, end, 1, (row) => {
      const offset = code.let(row.multiply(bytes));
      const gates = code.let(p.gates.add(offset.shiftLeft(2)));
      // A sequence that begins here has nothing before; what is loaded in its place is masked out.
      const isCarried = code.let(row.below(p.carried));
      const before = code.let(p.before.when(isCarried, p.squashed).add(offset));
      const mask = code.let(isCarried.splat().equals(1));
      forVectors(code, 0, bytes, (at, left) => {
        const first = code.let(gates.add(at)), second = code.let(first.add(bytes));
        const third = code.let(second.add(bytes)), fourth = code.let(third.add(bytes));
        body({
          gates: [first, second, third, fourth],
          left,
          before: code.let(before.add(at).loadF32x4().where(mask)),
          within: (array) => array.add(offset).add(at),
        });
      });
    });
  };
  const complement = (x: F32x4): F32x4 => f32(1).splat().subtract(x);

  defineKernel(target, "lstm_cell", { ...shape, cells: I32, out: I32 }, (code, p, range) => {
    forUnits(code, p, range, ({ gates, left, before, within }) => {
      const [input, forget, candidate, output] = gates.map((gate, index) => {
        const activate = index === 2 ? hyperbolicTangent : logistic;
        return activate(code, features, gate.loadF32x4());
      });
      [input, forget, candidate, output].forEach((value, index) => storeLeft(code, gates[index], value, left));
      const cells = code.let(multiplyAdd(features, forget, before, input.multiply(candidate)));
      storeLeft(code, within(p.cells), cells, left);
      const squashed = hyperbolicTangent(code, features, cells);
      storeLeft(code, within(p.squashed), squashed, left);
      storeLeft(code, within(p.out), output.multiply(squashed), left);
    });
  });

  defineKernel(target, "lstm_cell_gradient", { ...shape, gradient: I32, cellGradient: I32 }, (code, p, range) => {
    forUnits(code, p, range, ({ gates, left, before, within }) => {
      const [input, forget, candidate, output] = gates.map((gate) => code.let(gate.loadF32x4()));
      const squashed = code.let(within(p.squashed).loadF32x4());
      const gradient = code.let(within(p.gradient).loadF32x4());
      const ofSquashed = gradient.multiply(output).multiply(complement(squashed.multiply(squashed)));
      const ofCell = code.let(within(p.cellGradient).loadF32x4().add(ofSquashed));
      const ofInput = ofCell.multiply(candidate).multiply(input).multiply(complement(input));
      const ofForget = ofCell.multiply(before).multiply(forget).multiply(complement(forget));
      const ofCandidate = ofCell.multiply(input).multiply(complement(candidate.multiply(candidate)));
      const ofOutput = gradient.multiply(squashed).multiply(output).multiply(complement(output));
      [ofInput, ofForget, ofCandidate, ofOutput].forEach((value, index) => storeLeft(code, gates[index], value, left));
      storeLeft(code, within(p.cellGradient), ofCell.multiply(forget), left);
    });
  });
}

/** See {@linkcode Kernels.lstmCell}. */
export function lstmCell(engine: Engine, arrays: Parameters<Kernels["lstmCell"]>[0], shape: LstmStepShape): void {
  const { operands } = engine, { rows, units, carried } = shape, size = rows * units;
  engine.run("lstm_cell", { units: rows, nanoseconds: forwardNanoseconds * size }, [
    units,
    carried,
    operands.output(arrays.gates, 4 * size),
    operands.input(arrays.before, carried * units),
    ...[arrays.squashed, arrays.cells, arrays.out].map((array) => operands.output(array, size)),
  ]);
}

/** See {@linkcode Kernels.lstmCellGradient}. */
export function lstmCellGradient(
  engine: Engine,
  arrays: Parameters<Kernels["lstmCellGradient"]>[0],
  shape: LstmStepShape,
): void {
  const { operands } = engine, { rows, units, carried } = shape, size = rows * units;
  engine.run("lstm_cell_gradient", { units: rows, nanoseconds: backwardNanoseconds * size }, [
    units,
    carried,
    operands.output(arrays.gates, 4 * size),
    operands.input(arrays.before, carried * units),
    operands.input(arrays.squashed, size),
    operands.input(arrays.gradient, size),
    operands.output(arrays.cellGradient, size),
  ]);
}

/** See {@linkcode Kernels.sgd}. An exponent of zero marks zero and the subnormal numbers. */
function withoutSubnormals(value: F32x4): F32x4 {
  return value.where(value.bits().and(0x7f800000).greater(0));
}

/** Adds sgd, sgd_momentum, sgd_nesterov and adam. */
export function defineOptimizers(target: KernelModule): void {
  const { features } = target;
  const step = { parameter: I32, gradient: I32, velocity: I32, rate: F32, momentum: F32, decay: F32 };
  for (const kind of ["sgd", "sgd_momentum", "sgd_nesterov"]) {
    defineElementwise(target, kind, step, ({ code, values: v, load, store }) => {
      const parameter = load(v.parameter);
      const slope = code.let(multiplyAdd(features, v.decay, parameter, load(v.gradient)));
      let direction = slope;
      if (kind !== "sgd") {
        const sum = code.let(multiplyAdd(features, v.momentum, load(v.velocity), slope));
        const velocity = code.let(withoutSubnormals(sum));
        store(v.velocity, velocity);
        direction = kind === "sgd_momentum" ? velocity : multiplyAdd(features, v.momentum, velocity, slope);
      }
      store(v.parameter, parameter.subtract(v.rate.multiply(direction)));
    });
  }

  const adam = {
    ...{ parameter: I32, gradient: I32, mean: I32, square: I32 },
    ...{ beta1: F32, rest1: F32, beta2: F32, rest2: F32 },
    ...{ stepSize: F32, rootCorrection: F32, epsilon: F32, decay: F32, shrink: F32 },
  };
  defineElementwise(target, "adam", adam, ({ code, values: v, load, store }) => {
    const parameter = load(v.parameter);
    const slope = code.let(multiplyAdd(features, v.decay, parameter, load(v.gradient)));
    const first = code.let(multiplyAdd(features, v.beta1, load(v.mean), v.rest1.multiply(slope)));
    const second = multiplyAdd(features, v.beta2, load(v.square), v.rest2.multiply(slope).multiply(slope));
    const mean = code.let(withoutSubnormals(first)), square = code.let(withoutSubnormals(code.let(second)));
    store(v.mean, mean);
    store(v.square, square);
    const size = multiplyAdd(features, square.squareRoot(), v.rootCorrection, v.epsilon);
    store(v.parameter, parameter.multiply(v.shrink).subtract(v.stepSize.multiply(mean).divide(size)));
  });
}
