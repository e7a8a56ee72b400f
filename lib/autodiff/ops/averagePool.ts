import { currentRegion, kernels, type PatchShape } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { windowsOf } from "../windows.ts";
import type { PoolOptions } from "./maxPool.ts";

/**
 * The mean of each window and channel over the pixels within the image: [images, height, width, channels] → [images, grid rows, grid columns, channels].
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
