import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { aroundAxis, describeShape, resolveAxis } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

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
