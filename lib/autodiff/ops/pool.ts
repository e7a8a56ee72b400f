/**
 * Pooling: what is left of the values in each window of an image.
 *
 * @module
 */
import { currentRegion, kernels, type PatchShape } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { type WindowOptions, windowsOf } from "../windows.ts";

/** Options of pooling; windows do not overlap when `stride` is left out. */
export interface PoolOptions extends WindowOptions {
  /** Side of a window in pixels. */
  readonly size: number;
}

/**
 * The largest value of each window and channel: [images, height, width, channels] -> [images, grid rows, grid columns, channels]. Throws `ShapeError` when no
 * window fits.
 */
export function maxPool(x: Tensor, { size, stride = size, padding }: PoolOptions): Tensor {
  const { windows, grid } = windowsOf("maxPool", x, [size, size], { stride, padding });
  const shape = [windows.images, grid.rows, grid.columns, windows.channels];
  const data = currentRegion().float32(shape.reduce((a, b) => a * b));
  const places = currentRegion().int32(data.length);
  kernels().maxPool(x.data, data, places, windows);
  return recordOperation({ op: "maxPool", inputs: [x], shape, data, attributes: { windows, places } });
}

/** Gradient rule of {@linkcode maxPool}: a window's gradient goes to its largest value, the first of equal ones. */
export const maxPoolGradient: GradientRule = ({ attributes }, gradient, into) => {
  const { windows, places } = attributes as { windows: PatchShape; places: Int32Array };
  into(0, (out, accumulate) => kernels().maxPoolGradient(gradient, places, out, { ...windows, accumulate }));
};

/**
 * The mean of each window and channel over the pixels within the image: [images, height, width, channels] -> [images, grid rows, grid columns, channels].
 * Throws `ShapeError` when no window fits.
 */
export function averagePool(x: Tensor, { size, stride = size, padding }: PoolOptions): Tensor {
  const { windows, grid } = windowsOf("averagePool", x, [size, size], { stride, padding });
  const shape = [windows.images, grid.rows, grid.columns, windows.channels];
  const data = currentRegion().float32(shape.reduce((a, b) => a * b));
  kernels().averagePool(x.data, data, windows);
  return recordOperation({ op: "averagePool", inputs: [x], shape, data, attributes: windows });
}

/** Gradient rule of {@linkcode averagePool}: a window's gradient is shared among its pixels. */
export const averagePoolGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(
    0,
    (out, accumulate) => kernels().averagePoolGradient(gradient, out, { ...attributes as PatchShape, accumulate }),
  );
