/**
 * Elementwise operations on one tensor.
 *
 * @module
 */
import { currentRegion, kernels, type UnaryName } from "../kernels/mod.ts";
import { type GradientRule, recordOperation } from "./record.ts";
import type { Tensor } from "./tensor.ts";

/** Runs and records an elementwise operation. */
export function unaryOperation(name: UnaryName, x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().unary(name, x.data, data);
  return recordOperation({ op: name, inputs: [x], shape: x.shape, data });
}

/** The gradient rule of an elementwise operation. */
export function unaryGradient(name: UnaryName): GradientRule {
  return ({ inputs: [x], output: y }, gradient, into) =>
    into(0, (out, accumulate) => kernels().unaryGradient(name, { x: x.data, y: y.data, gradient }, out, accumulate));
}
