/**
 * A dense float32 array with a shape. Its values live in the current region of the arena (see `kernels/memory.ts`).
 *
 * @module
 */
import { currentRegion, ShapeError } from "../kernels/mod.ts";

/** Numbers nested to any depth, as they are written by hand: `[[1, 2], [3, 4]]`. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** A dense, row-major float32 array of any rank. */
export class Tensor {
  /** Length of each axis; empty for a scalar. */
  readonly shape: readonly number[];
  /** The values, row-major. */
  readonly data: Float32Array;
  /** Whether the tape follows this tensor. */
  readonly requiresGradient: boolean;
  /** Name for messages and exports. */
  readonly name: string;
  /** After `Tape.backward`, the derivative of the loss with respect to this tensor, if it is a leaf of the tape that requires one. */
  gradient: Float32Array | null = null;

  /** Wraps `data` without copying it. Throws {@linkcode ShapeError} when its length is not the product of `shape`. */
  constructor(
    shape: readonly number[],
    data: Float32Array,
    options: { requiresGradient?: boolean; name?: string } = {},
  ) {
    this.name = options.name ?? "tensor";
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(
        `${this.name}: shape [${shape.join(", ")}] holds ${sizeOf(shape)} values, ${data.length} were given`,
      );
    }
    this.shape = shape;
    this.data = data;
    this.requiresGradient = options.requiresGradient ?? false;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of values. */
  get size(): number {
    return this.data.length;
  }

  /** The value of a tensor that holds just one. */
  item(): number {
    if (this.data.length !== 1) {
      throw new ShapeError(`item: one value was wanted, shape [${this.shape.join(", ")}] found`);
    }
    return this.data[0];
  }

  /** The values as nested arrays. */
  toArray(): NestedNumbers {
    let level: NestedNumbers[] = Array.from(this.data);
    for (let axis = this.shape.length - 1; axis > 0; axis--) {
      const length = this.shape[axis];
      const rows = sizeOf(this.shape.slice(0, axis));
      level = Array.from({ length: rows }, (_, row) => level.slice(row * length, (row + 1) * length));
    }
    return this.shape.length === 0 ? level[0] : level;
  }
}

/** Number of values that a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** A tensor of the given shape in the current region; its values are undefined until they are written. */
export function empty(shape: readonly number[], options?: { requiresGradient?: boolean; name?: string }): Tensor {
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError(`shape [${shape.join(", ")}]: every length must be a whole number of at least 0`);
    }
  }
  return new Tensor(shape, currentRegion().float32(sizeOf(shape)), options);
}

/** A tensor of zeros in the current region. */
export function zeros(shape: readonly number[], options?: { requiresGradient?: boolean; name?: string }): Tensor {
  const result = empty(shape, options);
  result.data.fill(0);
  return result;
}

/**
 * A tensor with a copy of the given values, in the current region.
 *
 * @example
 * ```ts
 * import { tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]);
 * assertEquals(tensor(new Float32Array(6), { shape: [3, 2] }).size, 6);
 * ```
 */
export function tensor(
  values: NestedNumbers | Float32Array,
  options: { shape?: readonly number[]; requiresGradient?: boolean; name?: string } = {},
): Tensor {
  const nested = values instanceof Float32Array ? [values.length] : shapeOf(values);
  const result = empty(options.shape ?? nested, options);
  if (result.size !== sizeOf(nested)) {
    throw new ShapeError(`tensor: shape [${result.shape.join(", ")}] was wanted, ${sizeOf(nested)} values were given`);
  }
  if (values instanceof Float32Array) result.data.set(values);
  else fillNested(values, nested, result.data);
  return result;
}

function shapeOf(values: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level = values; typeof level !== "number"; level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function fillNested(values: NestedNumbers, shape: readonly number[], out: Float32Array): void {
  let next = 0;
  const visit = (level: NestedNumbers, depth: number): void => {
    const isNumber = typeof level === "number";
    if (isNumber !== (depth === shape.length) || (!isNumber && level.length !== shape[depth])) {
      throw new ShapeError(`tensor: rows of unequal lengths; the first row at each depth says [${shape.join(", ")}]`);
    }
    if (isNumber) out[next++] = level;
    else for (const item of level) visit(item, depth + 1);
  };
  visit(values, 0);
}

/** The same values, outside the tape's sight: no gradient flows through. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.shape, x.data, { name: x.name });
}
