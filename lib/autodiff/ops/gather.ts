/**
 * Look-ups of rows by index.
 *
 * @module
 */
import { currentRegion, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { checkOffsets, describeShape, rowNumbers } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Rows of x by index along the first axis, repeats allowed (an embedding's look-up): [n, ...] and m indices give [m, ...]. Throws `RangeError` for an
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

/** Which indices belong together: lists of any lengths, one after the other. */
export interface IndexLists {
  /** List i is `offsets[i]` to before `offsets[i + 1]` of the indices: one number more than there are lists, from 0 to the number of indices. */
  readonly offsets: ArrayLike<number>;
}

/** Which indices belong to a sum: as many to each, or lists of any lengths. */
export type GatherSumOptions = { readonly terms: number } | IndexLists;

/**
 * Sums of rows of x by index (lookup tables, features of a text): [n, width] and m * terms indices, or m lists of them, give [m, width]; the sum of an empty
 * list is zero. Throws `ShapeError` when the indices are no multiple of `terms` or the offsets no lists of them, `RangeError` for an index that is no row of x.
 */
export function gatherSum(x: Tensor, indices: ArrayLike<number>, options: GatherSumOptions): Tensor {
  const bounds = "terms" in options
    ? equalLists(x, indices.length, options.terms)
    : listsOf("gatherSum", x, indices.length, options);
  return addLists("gatherSum", x, indices, bounds);
}

/**
 * Means of rows of x by lists of indices (a bag of embeddings, the mean over a sequence): [n, width] and m lists give [m, width]; the mean of an empty
 * list is zero. Throws `ShapeError` when the offsets are no lists of the indices, `RangeError` for an index that is no row of x.
 */
export function gatherMean(x: Tensor, indices: ArrayLike<number>, lists: IndexLists): Tensor {
  return addLists("gatherMean", x, indices, listsOf("gatherMean", x, indices.length, lists));
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

function listsOf(op: string, x: Tensor, indices: number, { offsets }: IndexLists): Int32Array {
  if (x.rank !== 2) throw new ShapeError(`${op}: a matrix was wanted, ${describeShape(x.shape)} found`);
  checkOffsets(op, offsets, indices);
  const bounds = currentRegion().int32(offsets.length);
  bounds.set(offsets);
  return bounds;
}

interface Lists {
  readonly positions: Int32Array;
  readonly bounds: Int32Array;
}

function addLists(op: "gatherSum" | "gatherMean", x: Tensor, indices: ArrayLike<number>, bounds: Int32Array): Tensor {
  const width = x.shape[1], values = x.data, lists = bounds.length - 1;
  const positions = rowNumbers(op, x, indices);
  const data = currentRegion().float32(lists * width);
  data.fill(0);
  for (let list = 0, to = 0; list < lists; list++, to += width) {
    const factor = factorOf(op, bounds, list);
    for (let i = bounds[list]; i < bounds[list + 1]; i++) {
      for (let j = 0, from = positions[i] * width; j < width; j++) data[to + j] += factor * values[from + j];
    }
  }
  const attributes: Lists = { positions, bounds };
  return recordOperation({ op, inputs: [x], shape: [lists, width], data, attributes });
}

/** Gradient rules of {@linkcode gatherSum} and {@linkcode gatherMean}: a list's gradient goes to each of its rows, that of a mean in equal shares. */
export const gatherListsGradient: GradientRule = ({ op, output, attributes }, gradient, into) => {
  const { positions, bounds } = attributes as Lists, width = output.shape[1];
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let list = 0, from = 0; list < bounds.length - 1; list++, from += width) {
      const factor = factorOf(op, bounds, list);
      for (let i = bounds[list]; i < bounds[list + 1]; i++) {
        for (let j = 0, to = positions[i] * width; j < width; j++) out[to + j] += factor * gradient[from + j];
      }
    }
  });
};

function factorOf(op: string, bounds: Int32Array, list: number): number {
  return op === "gatherMean" ? 1 / (bounds[list + 1] - bounds[list]) : 1;
}
