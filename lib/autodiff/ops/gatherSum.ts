import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { checkOffsets, describeShape, rowNumbers } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Which indices belong to a sum: as many to each, or lists of any lengths as in `gatherMean`. */
export type GatherSumOptions = { readonly terms: number } | { readonly offsets: ArrayLike<number> };

/**
 * Sums of rows of x by index (lookup tables, features of a text): [n, width] and m · terms indices, or m lists of them, give [m, width]; the sum of an empty
 * list is zero. Throws `ShapeError` when the indices are no multiple of `terms` or the offsets no lists of them, `RangeError` for an index that is no row of x.
 */
export function gatherSum(x: Tensor, indices: ArrayLike<number>, options: GatherSumOptions): Tensor {
  const bounds = "terms" in options
    ? equalLists(x, indices.length, options.terms)
    : listsOf(x, indices.length, options);
  const width = x.shape[1], values = x.data, sums = bounds.length - 1;
  const positions = rowNumbers("gatherSum", x, indices);
  const data = currentRegion().float32(sums * width);
  data.fill(0);
  for (let list = 0, to = 0; list < sums; list++, to += width) {
    for (let i = bounds[list]; i < bounds[list + 1]; i++) {
      for (let j = 0, from = positions[i] * width; j < width; j++) data[to + j] += values[from + j];
    }
  }
  const attributes = { positions, bounds };
  return recordOperation({ op: "gatherSum", inputs: [x], shape: [sums, width], data, attributes });
}

function equalLists(x: Tensor, indices: number, terms: number): Int32Array {
  const sums = indices / terms;
  if (x.rank !== 2 || !Number.isInteger(sums) || terms < 1) {
    throw new ShapeError(
      `gatherSum: a matrix and a multiple of ${terms} indices were wanted, ${
        describeShape(x.shape)
      } and ${indices} found`,
    );
  }
  const bounds = currentRegion().int32(sums + 1);
  for (let i = 0; i <= sums; i++) bounds[i] = i * terms;
  return bounds;
}

function listsOf(x: Tensor, indices: number, { offsets }: { offsets: ArrayLike<number> }): Int32Array {
  if (x.rank !== 2) throw new ShapeError(`gatherSum: a matrix was wanted, ${describeShape(x.shape)} found`);
  checkOffsets("gatherSum", offsets, indices);
  const bounds = currentRegion().int32(offsets.length);
  bounds.set(offsets);
  return bounds;
}

/** Gradient rule of {@linkcode gatherSum}: a sum's gradient is added to each of its rows. */
export const gatherSumGradient: GradientRule = ({ inputs: [x], attributes }, gradient, into) => {
  const { positions, bounds } = attributes as { positions: Int32Array; bounds: Int32Array };
  const width = x.shape[1];
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let list = 0, from = 0; list < bounds.length - 1; list++, from += width) {
      for (let i = bounds[list]; i < bounds[list + 1]; i++) {
        for (let j = 0, to = positions[i] * width; j < width; j++) out[to + j] += gradient[from + j];
      }
    }
  });
};
