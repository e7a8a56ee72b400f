/**
 * Pooling in plain TypeScript.
 *
 * @module
 */
import { patchGrid, type PatchShape } from "./patches.ts";

/** The part of a patch that lies within the image, rows `top`...`bottom` and columns `left`...`right` of it. */
interface Inside {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Visits every patch and channel: the number of its output, that of the patch's first value, and what lies within the image. */
function forPatches(
  shape: PatchShape,
  visit: (out: number, first: number, inside: Inside) => void,
): void {
  const { images, height, width, channels, kernel, stride, padding } = shape;
  const grid = patchGrid(shape);
  let out = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < grid.rows; row++) {
      const y = row * stride[0] - padding[0];
      for (let column = 0; column < grid.columns; column++) {
        const x = column * stride[1] - padding[1];
        const inside = {
          top: Math.max(0, -y),
          bottom: Math.min(kernel[0], height - y),
          left: Math.max(0, -x),
          right: Math.min(kernel[1], width - x),
        };
        const first = ((image * height + y) * width + x) * channels;
        for (let channel = 0; channel < channels; channel++) visit(out++, first + channel, inside);
      }
    }
  }
}

/** See {@linkcode Kernels.maxPool}. */
export function maxPool(source: Float32Array, out: Float32Array, places: Int32Array, shape: PatchShape): void {
  const { width, channels, kernel } = shape;
  forPatches(shape, (to, first, { top, bottom, left, right }) => {
    let largest = source[first + (top * width + left) * channels], place = top * kernel[1] + left;
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) {
        const value = source[first + (i * width + j) * channels];
        if (value > largest || (value !== value && largest === largest)) {
          largest = value;
          place = i * kernel[1] + j;
        }
      }
    }
    out[to] = largest;
    places[to] = place;
  });
}

/** See {@linkcode Kernels.maxPoolGradient}. */
export function maxPoolGradient(
  gradient: Float32Array,
  places: Int32Array,
  out: Float32Array,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { images, height, width, channels, kernel, accumulate } = shape;
  if (!accumulate) out.fill(0, 0, images * height * width * channels);
  forPatches(shape, (from, first) => {
    const row = Math.floor(places[from] / kernel[1]), column = places[from] % kernel[1];
    out[first + (row * width + column) * channels] += gradient[from];
  });
}

/** See {@linkcode Kernels.averagePool}. */
export function averagePool(source: Float32Array, out: Float32Array, shape: PatchShape): void {
  const { width, channels } = shape;
  forPatches(shape, (to, first, { top, bottom, left, right }) => {
    let sum = 0;
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) sum += source[first + (i * width + j) * channels];
    }
    out[to] = sum / ((bottom - top) * (right - left));
  });
}

/** See {@linkcode Kernels.averagePoolGradient}. */
export function averagePoolGradient(
  gradient: Float32Array,
  out: Float32Array,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { images, height, width, channels, accumulate } = shape;
  if (!accumulate) out.fill(0, 0, images * height * width * channels);
  forPatches(shape, (from, first, { top, bottom, left, right }) => {
    const share = gradient[from] / ((bottom - top) * (right - left));
    for (let i = top; i < bottom; i++) {
      for (let j = left; j < right; j++) out[first + (i * width + j) * channels] += share;
    }
  });
}
