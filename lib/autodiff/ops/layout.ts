/**
 * Operations that move values and compute nothing.
 *
 * @module
 */
import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { aroundAxis, broadcastStrides, describeShape, resolveAxis, walk } from "../shapes.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** The same values in another shape, without a copy; one length may be -1 and follows from the others. */
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

/** Tensors joined along one axis (0 when left out). Throws `ShapeError` when their other axes differ or there is none. */
export function concatenate(parts: readonly Tensor[], options: { axis?: number } = {}): Tensor {
  if (parts.length === 0) throw new ShapeError("concatenate: at least one tensor was wanted, none found");
  const first = parts[0];
  const axis = resolveAxis("concatenate", options.axis ?? 0, first.shape);
  for (const part of parts) {
    if (part.rank !== first.rank || part.shape.some((length, i) => i !== axis && length !== first.shape[i])) {
      throw new ShapeError(
        `concatenate: shapes ${describeShape(first.shape)} and ${describeShape(part.shape)} differ beside axis ${axis}`,
      );
    }
  }
  const length = parts.reduce((total, part) => total + part.shape[axis], 0);
  const shape = first.shape.map((size, i) => i === axis ? length : size);
  const { outer, inner } = aroundAxis(shape, axis);
  const stride = length * inner;
  const data = currentRegion().float32(outer * stride);
  let offset = 0;
  for (const part of parts) {
    const run = part.shape[axis] * inner;
    for (let i = 0; i < outer; i++) data.set(part.data.subarray(i * run, (i + 1) * run), i * stride + offset);
    offset += run;
  }
  return recordOperation({ op: "concatenate", inputs: parts, shape, data, attributes: { outer, inner, stride, axis } });
}

/** Gradient rule of {@linkcode concatenate}. */
export const concatenateGradient: GradientRule = ({ inputs, attributes }, gradient, into) => {
  const { outer, inner, stride, axis } = attributes as { outer: number; inner: number; stride: number; axis: number };
  let offset = 0;
  inputs.forEach((part, input) => {
    const run = part.shape[axis] * inner;
    const start = offset;
    into(input, (out, accumulate) => {
      for (let i = 0; i < outer; i++) {
        for (let j = 0, to = i * run, from = i * stride + start; j < run; j++) {
          out[to + j] = accumulate ? out[to + j] + gradient[from + j] : gradient[from + j];
        }
      }
    });
    offset += run;
  });
};
