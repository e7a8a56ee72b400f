import { patchGrid, type PatchShape } from "../../../lib/kernels/mod.ts";
import { type KernelCase, numbers } from "./case.ts";

type Sizes = readonly [images: number, height: number, width: number, channels: number];
type Pair = readonly [number, number];

const shapes: readonly [Sizes, kernel: Pair, stride: Pair, padding: PatchShape["padding"]][] = [
  [[1, 1, 1, 1], [1, 1], [1, 1], [0, 0, 0, 0]],
  [[2, 5, 4, 1], [3, 3], [1, 1], [1, 1, 1, 1]],
  [[3, 7, 6, 3], [2, 3], [2, 1], [0, 1, 1, 0]],
  [[2, 9, 8, 4], [5, 5], [1, 1], [2, 2, 2, 2]],
  [[2, 6, 7, 5], [2, 2], [2, 2], [0, 0, 0, 0]],
  [[1, 3, 3, 2], [1, 2], [3, 2], [4, 5, 3, 6]],
  [[4, 28, 28, 1], [5, 5], [1, 1], [0, 0, 0, 0]],
  [[2, 4, 5, 17], [3, 3], [1, 2], [1, 0, 0, 2]],
  [[2, 2, 2, 1], [3, 3], [1, 1], [0, 0, 0, 0]],
  [[1, 0, 3, 2], [2, 2], [1, 1], [1, 1, 1, 1]],
  [[1, 3, 0, 2], [2, 2], [1, 1], [1, 1, 1, 1]],
  [[2, 3, 3, 0], [2, 2], [1, 1], [0, 0, 0, 0]],
  [[0, 3, 3, 1], [2, 2], [1, 1], [0, 0, 0, 0]],
];

/** For each value of the matrix, by its row and column, the number of the pixel's value that it copies, or −1 for a zero. */
export function copies({ images, height, width, channels, kernel, stride, padding }: PatchShape): number[] {
  const starts = (size: number, before: number, after: number, axis: 0 | 1): number[] => {
    const found: number[] = [];
    for (let at = -before; at + kernel[axis] <= size + after; at += stride[axis]) found.push(at);
    return found;
  };
  const range = (count: number): number[] => [...new Array(count).keys()];
  const tops = starts(height, padding[0], padding[2], 0), lefts = starts(width, padding[1], padding[3], 1);
  return range(images).flatMap((image) =>
    tops.flatMap((top) =>
      lefts.flatMap((left) =>
        range(kernel[0]).flatMap((i) =>
          range(kernel[1]).flatMap((j) =>
            range(channels).map((channel) => {
              const y = top + i, x = left + j;
              const isInside = 0 <= y && y < height && 0 <= x && x < width;
              return isInside ? image * height * width * channels + (y * width + x) * channels + channel : -1;
            })
          )
        )
      )
    )
  );
}

function shapeCases(shape: PatchShape): KernelCase[] {
  const { images, height, width, channels, kernel, stride, padding } = shape;
  const from = copies(shape), size = images * height * width * channels;
  const floats = numbers(size, 71), bytes = Uint8Array.from(floats, (value) => (value + 1) * 128);
  const columns = numbers(from.length, 72), before = numbers(size, 73);
  const sums = (start: Float32Array): Float32Array => {
    const result = start.slice();
    from.forEach((index, at) => index < 0 || (result[index] += columns[at]));
    return result;
  };
  const name = `${images}×${height}×${width}×${channels}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
  const grid = patchGrid(shape);
  return [
    {
      name: `patchGrid of ${name}`,
      tolerance: {},
      expected: [[from.length]],
      run: () => [[images * grid.rows * grid.columns * kernel[0] * kernel[1] * channels]],
    },
    ...[floats, bytes].map((source): KernelCase => ({
      name: `im2col of ${source instanceof Uint8Array ? "bytes" : "floats"} ${name}`,
      tolerance: {},
      expected: [from.map((index) => index < 0 ? 0 : source[index])],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(from.length).fill(NaN));
        kernels.im2col(source instanceof Uint8Array ? place(source) : place(source), out, shape);
        return [out];
      },
    })),
    ...[false, true].map((accumulate): KernelCase => ({
      name: `col2im of ${name}${accumulate ? " accumulated" : ""}`,
      tolerance: {},
      expected: [sums(accumulate ? before : new Float32Array(size))],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(accumulate ? before : new Float32Array(size).fill(NaN));
        kernels.col2im(place(columns), out, { ...shape, accumulate });
        return [out];
      },
    })),
  ];
}

/** Patches of images as rows of a matrix and back; the sums have a stated order. */
export function patchCases(): KernelCase[] {
  return shapes.flatMap(([[images, height, width, channels], kernel, stride, padding]) =>
    shapeCases({ images, height, width, channels, kernel, stride, padding })
  );
}
