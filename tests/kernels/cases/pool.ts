import type { PatchShape } from "../../../lib/kernels/mod.ts";
import { type KernelCase, numbers } from "./case.ts";

type Sizes = readonly [images: number, height: number, width: number, channels: number];
type Pair = readonly [number, number];

/** Patches that each have a pixel within the image. */
const shapes: readonly [Sizes, kernel: Pair, stride: Pair, padding: PatchShape["padding"]][] = [
  [[1, 1, 1, 1], [1, 1], [1, 1], [0, 0, 0, 0]],
  [[2, 6, 7, 5], [2, 2], [2, 2], [0, 0, 0, 0]],
  [[3, 7, 6, 4], [3, 3], [2, 2], [1, 1, 1, 1]],
  [[2, 5, 4, 1], [3, 2], [1, 1], [2, 0, 1, 1]],
  [[1, 4, 9, 18], [2, 3], [1, 3], [0, 2, 0, 2]],
  [[2, 3, 3, 2], [3, 3], [1, 1], [0, 0, 0, 0]],
  [[2, 2, 2, 3], [3, 3], [1, 1], [0, 0, 0, 0]],
  [[0, 3, 3, 1], [2, 2], [1, 1], [0, 0, 0, 0]],
  [[2, 3, 3, 0], [2, 2], [1, 1], [0, 0, 0, 0]],
];

/** For each output the numbers of the values of its patch that lie within the image, with their places in the patch. */
function patches({ images, height, width, channels, kernel, stride, padding }: PatchShape) {
  const found: { place: number; index: number }[][] = [];
  for (let image = 0; image < images; image++) {
    for (let top = -padding[0]; top + kernel[0] <= height + padding[2]; top += stride[0]) {
      for (let left = -padding[1]; left + kernel[1] <= width + padding[3]; left += stride[1]) {
        for (let channel = 0; channel < channels; channel++) {
          const patch: { place: number; index: number }[] = [];
          for (let place = 0; place < kernel[0] * kernel[1]; place++) {
            const y = top + Math.floor(place / kernel[1]), x = left + place % kernel[1];
            const index = ((image * height + y) * width + x) * channels + channel;
            if (y >= 0 && y < height && x >= 0 && x < width) patch.push({ place, index });
          }
          found.push(patch);
        }
      }
    }
  }
  return found;
}

function casesOf(name: string, shape: PatchShape, source: Float32Array): KernelCase[] {
  const windows = patches(shape), gradient = numbers(windows.length, 82), before = numbers(source.length, 83);
  const largest = windows.map((window) => {
    const nan = window.find(({ index }) => Number.isNaN(source[index]));
    const most = Math.max(...window.map(({ index }) => source[index]));
    return nan ?? window.find(({ index }) => source[index] === most)!;
  });
  const places = Int32Array.from(largest, ({ place }) => place);
  const blank = (length: number) => new Float32Array(length).fill(NaN);
  const tolerance = { relative: 1e-6, absolute: 1e-6 };
  return [
    {
      name: `maxPool ${name}`,
      tolerance: {},
      expected: [largest.map(({ index }) => source[index]), places],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(blank(windows.length)), found = place(new Int32Array(windows.length).fill(-1));
        kernels.maxPool(place(source), out, found, shape);
        return [out, found];
      },
    },
    {
      name: `averagePool ${name}`,
      tolerance,
      expected: [windows.map((window) => window.reduce((sum, { index }) => sum + source[index], 0) / window.length)],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(blank(windows.length));
        kernels.averagePool(place(source), out, shape);
        return [out];
      },
    },
    ...[false, true].flatMap((accumulate): KernelCase[] => {
      const start = () => accumulate ? before.slice() : new Float32Array(source.length);
      const ofLargest = start(), ofMeans = start();
      windows.forEach((window, i) => {
        ofLargest[largest[i].index] += gradient[i];
        for (const { index } of window) ofMeans[index] += gradient[i] / window.length;
      });
      const options = { ...shape, accumulate }, suffix = accumulate ? " accumulated" : "";
      const fresh = accumulate ? before : blank(source.length);
      return [{
        name: `maxPoolGradient ${name}${suffix}`,
        tolerance: {},
        expected: [ofLargest],
        run(kernels, place): ArrayLike<number>[] {
          const out = place(fresh);
          kernels.maxPoolGradient(place(gradient), place(places), out, options);
          return [out];
        },
      }, {
        name: `averagePoolGradient ${name}${suffix}`,
        tolerance,
        expected: [ofMeans],
        run(kernels, place): ArrayLike<number>[] {
          const out = place(fresh);
          kernels.averagePoolGradient(place(gradient), out, options);
          return [out];
        },
      }];
    }),
  ];
}

/** Pooling of images. */
export function poolCases(): KernelCase[] {
  const ordinary = shapes.flatMap(([[images, height, width, channels], kernel, stride, padding]) => {
    const shape = { images, height, width, channels, kernel, stride, padding };
    const name = `${images}×${height}×${width}×${channels}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
    return casesOf(name, shape, numbers(images * height * width * channels, 81));
  });
  const shape: PatchShape = {
    ...{ images: 1, height: 3, width: 3, channels: 1 },
    ...{ kernel: [2, 2], stride: [1, 1], padding: [1, 1, 1, 1] },
  };
  const special = [[NaN, 1, 2, NaN, 3, 3, 0, 0, 3], [-Infinity, -Infinity, 1, -Infinity, Infinity, 0, -1, -0, 0]];
  return [...ordinary, ...special.flatMap((values) => casesOf(`of ${values}`, shape, Float32Array.from(values)))];
}
