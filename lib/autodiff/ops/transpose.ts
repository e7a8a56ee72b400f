import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { broadcastStrides, describeShape, walk } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** The axes in another order: axis i of the output is axis `axes[i]` of x; reversed when left out. */
export function transpose(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i)): Tensor {
  if (axes.length !== x.rank || !x.shape.every((_, axis) => axes.includes(axis))) {
    throw new ShapeError(`transpose: [${axes.join(", ")}] is no order of the axes of shape ${describeShape(x.shape)}`);
  }
  const shape = axes.map((axis) => x.shape[axis]);
  const strides = broadcastStrides(x.shape, x.shape);
  const order = axes.map((axis) => strides[axis]);
  const data = currentRegion().float32(x.size);
  walk(shape, order, (index, offset) => {
    data[index] = x.data[offset];
  });
  return recordOperation({ op: "transpose", inputs: [x], shape, data, attributes: order });
}

/** Gradient rule of {@linkcode transpose}. */
export const transposeGradient: GradientRule = ({ output, attributes }, gradient, into) =>
  into(0, (out, accumulate) =>
    walk(output.shape, attributes as number[], (index, offset) => {
      out[offset] = accumulate ? out[offset] + gradient[index] : gradient[index];
    }));
