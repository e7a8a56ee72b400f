import type { Tensor } from "../autodiff/mod.ts";
import { kernels } from "../kernels/mod.ts";

/**
 * Scales all gradients down together when their common Euclidean norm is above `largestNorm` (Pascanu et al. 2013). Returns the norm before; not
 * finite when a gradient is not.
 */
export function clipGradients(parameters: readonly Tensor[], largestNorm: number): number {
  let sum = 0;
  for (const { gradient } of parameters) if (gradient !== null) sum += kernels().sumOfSquares(gradient);
  const norm = Math.sqrt(sum);
  if (norm > largestNorm && Number.isFinite(norm)) {
    for (const { gradient } of parameters) {
      if (gradient !== null) kernels().scale(gradient, largestNorm / norm, gradient, false);
    }
  }
  return norm;
}
