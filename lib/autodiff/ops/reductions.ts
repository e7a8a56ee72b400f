/**
 * Reductions over one axis or over all.
 *
 * @module
 */
import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { aroundAxis, resolveAxis } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Which axis a reduction runs over. */
export interface ReductionOptions {
  /** The axis, negative ones counted from the last; all axes when left out. */
  readonly axis?: number;
  /** Keep the reduced axis with length 1. */
  readonly keepDims?: boolean;
}

/** What a reduction's gradient rule needs. */
interface Reduction {
  /** Sizes before, of and behind the axis. */
  readonly outer: number;
  /** Length of the axis. */
  readonly length: number;
  /** Size behind the axis. */
  readonly inner: number;
}

/** The geometry and the output's shape of a reduction. */
function planReduction(
  op: string,
  x: Tensor,
  options: ReductionOptions,
): { reduction: Reduction; shape: number[] } {
  if (options.axis === undefined) {
    const shape = options.keepDims ? x.shape.map(() => 1) : [];
    return { reduction: { outer: 1, length: x.size, inner: 1 }, shape };
  }
  const axis = resolveAxis(op, options.axis, x.shape);
  const shape = x.shape.flatMap((length, i) => i !== axis ? [length] : options.keepDims ? [1] : []);
  return { reduction: aroundAxis(x.shape, axis), shape };
}

/** The sum over one axis or over all. */
export function sum(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { reduction, shape } = planReduction("sum", x, options);
  const data = currentRegion().float32(reduction.outer * reduction.inner);
  sumInto(x.data, data, reduction);
  return recordOperation({ op: "sum", inputs: [x], shape, data, attributes: reduction });
}

/** Sums over the middle axis of [outer, length, inner]. */
function sumInto(x: Float32Array, out: Float32Array, { outer, length, inner }: Reduction): void {
  if (inner === 1) return kernels().rowSums(x, out, { rows: outer, columns: length });
  for (let i = 0; i < outer; i++) {
    const rows = x.subarray(i * length * inner, (i + 1) * length * inner);
    kernels().columnSums(rows, out.subarray(i * inner, (i + 1) * inner), {
      rows: length,
      columns: inner,
      accumulate: false,
    });
  }
}

/** Adds or writes `factor` times a reduced gradient to every element that it was summed from. */
function spreadInto(
  gradient: Float32Array,
  out: Float32Array,
  { outer, length, inner, factor, accumulate }: Reduction & { factor: number; accumulate: boolean },
): void {
  for (let i = 0, at = 0; i < outer; i++) {
    for (let j = 0; j < length; j++) {
      for (let k = 0; k < inner; k++, at++) {
        const value = factor * gradient[i * inner + k];
        out[at] = accumulate ? out[at] + value : value;
      }
    }
  }
}

/** Gradient rule of {@linkcode sum}. */
export const sumGradient: GradientRule = ({ attributes }, gradient, into) =>
  into(0, (out, accumulate) => spreadInto(gradient, out, { ...attributes as Reduction, factor: 1, accumulate }));

/** The mean over one axis or over all; NaN over an axis of length 0. */
export function mean(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { reduction, shape } = planReduction("mean", x, options);
  const data = currentRegion().float32(reduction.outer * reduction.inner);
  sumInto(x.data, data, reduction);
  kernels().scale(data, 1 / reduction.length, data, false);
  return recordOperation({ op: "mean", inputs: [x], shape, data, attributes: reduction });
}

/** Gradient rule of {@linkcode mean}. */
export const meanGradient: GradientRule = ({ attributes }, gradient, into) => {
  const reduction = attributes as Reduction;
  into(0, (out, accumulate) => spreadInto(gradient, out, { ...reduction, factor: 1 / reduction.length, accumulate }));
};

/**
 * The largest value over one axis or over all; NaN when one of them is. The gradient goes to the first of equal values. Throws `ShapeError` over
 * an axis of length 0.
 */
export function max(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { reduction: { outer, length, inner }, shape } = planReduction("max", x, options);
  if (length === 0) throw new ShapeError(`max: at least one value was wanted, none found`);
  const data = currentRegion().float32(outer * inner);
  const positions = currentRegion().int32(outer * inner);
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      let best = i * length * inner + k;
      for (let j = 1, at = best + inner; j < length; j++, at += inner) {
        if (x.data[at] > x.data[best] || (x.data[at] !== x.data[at] && x.data[best] === x.data[best])) best = at;
      }
      data[i * inner + k] = x.data[best];
      positions[i * inner + k] = best;
    }
  }
  return recordOperation({ op: "max", inputs: [x], shape, data, attributes: positions });
}

/** Gradient rule of {@linkcode max}. */
export const maxGradient: GradientRule = ({ attributes }, gradient, into) => {
  const positions = attributes as Int32Array;
  into(0, (out, accumulate) => {
    if (!accumulate) out.fill(0);
    for (let i = 0; i < positions.length; i++) out[positions[i]] += gradient[i];
  });
};
