import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { aroundAxis, describeShape, resolveAxis } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Which part of an axis to take. */
export interface SliceOptions {
  /** The axis, negative ones counted from the last; 0 when left out. */
  readonly axis?: number;
  /** First position. */
  readonly start: number;
  /** Position behind the last; the axis's end when left out. */
  readonly end?: number;
}

interface Geometry {
  readonly outer: number;
  readonly stride: number;
  readonly offset: number;
  readonly run: number;
}

/** The part of x from `start` to before `end` along one axis, as a copy. Throws `ShapeError` when it does not lie inside. */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  const axis = resolveAxis("slice", options.axis ?? 0, x.shape);
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const { start, end = length } = options;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > length) {
    throw new ShapeError(
      `slice: ${start} to ${end} does not lie inside axis ${axis} of shape ${describeShape(x.shape)}`,
    );
  }
  const geometry: Geometry = { outer, stride: length * inner, offset: start * inner, run: (end - start) * inner };
  const data = currentRegion().float32(outer * geometry.run);
  for (let i = 0; i < outer; i++) {
    const from = i * geometry.stride + geometry.offset;
    data.set(x.data.subarray(from, from + geometry.run), i * geometry.run);
  }
  const shape = x.shape.map((size, i) => i === axis ? end - start : size);
  return recordOperation({ op: "slice", inputs: [x], shape, data, attributes: geometry });
}

/** Gradient rule of {@linkcode slice}. */
export const sliceGradient: GradientRule = ({ attributes }, gradient, into) => {
  const { outer, stride, offset, run } = attributes as Geometry;
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let i = 0; i < outer; i++) {
      for (let j = 0, to = i * stride + offset, from = i * run; j < run; j++) out[to + j] += gradient[from + j];
    }
  });
};
