import type { Kernels } from "../../../lib/kernels/interface.ts";
import { type KernelCase, numbers, type Place } from "./case.ts";

/** rows, columns */
const shapes: readonly [number, number][] = [[1, 1], [3, 10], [7, 4], [2, 37], [131, 53], [0, 5], [5, 0]];

type Row = readonly number[];
type Options = { rows: number; columns: number; factor: number; accumulate: boolean };

const factor = -0.25;
const dot = (a: Row, b: Row): number => a.reduce((sum, value, index) => sum + value * b[index], 0);
const total = (row: Row): number => dot(row, row.map(() => 1));

/** Each gradient of a row in double precision, and the kernel that computes it for all rows; labels are column numbers or none. */
const gradients: Readonly<
  Record<string, {
    expected(first: Row, second: Row, label: number): number[];
    run(
      kernels: Kernels,
      arrays: { first: Float32Array; second: Float32Array; labels: Int32Array; out: Float32Array },
      options: Options,
    ): void;
  }>
> = {
  crossEntropyGradient: {
    expected: (first, _, label) => first.map((value, j) => factor * (Math.exp(value) - (j === label ? 1 : 0))),
    run: (kernels, { first, labels, out }, options) => kernels.crossEntropyGradient(first, labels, out, options),
  },
  softCrossEntropyGradient: {
    expected: (first, second) => first.map((value, j) => factor * (Math.exp(value) * total(second) - second[j])),
    run: (kernels, { first, second, out }, options) => kernels.softCrossEntropyGradient(first, second, out, options),
  },
  softmaxGradient: {
    expected: (first, second) => first.map((value, j) => value * (second[j] - dot(first, second))),
    run: (kernels, { first, second, out }, options) => kernels.softmaxGradient(first, second, out, options),
  },
  logSoftmaxGradient: {
    expected: (first, second) => first.map((value, j) => second[j] - Math.exp(value) * total(second)),
    run: (kernels, { first, second, out }, options) => kernels.logSoftmaxGradient(first, second, out, options),
  },
};

function casesOf(size: string, first: readonly Row[], second: readonly Row[], labels: Int32Array): KernelCase[] {
  const rows = first.length, columns = first[0]?.length ?? 5;
  const before = numbers(rows * columns, 53);
  return Object.entries(gradients).flatMap(([name, { expected, run }]) =>
    [false, true].map((accumulate): KernelCase => ({
      name: `${name} ${size}${accumulate ? " accumulated" : ""}`,
      tolerance: { relative: 2e-6, absolute: 2e-6 * Math.max(columns, 1) },
      expected: [
        first.flatMap((row, i) => expected(row, second[i], labels[i]))
          .map((value, index) => accumulate ? value + before[index] : value),
      ],
      run(kernels: Kernels, place: Place): ArrayLike<number>[] {
        const out = place(accumulate ? before : new Float32Array(before.length).fill(NaN));
        const arrays = { first: place(first.flat()), second: place(second.flat()), labels: place(labels), out };
        run(kernels, arrays, { rows, columns, factor, accumulate });
        return [out];
      },
    }))
  );
}

function matrix(rows: number, columns: number, seed: number): Row[] {
  const flat = numbers(rows * columns, seed);
  return Array.from({ length: rows }, (_, i) => [...flat.subarray(i * columns, (i + 1) * columns)]);
}

/** Gradients of softmax and cross-entropy. */
export function softmaxGradientCases(): KernelCase[] {
  const special = [[NaN, 0, -1, -2, -3], [-Infinity, 0, -200, -1, -1], [0, -1, 3, -2, 1], [-1, -2, -1, -2, -1]];
  const others = [[1, 2, 3, 4, 5], [0, 0, 1, 0, 0], [0, Infinity, 0, 1, -1], [NaN, 0, 0, 1, -1]];
  return [
    ...shapes.flatMap(([rows, columns]) => {
      const labels = Int32Array.from({ length: rows }, (_, i) => i * 7 % Math.max(columns, 1));
      return casesOf(`${rows}×${columns}`, matrix(rows, columns, 51), matrix(rows, columns, 52), labels);
    }),
    ...casesOf("of special values and labels that are no column", special, others, Int32Array.of(4, -1, 5, 2 ** 30)),
  ];
}
