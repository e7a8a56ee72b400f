import type { Kernels } from "../../../lib/kernels/interface.ts";
import { type KernelCase, numbers } from "./case.ts";

/** rows, columns */
const shapes: readonly [number, number][] = [
  [1, 1],
  [3, 10],
  [7, 4],
  [5, 16],
  [2, 37],
  [131, 53],
  [1, 2050],
  [0, 5],
  [5, 0],
];

type Matrix = readonly number[][];

function matrix(rows: number, columns: number, seed: number): { flat: Float32Array; rows: Matrix } {
  const flat = numbers(rows * columns, seed).map((value) => 8 * value);
  return { flat, rows: Array.from({ length: rows }, (_, i) => [...flat.subarray(i * columns, (i + 1) * columns)]) };
}

function logSoftmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const shift = largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return row.map((value) => value - shift);
}

const columnSums = (rows: Matrix, before: ArrayLike<number>): Float64Array =>
  Float64Array.from(before, (value, column) => rows.reduce((sum, row) => sum + row[column], value));

function shapeCases(rows: number, columns: number): KernelCase[] {
  const shape = { rows, columns };
  const x = matrix(rows, columns, 11), y = matrix(rows, columns, 12);
  const row = numbers(columns, 13), nothing = new Float32Array(columns);
  const masked = x.rows.map((values, i) => values.map((value, j) => y.rows[i][j] > 0 ? value : 0));
  const size = `${rows}×${columns}`;
  const tolerance = { relative: 1e-6, absolute: 1e-6 * Math.max(rows, columns) };

  const inPlace = (name: string, expected: ArrayLike<number>, run: (k: Kernels, x: Float32Array) => void) => ({
    name: `${name} ${size} in place`,
    tolerance: { relative: 1e-6, absolute: 3e-6 },
    expected: [expected],
    run(kernels: Kernels, place: (values: ArrayLike<number>) => Float32Array): ArrayLike<number>[] {
      const out = place(x.flat);
      run(kernels, out);
      return [out];
    },
  });

  return [
    {
      name: `addRow ${size}`,
      tolerance: { relative: 1e-7 },
      expected: [x.rows.flatMap((values) => values.map((value, j) => value + row[j]))],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(x.flat);
        kernels.addRow(out, place(row), out, shape);
        return [out];
      },
    },
    ...[false, true].flatMap((accumulate): KernelCase[] => [
      {
        name: `columnSums ${size}${accumulate ? " accumulated" : ""}`,
        tolerance,
        expected: [columnSums(x.rows, accumulate ? row : nothing)],
        run(kernels, place): ArrayLike<number>[] {
          const out = place(row);
          kernels.columnSums(place(x.flat), out, { ...shape, accumulate });
          return [out];
        },
      },
      {
        name: `reluBiasGradient ${size}${accumulate ? " accumulated" : ""}`,
        tolerance,
        expected: [masked.flat(), columnSums(masked, accumulate ? row : nothing)],
        run(kernels, place): ArrayLike<number>[] {
          const gradient = place(x.flat), out = place(row);
          kernels.reluBiasGradient(place(y.flat), gradient, out, { ...shape, accumulate });
          return [gradient, out];
        },
      },
    ]),
    {
      name: `rowSums ${size}`,
      tolerance,
      expected: [x.rows.map((values) => values.reduce((sum, value) => sum + value, 0))],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(rows));
        kernels.rowSums(place(x.flat), out, shape);
        return [out];
      },
    },
    inPlace(
      "softmax",
      x.rows.flatMap((values) => logSoftmax(values).map(Math.exp)),
      (kernels, out) => kernels.softmax(out, out, shape),
    ),
    inPlace("logSoftmax", x.rows.flatMap(logSoftmax), (kernels, out) => kernels.logSoftmax(out, out, shape)),
    {
      name: `sumOfSquares of ${rows * columns}`,
      tolerance: { relative: 1e-6 },
      expected: [[x.flat.reduce((sum, value) => sum + value ** 2, 0)]],
      run: (kernels, place) => [[kernels.sumOfSquares(place(x.flat))]],
    },
  ];
}

/** Rows with NaN, infinities and values far apart. */
function specialSoftmax(): KernelCase[] {
  const rows = [[1, NaN, 2, 3, 4], [1e4, 0, -1e4, 1e4, 5], [-Infinity, 0, 1, -Infinity, 2], [Infinity, 0, 1, 2, 3]];
  return (["softmax", "logSoftmax"] as const).map((name) => ({
    name: `${name} of special values`,
    tolerance: { relative: 1e-6, absolute: 1e-6 },
    expected: [rows.flatMap((row) => logSoftmax(row).map((value) => name === "softmax" ? Math.exp(value) : value))],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(new Float32Array(20));
      kernels[name](place(rows.flat()), out, { rows: 4, columns: 5 });
      return [out];
    },
  }));
}

/** NaN and infinities where the layer was and was not active. */
function specialReluGradient(): KernelCase {
  const gradient = [NaN, 1, NaN, Infinity, 5, 6];
  return {
    name: "reluBiasGradient of special values",
    tolerance: {},
    expected: [[NaN, 0, 0, Infinity, 0, 0], [NaN + Infinity, 0, 0]],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(gradient), bias = place([1, 2, 3]);
      const shape = { rows: 2, columns: 3, accumulate: false };
      kernels.reluBiasGradient(place([1, 0, -1, 2, NaN, -0]), out, bias, shape);
      return [out, bias];
    },
  };
}

/** Kernels over rows and columns. */
export function rowCases(): KernelCase[] {
  return [
    ...shapes.flatMap(([rows, columns]) => shapeCases(rows, columns)),
    ...specialSoftmax(),
    specialReluGradient(),
  ];
}
