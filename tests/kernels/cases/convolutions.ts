import type { Convolution } from "../../../lib/kernels/mod.ts";
import { type KernelCase, numbers } from "./case.ts";
import { copies } from "./patches.ts";

type Sizes = readonly [images: number, height: number, width: number, channels: number];
type Pair = readonly [number, number];

const same = [1, 1, 1, 1] as const, none = [0, 0, 0, 0] as const;

const shapes: readonly [Sizes, kernel: Pair, stride: Pair, Convolution["padding"], outputs: number][] = [
  [[2, 5, 4, 1], [3, 3], [1, 1], same, 3],
  [[3, 7, 6, 3], [2, 3], [2, 1], [0, 1, 1, 0], 5],
  [[2, 6, 7, 5], [2, 2], [2, 2], none, 8],
  [[1, 3, 3, 2], [1, 2], [3, 2], [4, 5, 3, 6], 9],
  [[9, 6, 6, 4], [3, 3], [1, 1], same, 24],
  // The patches of a weight gradient's part are a multiple of 256 bytes long.
  [[2, 3, 4, 64], [2, 2], [1, 1], same, 12],
  [[3, 2, 5, 7], [1, 1], [1, 1], none, 4],
  [[3, 4, 5, 7], [1, 1], [2, 1], none, 4],
  // Several rounds of a weight gradient; images of which each is a unit.
  [[5, 20, 20, 20], [3, 3], [1, 1], same, 6],
  // An image does not fit a thread's memory, a row of it does.
  [[1, 24, 24, 26], [3, 3], [1, 1], same, 2],
  // A row does not fit either.
  [[1, 2, 400, 60], [3, 2], [1, 1], same, 1],
  [[0, 3, 3, 1], [2, 2], [1, 1], none, 2],
  [[1, 0, 3, 2], [2, 2], [1, 1], same, 2],
  [[2, 3, 3, 0], [2, 2], [1, 1], none, 2],
  [[2, 3, 3, 2], [2, 2], [1, 1], none, 0],
];

function shapeCases(shape: Convolution): KernelCase[] {
  const { images, height, width, channels, kernel, stride, padding, outputs } = shape;
  const from = copies(shape), patch = kernel[0] * kernel[1] * channels, size = images * height * width * channels;
  const rows = patch === 0 ? 0 : from.length / patch;
  const x = numbers(size, 81), weights = numbers(patch * outputs, 82), bias = numbers(outputs, 83);
  const results = patch === 0 ? images * countOf(height, 0) * countOf(width, 1) * outputs : rows * outputs;
  const gradient = numbers(results, 84), tolerance = { relative: 1e-5, absolute: 1e-5 * Math.sqrt(patch + rows) };
  const before = { weights: numbers(patch * outputs, 85), x: numbers(size, 86) };
  const name = `${images}×${height}×${width}×${channels}, kernel ${kernel}, stride ${stride}, padding ${padding}, ` +
    `${outputs} outputs`;

  function countOf(length: number, axis: 0 | 1): number {
    return Math.floor((length + padding[axis] + padding[axis + 2] - kernel[axis]) / stride[axis]) + 1;
  }

  /** Calls `term` for each product of the convolution: numbers of the pixel's value, the weight and the result. */
  const forProducts = (term: (value: number, weight: number, result: number) => void): void =>
    from.forEach((value, at) => {
      if (value < 0) return;
      const row = Math.floor(at / patch), place = at % patch;
      for (let output = 0; output < outputs; output++) term(value, place * outputs + output, row * outputs + output);
    });
  const sums = (length: number, start: (at: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, at) => start(at));
  const convolved = sums(results, (at) => bias[at % outputs]);
  forProducts((value, weight, result) => convolved[result] += x[value] * weights[weight]);

  return [
    ...[false, true].map((relu): KernelCase => ({
      name: `convolve ${name}${relu ? " with ReLU" : ""}`,
      tolerance,
      expected: [relu ? convolved.map((value) => Math.max(0, value)) : convolved],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(results).fill(NaN));
        kernels.convolve(place(x), place(weights), out, { ...shape, bias: place(bias), relu });
        return [out];
      },
    })),
    ...[false, true].flatMap((accumulate): KernelCase[] => {
      const ofWeights = sums(weights.length, (at) => accumulate ? before.weights[at] : 0);
      const ofImages = sums(size, (at) => accumulate ? before.x[at] : 0);
      forProducts((value, weight, result) => {
        ofWeights[weight] += x[value] * gradient[result];
        ofImages[value] += weights[weight] * gradient[result];
      });
      const start = (values: Float32Array): Float32Array =>
        accumulate ? values : new Float32Array(values.length).fill(NaN);
      const note = accumulate ? " accumulated" : "";
      return [
        {
          name: `convolutionWeightGradient ${name}${note}`,
          tolerance,
          expected: [ofWeights],
          run(kernels, place): ArrayLike<number>[] {
            const out = place(start(before.weights));
            kernels.convolutionWeightGradient(place(x), place(gradient), out, { ...shape, accumulate });
            return [out];
          },
        },
        {
          name: `convolutionInputGradient ${name}${note}`,
          tolerance,
          expected: [ofImages],
          run(kernels, place): ArrayLike<number>[] {
            const out = place(start(before.x));
            kernels.convolutionInputGradient(place(gradient), place(weights), out, { ...shape, accumulate });
            return [out];
          },
        },
      ];
    }),
  ];
}

/** Convolutions and their gradients. */
export function convolutionCases(): KernelCase[] {
  return shapes.flatMap(([[images, height, width, channels], kernel, stride, padding, outputs]) =>
    shapeCases({ images, height, width, channels, kernel, stride, padding, outputs })
  );
}
