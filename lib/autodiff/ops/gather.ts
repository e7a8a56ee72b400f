import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { rowNumbers } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Rows of x by index along the first axis, repeats allowed (an embedding's look-up): [n, …] and m indices give [m, …]. Throws `RangeError` for an
 * index that is no row of x.
 */
export function gather(x: Tensor, indices: ArrayLike<number>): Tensor {
  if (x.rank === 0) throw new ShapeError("gather: a tensor with at least one axis was wanted, a scalar found");
  const rows = x.shape[0];
  const width = rows === 0 ? 0 : x.size / rows;
  const positions = rowNumbers("gather", x, indices);
  const data = currentRegion().float32(indices.length * width);
  positions.forEach((row, i) => data.set(x.data.subarray(row * width, (row + 1) * width), i * width));
  const shape = [indices.length, ...x.shape.slice(1)];
  return recordOperation({ op: "gather", inputs: [x], shape, data, attributes: { positions, width } });
}

/** Gradient rule of {@linkcode gather}: each row's gradient is added where it came from. */
export const gatherGradient: GradientRule = ({ attributes }, gradient, into) => {
  const { positions, width } = attributes as { positions: Int32Array; width: number };
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let i = 0; i < positions.length; i++) {
      for (let j = 0, to = positions[i] * width, from = i * width; j < width; j++) out[to + j] += gradient[from + j];
    }
  });
};
