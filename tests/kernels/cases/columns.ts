import { type KernelCase, numbers } from "./case.ts";

/** rows, columns */
const shapes: readonly [number, number][] = [[1, 1], [3, 10], [7, 4], [9, 16], [5, 37], [131, 53], [700, 24], [0, 5], [
  5,
  0,
]];

function shapeCases(rows: number, columns: number): KernelCase[] {
  const shape = { rows, columns }, size = rows * columns;
  // Far from zero, so that a variance from sums of squares would be seen.
  const x = numbers(size, 91).map((value) => value + 50), y = numbers(size, 92), before = numbers(size, 93);
  const [factors, others, offsets, mean] = [94, 95, 96, 97].map((seed) => numbers(columns, seed));
  const perColumn = (term: (row: number, column: number) => number): number[] =>
    Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += term(i, j);
      return sum;
    });
  const at = (i: number, j: number): number => i * columns + j;
  const means = perColumn((i, j) => x[at(i, j)] / rows).map((value) => rows === 0 ? NaN : value);
  const variances = perColumn((i, j) => (x[at(i, j)] - means[j]) ** 2 / rows).map((v) => rows === 0 ? NaN : v);
  const tolerance = { relative: 3e-6, absolute: 1e-6 * Math.max(rows, 4) };
  const name = `${rows}×${columns}`;
  const output = Float32Array.from(before, (value, i) => i % 3 === 0 ? 0 : i % 11 === 4 ? NaN : value);
  const passed = (i: number): number => output[i] > 0 ? 1 : 0;
  const scaled = (hasTwo: boolean, accumulate: boolean): number[] =>
    Array.from(x, (value, i) => {
      const j = i % columns;
      return value * factors[j] + (hasTwo ? y[i] * others[j] : 0) + offsets[j] + (accumulate ? before[i] : 0);
    });
  return [
    {
      name: `columnMoments ${name}`,
      tolerance,
      expected: [means, variances],
      run(kernels, place): ArrayLike<number>[] {
        const out = { mean: place(mean), variance: place(mean) };
        kernels.columnMoments(place(x), out, shape);
        return [out.mean, out.variance];
      },
    },
    {
      name: `columnDots ${name}`,
      tolerance,
      expected: [perColumn((i, j) => y[at(i, j)]), perColumn((i, j) => y[at(i, j)] * (before[at(i, j)] - mean[j]))],
      run(kernels, place): ArrayLike<number>[] {
        const out = { sums: place(factors), dots: place(factors) };
        kernels.columnDots({ x: place(y), y: place(before), mean: place(mean) }, out, shape);
        return [out.sums, out.dots];
      },
    },
    {
      name: `columnDots ${name} of a ReLU`,
      tolerance,
      expected: [
        perColumn((i, j) => passed(at(i, j)) * y[at(i, j)]),
        perColumn((i, j) => passed(at(i, j)) * y[at(i, j)] * (before[at(i, j)] - mean[j])),
        Array.from(y, (value, i) => passed(i) * value),
      ],
      run(kernels, place): ArrayLike<number>[] {
        const out = { sums: place(factors), dots: place(factors) }, gradient = place(y);
        const operands = { x: gradient, y: place(before), mean: place(mean), passed: place(output) };
        kernels.columnDots(operands, out, shape);
        return [out.sums, out.dots, gradient];
      },
    },
    {
      name: `scaleColumns ${name} with ReLU`,
      tolerance: { relative: 1e-6, absolute: 1e-5 },
      expected: [scaled(true, true).map((value) => Math.max(0, value))],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(before);
        const operands = { x: place(x), factors: place(factors), y: place(y), others: place(others) };
        kernels.scaleColumns({ ...operands, offsets: place(offsets) }, out, { ...shape, accumulate: true, relu: true });
        return [out];
      },
    },
    ...[false, true].flatMap((hasTwo) =>
      [false, true].map((accumulate): KernelCase => ({
        name: `scaleColumns ${name}${hasTwo ? " of two" : ""}${accumulate ? " accumulated" : ""}`,
        tolerance: { relative: 1e-6, absolute: 1e-5 },
        expected: [scaled(hasTwo, accumulate)],
        run(kernels, place): ArrayLike<number>[] {
          const out = place(accumulate ? before : new Float32Array(size).fill(NaN));
          const two = hasTwo ? { y: place(y), others: place(others) } : {};
          const operands = { x: place(x), factors: place(factors), offsets: place(offsets), ...two };
          kernels.scaleColumns(operands, out, { ...shape, accumulate });
          return [out];
        },
      }))
    ),
    {
      name: `scaleColumns ${name} in place`,
      tolerance: { relative: 1e-6, absolute: 1e-5 },
      expected: [scaled(true, false)],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(y);
        const operands = { x: place(x), factors: place(factors), y: out, others: place(others) };
        kernels.scaleColumns({ ...operands, offsets: place(offsets) }, out, { ...shape, accumulate: false });
        return [out];
      },
    },
  ];
}

/** Statistics of columns and what is done with them. */
export function columnCases(): KernelCase[] {
  return shapes.flatMap(([rows, columns]) => shapeCases(rows, columns));
}
