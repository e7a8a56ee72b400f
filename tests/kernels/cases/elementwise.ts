import type { BinaryName, UnaryName } from "../../../lib/kernels/interface.ts";
import { type KernelCase, numbers } from "./case.ts";

const exact = { relative: 1e-7 };

/** A sum of two numbers up to 100 that was rounded before one was added. */
const accumulated = { relative: 2e-7, absolute: 1e-5 };

/** A few units in the last place of float32, for functions by polynomials. */
const close = { relative: 6e-7, absolute: 2e-45 };

/** The sigmoid may give 0 where the result is below the smallest normal float32. */
const sigmoidTolerance = { relative: 6e-7, absolute: 2 ** -126 };

/** The functions, and their derivatives by x and y = f(x), in double precision. */
const unaries: Readonly<Record<UnaryName, [(x: number) => number, (x: number, y: number) => number]>> = {
  relu: [(x) => Number.isNaN(x) ? NaN : Math.max(x, 0), (_x, y) => y > 0 ? 1 : 0],
  tanh: [Math.tanh, (_x, y) => (1 - y) * (1 + y)],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (_x, y) => y - y * y],
  exp: [Math.exp, (_x, y) => y],
  log: [Math.log, (x) => 1 / x],
  sqrt: [Math.sqrt, (_x, y) => 1 / (2 * y)],
  square: [(x) => x ** 2, (x) => 2 * x],
  abs: [Math.abs, (x) => x > 0 ? 1 : x < 0 ? -1 : 0],
  negate: [(x) => -x, () => -1],
  sign: [(x) => Number.isNaN(x) ? NaN : x > 0 ? 1 : -1, (x) => Math.abs(x) <= 1 ? 1 : 0],
};

const binaries: Readonly<Record<BinaryName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
};

const special = [0, -0, 1, -1, 0.5, -0.5, NaN, Infinity, -Infinity, 1e-40, -1e-40, 1e-45, 1e30, -1e30, 3.4e38];
const borders = [
  0.624,
  0.626,
  -0.625,
  87,
  88.7,
  88.73,
  89,
  -87.3,
  -88,
  -100,
  -103.9,
  -104,
  0.7071,
  0.7072,
  1.0001,
  9,
  -9,
];

const float32 = (values: ArrayLike<number>, apply: (value: number, index: number) => number): Float32Array =>
  Float32Array.from(values, apply);

/** Lengths: nothing, parts of a vector, more than one unit of work. */
const lengths = [0, 1, 3, 4, 7, 33, 1024, 2051];

function inputs(length: number): Float32Array {
  const wide = numbers(length, 5).map((x, index) => x * [1, 10, 100][index % 3]);
  return length < 100
    ? wide
    : new Float32Array([...special, ...borders, ...wide.subarray(special.length + borders.length)]);
}

function unaryCases(name: UnaryName, length: number): KernelCase[] {
  const [apply, derive] = unaries[name];
  const x = inputs(length), gradient = numbers(length, 6), before = numbers(length, 7);
  const y = float32(x, apply);
  const tolerance = name === "sigmoid" ? sigmoidTolerance : close;
  const product = float32(x, (value, index) => derive(value, y[index]) * gradient[index]);
  return [
    {
      name: `${name} of ${length}`,
      tolerance,
      expected: [y],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(before);
        kernels.unary(name, place(x), out);
        return [out];
      },
    },
    {
      name: `${name} of ${length} in place`,
      tolerance,
      expected: [y],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(x);
        kernels.unary(name, out, out);
        return [out];
      },
    },
    ...[false, true].map((accumulate): KernelCase => ({
      name: `gradient of ${name} of ${length}${accumulate ? " accumulated" : ""}`,
      // 1 − y is rounded to float32 where y is near 1.
      tolerance: { relative: 3e-7, absolute: 2e-7 },
      expected: [accumulate ? float32(product, (value, index) => value + before[index]) : product],
      run(kernels, place): ArrayLike<number>[] {
        const out = accumulate ? place(before) : place(gradient);
        const operands = { x: place(x), y: place(y), gradient: accumulate ? place(gradient) : out };
        kernels.unaryGradient(name, operands, out, accumulate);
        return [out];
      },
    })),
  ];
}

function binaryCases(name: BinaryName, length: number): KernelCase[] {
  const a = inputs(length), b = numbers(length, 8), before = numbers(length, 9);
  const result = Float64Array.from(a, (value, index) => binaries[name](value, b[index]));
  return [false, true].map((accumulate) => ({
    name: `${name} of ${length}${accumulate ? " accumulated" : " in place"}`,
    tolerance: accumulate ? accumulated : exact,
    expected: [float32(result, (value, index) => accumulate ? value + before[index] : value)],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(accumulate ? before : a);
      kernels.binary(name, accumulate ? place(a) : out, place(b), out, accumulate);
      return [out];
    },
  }));
}

function scaleCases(length: number): KernelCase[] {
  const x = inputs(length), before = numbers(length, 9);
  return [false, true].map((accumulate) => ({
    name: `scale of ${length}${accumulate ? " accumulated" : " in place"}`,
    tolerance: accumulate ? accumulated : exact,
    expected: [float32(x, (value, index) => -0.75 * value + (accumulate ? before[index] : 0))],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(accumulate ? before : x);
      kernels.scale(accumulate ? place(x) : out, -0.75, out, accumulate);
      return [out];
    },
  }));
}

/** Functions of one and two arguments and their gradients. */
export function elementwiseCases(): KernelCase[] {
  return lengths.flatMap((length) => [
    ...(Object.keys(unaries) as UnaryName[]).flatMap((name) => unaryCases(name, length)),
    ...(Object.keys(binaries) as BinaryName[]).flatMap((name) => binaryCases(name, length)),
    ...scaleCases(length),
  ]);
}
