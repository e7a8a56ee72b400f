/**
 * Gradients compared with numeric differences.
 *
 * @module
 */
import { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/** The largest difference that a gradient check found. */
export interface GradientCheck {
  /** Largest |analytic - numeric| / max(1, |analytic|, |numeric|); NaN when a derivative is. */
  readonly largestError: number;
  /** Number of the input that it stands in. */
  readonly input: number;
  /** Position in that input. */
  readonly index: number;
  /** The tape's derivative there. */
  readonly analytic: number;
  /** The difference quotient there. */
  readonly numeric: number;
}

/**
 * Compares the tape's derivatives of `compute`, which gives one value, with central differences (f(x + h) - f(x - h)) / 2h in every entry of
 * every input that requires a gradient, and returns the largest disagreement. Values are float32, so an error of about 1e-3 is as good as it gets
 * with the default h of 1e-2.
 */
export function checkGradients(
  compute: (inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  options: { h?: number } = {},
): GradientCheck {
  const h = options.h ?? 1e-2;
  const tape = new Tape();
  const loss = tape.record(() => compute(inputs));
  tape.backward(loss);
  const gradients = inputs.map(({ gradient, size }) => gradient === null ? new Float32Array(size) : gradient.slice());
  let worst: GradientCheck = { largestError: 0, input: 0, index: 0, analytic: 0, numeric: 0 };
  inputs.forEach(({ data, requiresGradient }, input) => {
    for (let index = 0; requiresGradient && index < data.length; index++) {
      const value = data[index];
      data[index] = value + h;
      const above = data[index], right = compute(inputs).item();
      data[index] = value - h;
      const below = data[index], left = compute(inputs).item();
      data[index] = value;
      const numeric = (right - left) / (above - below);
      const analytic = gradients[input][index];
      const error = Math.abs(analytic - numeric) / Math.max(1, Math.abs(analytic), Math.abs(numeric));
      if (Number.isNaN(error)) worst = { largestError: NaN, input, index, analytic, numeric };
      if (Number.isNaN(worst.largestError)) return;
      if (error > worst.largestError) worst = { largestError: error, input, index, analytic, numeric };
    }
  });
  return worst;
}
