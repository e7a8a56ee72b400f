/**
 * The optimisers' updates in plain TypeScript, one pass over the parameter.
 *
 * @module
 */
import type { AdamStep, SgdStep } from "../interface.ts";

/** The smallest normal float32. */
const smallestNormal = 2 ** -126;

/** See {@linkcode Kernels.sgd}. */
export function sgd(
  parameter: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | null,
  step: SgdStep,
): void {
  const { learningRate, momentum, weightDecay, nesterov } = step;
  for (let i = 0; i < parameter.length; i++) {
    const slope = gradient[i] + weightDecay * parameter[i];
    if (velocity === null) {
      parameter[i] -= learningRate * slope;
    } else {
      const speed = velocity[i] = withoutSubnormals(momentum * velocity[i] + slope);
      parameter[i] -= learningRate * (nesterov ? slope + momentum * speed : speed);
    }
  }
}

/** See {@linkcode Kernels.adam}. */
export function adam(
  parameter: Float32Array,
  gradient: Float32Array,
  moments: { mean: Float32Array; square: Float32Array },
  step: AdamStep,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled } = step;
  const { mean, square } = moments;
  const correction1 = 1 - beta1 ** step.step;
  const correction2 = 1 - beta2 ** step.step;
  const stepSize = learningRate / correction1;
  const rootCorrection = 1 / Math.sqrt(correction2);
  const coupledDecay = decoupled ? 0 : weightDecay;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  for (let i = 0; i < parameter.length; i++) {
    const slope = gradient[i] + coupledDecay * parameter[i];
    const first = mean[i] = withoutSubnormals(beta1 * mean[i] + (1 - beta1) * slope);
    const second = square[i] = withoutSubnormals(beta2 * square[i] + (1 - beta2) * slope * slope);
    parameter[i] = parameter[i] * shrink - stepSize * first / (Math.sqrt(second) * rootCorrection + epsilon);
  }
}

function withoutSubnormals(value: number): number {
  return Math.abs(value) < smallestNormal ? 0 : value;
}
