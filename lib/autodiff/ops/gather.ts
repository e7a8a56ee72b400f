/**
 * Look-ups of rows by index.
 *
 * @module
 */
import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import type { Tensor } from "../tensor.ts";
import { describeShape } from "../shapes.ts";

/**
 * Rows of x by index along the first axis, repeats allowed (an embedding's look-up): [n, ...] and m indices give [m, ...]. Throws `RangeError` for an
 * index that is no row of x.
 */
export function gather(x: Tensor, indices: ArrayLike<number>): Tensor {
  if (x.rank === 0) throw new ShapeError("gather: a tensor with at least one axis was wanted, a scalar found");
  const rows = x.shape[0];
  const width = rows === 0 ? 0 : x.size / rows;
  const positions = currentRegion().int32(indices.length);
  const data = currentRegion().float32(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!Number.isInteger(row) || row < 0 || row >= rows) {
      throw new RangeError(`gather: index ${row} at position ${i} is not one of the ${rows} rows of ${x.name}`);
    }
    positions[i] = row;
    data.set(x.data.subarray(row * width, (row + 1) * width), i * width);
  }
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

/**
 * Sums of rows of x by index, `terms` rows to a sum (lookup tables, a bag of embeddings): [n, width] and m * terms indices give [m, width]. Throws
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
  const [rows, width] = x.shape;
  const positions = currentRegion().int32(indices.length);
  const data = currentRegion().float32(sums * width);
  data.fill(0);
  const values = x.data;
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!(row >= 0 && row < rows) || row !== Math.floor(row)) {
      throw new RangeError(`gatherSum: index ${row} at position ${i} is not one of the ${rows} rows of ${x.name}`);
    }
    positions[i] = row;
    for (let j = 0, from = row * width, to = Math.floor(i / terms) * width; j < width; j++) {
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
