/**
 * Shapes: checks with one form of message, and broadcasting as in NumPy.
 *
 * @module
 */
import { currentRegion, ShapeError } from "../kernels/mod.ts";
import type { Tensor } from "./tensor.ts";

/** `[2, 3]`, for messages. */
export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Throws {@linkcode ShapeError} unless `x` has the wanted rank. */
export function expectRank(op: string, x: Tensor, rank: number): void {
  if (x.rank !== rank) {
    throw new ShapeError(`${op}: ${x.name} of rank ${rank} was wanted, shape ${describeShape(x.shape)} found`);
  }
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** An axis as a number from 0 on; negative ones count from the last. */
export function resolveAxis(op: string, axis: number, shape: readonly number[]): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length) {
    throw new ShapeError(`${op}: axis ${axis} is not an axis of shape ${describeShape(shape)}`);
  }
  return resolved;
}

/** The shape seen from one axis: the sizes before it, of it and behind it. */
export function aroundAxis(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  let outer = 1, inner = 1;
  for (let i = 0; i < axis; i++) outer *= shape[i];
  for (let i = axis + 1; i < shape.length; i++) inner *= shape[i];
  return { outer, length: shape[axis], inner };
}

/** The common shape of two operands: aligned at the last axis, an axis of length 1 repeats (NumPy's rule). */
export function broadcastShapes(op: string, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) {
      throw new ShapeError(`${op}: shapes ${describeShape(a)} and ${describeShape(b)} do not broadcast`);
    }
    return fromA === 1 ? fromB : fromA;
  });
}

/** Distances between neighbours along each axis of `target`, for a walk over `shape` that repeats axes of length 1. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = new Array<number>(target.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1) strides[axis + target.length - shape.length] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/**
 * Visits every element of `shape` in row-major order: calls `visit(index, offset)` with its position and with the offset that `strides` give it.
 */
export function walk(
  shape: readonly number[],
  strides: readonly number[],
  visit: (index: number, offset: number) => void,
): void {
  const counters = new Array<number>(shape.length).fill(0);
  let size = 1;
  for (const length of shape) size *= length;
  for (let index = 0, offset = 0; index < size; index++) {
    visit(index, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++counters[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      counters[axis] = 0;
    }
  }
}

/** A tensor seen as rows along its last axis. Throws {@linkcode ShapeError} for a scalar or an axis of length 0. */
export function rowsOf(op: string, x: Tensor): { rows: number; columns: number } {
  const columns = x.shape[x.rank - 1];
  if (!(columns > 0)) {
    throw new ShapeError(`${op}: a last axis of at least 1 was wanted, shape ${describeShape(x.shape)} found`);
  }
  return { rows: x.size / columns, columns };
}

/** A copy of `indices` in the current region. Throws `RangeError` for one that is no row of x, by its position. */
export function rowNumbers(op: string, x: Tensor, indices: ArrayLike<number>): Int32Array {
  const rows = x.shape[0];
  const numbers = currentRegion().int32(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!(row >= 0 && row < rows) || row !== Math.floor(row)) {
      throw new RangeError(`${op}: index ${row} at position ${i} is not one of the ${rows} rows of ${x.name}`);
    }
    numbers[i] = row;
  }
  return numbers;
}

/** Throws {@linkcode ShapeError} unless the offsets cut `length` indices into lists: they rise from 0 to it. */
export function checkOffsets(op: string, offsets: ArrayLike<number>, length: number): void {
  const last = offsets.length - 1;
  if (last < 0 || offsets[0] !== 0 || offsets[last] !== length) {
    throw new ShapeError(
      `${op}: offsets from 0 to the number of indices, ${length}, were wanted, ${offsets.length} from ${
        offsets[0]
      } to ${offsets[last]} found`,
    );
  }
  for (let i = 0; i < last; i++) {
    if (!Number.isInteger(offsets[i + 1]) || offsets[i + 1] < offsets[i]) {
      throw new ShapeError(
        `${op}: offsets that never fall were wanted, ${offsets[i + 1]} after ${offsets[i]} found`,
      );
    }
  }
}
