import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { checkOffsets, describeShape, rowNumbers } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Lists of any lengths, one after the other. */
export interface GatherMeanOptions {
  /** List i is `offsets[i]` to before `offsets[i + 1]` of the indices: one number more than there are lists, from 0 to the number of indices. */
  readonly offsets: ArrayLike<number>;
}

/**
 * Means of rows of x by lists of indices (a bag of embeddings, the mean over a sequence): [n, width] and m lists give [m, width]; the mean of an empty
 * list is zero. Throws `ShapeError` when the offsets are no lists of the indices, `RangeError` for an index that is no row of x.
 */
export function gatherMean(x: Tensor, indices: ArrayLike<number>, { offsets }: GatherMeanOptions): Tensor {
  if (x.rank !== 2) {
    throw new ShapeError(`gatherMean: a matrix was wanted, ${describeShape(x.shape)} found`);
  }
  checkOffsets("gatherMean", offsets, indices.length);
  const width = x.shape[1], lists = offsets.length - 1;
  const values = x.data, positions = rowNumbers("gatherMean", x, indices);
  const bounds = currentRegion().int32(offsets.length);
  bounds.set(offsets);
  const data = currentRegion().float32(lists * width);
  data.fill(0);
  for (let list = 0, to = 0; list < lists; list++, to += width) {
    const factor = 1 / (bounds[list + 1] - bounds[list]);
    for (let i = bounds[list]; i < bounds[list + 1]; i++) {
      for (let j = 0, from = positions[i] * width; j < width; j++) data[to + j] += factor * values[from + j];
    }
  }
  const attributes = { positions, bounds };
  return recordOperation({ op: "gatherMean", inputs: [x], shape: [lists, width], data, attributes });
}

/** Gradient rule of {@linkcode gatherMean}: a mean's gradient is shared among its rows. */
export const gatherMeanGradient: GradientRule = ({ inputs: [x], attributes }, gradient, into) => {
  const { positions, bounds } = attributes as { positions: Int32Array; bounds: Int32Array };
  const width = x.shape[1];
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let list = 0, from = 0; list < bounds.length - 1; list++, from += width) {
      const factor = 1 / (bounds[list + 1] - bounds[list]);
      for (let i = bounds[list]; i < bounds[list + 1]; i++) {
        for (let j = 0, to = positions[i] * width; j < width; j++) out[to + j] += factor * gradient[from + j];
      }
    }
  });
};
