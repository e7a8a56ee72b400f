import { kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape } from "../shapes.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** The same values in another shape, without a copy; one length may be −1 and follows from the others. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const known = sizeOf(shape.filter((length) => length !== -1));
  const free = shape.filter((length) => length === -1).length;
  const resolved = shape.map((length) => length === -1 ? x.size / known : length);
  if (free > 1 || sizeOf(resolved) !== x.size || !resolved.every((length) => Number.isInteger(length) && length >= 0)) {
    throw new ShapeError(
      `reshape: ${describeShape(x.shape)} has ${x.size} values, shape ${describeShape(shape)} was wanted`,
    );
  }
  return recordOperation({ op: "reshape", inputs: [x], shape: resolved, data: x.data });
}

/** Gradient rule of {@linkcode reshape}. */
export const reshapeGradient: GradientRule = (_entry, gradient, into) =>
  into(0, (out, accumulate) => kernels().scale(gradient, 1, out, accumulate));
