import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape, rowNumbers } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Sums of rows of x by index, `terms` rows to a sum (lookup tables, a bag of embeddings): [n, width] and m · terms indices give [m, width]. Throws
 * `ShapeError` when the indices are no multiple of `terms`, `RangeError` for an index that is no row of x.
 */
export function gatherSum(x: Tensor, indices: ArrayLike<number>, { terms }: { readonly terms: number }): Tensor {
  const sums = indices.length / terms;
  if (x.rank !== 2 || !Number.isInteger(sums) || terms < 1) {
    throw new ShapeError(
      `gatherSum: a matrix and a multiple of ${terms} indices were wanted, ${
        describeShape(x.shape)
      } and ${indices.length} found`,
    );
  }
  const width = x.shape[1], values = x.data;
  const positions = rowNumbers("gatherSum", x, indices);
  const data = currentRegion().float32(sums * width);
  data.fill(0);
  for (let i = 0; i < positions.length; i++) {
    for (let j = 0, from = positions[i] * width, to = Math.floor(i / terms) * width; j < width; j++) {
      data[to + j] += values[from + j];
    }
  }
  return recordOperation({
    op: "gatherSum",
    inputs: [x],
    shape: [sums, width],
    data,
    attributes: { positions, terms },
  });
}

/** Gradient rule of {@linkcode gatherSum}: a sum's gradient is added to each of its rows. */
export const gatherSumGradient: GradientRule = ({ inputs: [x], attributes }, gradient, into) => {
  const { positions, terms } = attributes as { positions: Int32Array; terms: number };
  const width = x.shape[1];
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let i = 0; i < positions.length; i++) {
      for (let j = 0, to = positions[i] * width, from = Math.floor(i / terms) * width; j < width; j++) {
        out[to + j] += gradient[from + j];
      }
    }
  });
};
