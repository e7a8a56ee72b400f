/**
 * Optimisers, the clipping of gradients, and learning rates over the course of a training as multiples of the largest one.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import { currentRegion, kernels } from "../kernels/mod.ts";

/** Changes parameters along their gradients. Its state lives in the region that was current when it was made. */
export interface Optimizer {
  /** The step size; a schedule may change it between steps. */
  learningRate: number;
  /** The parameters that it changes. */
  readonly parameters: readonly Tensor[];
  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void;
  /** What its next step depends on beside parameters and gradients; without it a training with this optimiser cannot be saved. */
  readonly state?: OptimizerState;
  /** Goes on from such a state. Throws `RangeError` when it is of other parameters. */
  restore?(state: OptimizerState): void;
}

/** What an optimiser remembers. */
export interface OptimizerState {
  /** Steps that were taken. */
  readonly step: number;
  /** Its arrays, in a fixed order; they change with the next step. */
  readonly moments: readonly Float32Array[];
}

function restoreMoments(own: readonly Float32Array[], { moments }: OptimizerState): void {
  const describe = (arrays: readonly Float32Array[]): string => arrays.map(({ length }) => length).join(", ");
  if (describe(own) !== describe(moments)) {
    throw new RangeError(`optimiser: moments of [${describe(own)}] values were wanted, [${describe(moments)}] found`);
  }
  own.forEach((values, index) => values.set(moments[index]));
}

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Decay of the mean of gradients; 0.9 when left out. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; 0.999 when left out. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8 when left out. */
  readonly epsilon?: number;
  /** Weight decay; 0 when left out. */
  readonly weightDecay?: number;
}

/** Adam (Kingma & Ba 2015); weight decay is added to the gradient. */
export class Adam implements Optimizer {
  learningRate: number;
  readonly #options: Required<AdamOptions>;
  readonly #moments: { mean: Float32Array; square: Float32Array }[];
  readonly #decoupled: boolean;
  #step = 0;

  /** An optimiser of the given parameters, with moments of zero. */
  constructor(readonly parameters: readonly Tensor[], options: AdamOptions, decoupled = false) {
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
    this.learningRate = learningRate;
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay };
    this.#decoupled = decoupled;
    this.#moments = parameters.map(({ size }) => ({
      mean: currentRegion().float32(size).fill(0),
      square: currentRegion().float32(size).fill(0),
    }));
  }

  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void {
    const constants = {
      ...this.#options,
      learningRate: this.learningRate,
      decoupled: this.#decoupled,
      step: ++this.#step,
    };
    this.parameters.forEach((parameter, index) => {
      if (parameter.gradient === null) return;
      kernels().adam(parameter.data, parameter.gradient, this.#moments[index], constants);
      parameter.gradient = null;
    });
  }

  /** Mean and mean square of each parameter's gradients, one after the other. */
  get state(): OptimizerState {
    return { step: this.#step, moments: this.#moments.flatMap(({ mean, square }) => [mean, square]) };
  }

  /** Goes on from such a state. Throws `RangeError` when it is of other parameters. */
  restore(state: OptimizerState): void {
    restoreMoments(this.state.moments, state);
    this.#step = state.step;
  }
}

/** AdamW (Loshchilov & Hutter 2019): Adam with weight decay decoupled from the gradient. */
export class AdamW extends Adam {
  /** An optimiser of the given parameters, with moments of zero. */
  constructor(parameters: readonly Tensor[], options: AdamOptions) {
    super(parameters, options, true);
  }
}

/** Options of {@linkcode Sgd}. */
export interface SgdOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Part of the velocity that is kept, 0...1; 0 when left out. */
  readonly momentum?: number;
  /** Multiple of the parameter added to its gradient (L2); 0 when left out. */
  readonly weightDecay?: number;
  /** Look ahead along the velocity (Nesterov). */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent with momentum: v = momentum*v + gradient, parameter -= learningRate*v (Sutskever et al. 2013). */
export class Sgd implements Optimizer {
  learningRate: number;
  readonly #options: Required<SgdOptions>;
  readonly #velocities: (Float32Array | null)[];

  /** An optimiser of the given parameters, with velocities of zero. */
  constructor(readonly parameters: readonly Tensor[], options: SgdOptions) {
    const { learningRate, momentum = 0, weightDecay = 0, nesterov = false } = options;
    this.learningRate = learningRate;
    this.#options = { learningRate, momentum, weightDecay, nesterov };
    this.#velocities = parameters.map(({ size }) =>
      this.#options.momentum === 0 ? null : currentRegion().float32(size).fill(0)
    );
  }

  /** Changes each parameter that has a gradient, and takes the gradient away: it is used up. */
  step(): void {
    const { momentum, weightDecay, nesterov } = this.#options;
    const constants = { learningRate: this.learningRate, momentum, weightDecay, nesterov };
    this.parameters.forEach((parameter, index) => {
      if (parameter.gradient === null) return;
      kernels().sgd(parameter.data, parameter.gradient, this.#velocities[index], constants);
      parameter.gradient = null;
    });
  }

  /** The velocities; no arrays without momentum. */
  get state(): OptimizerState {
    return { step: 0, moments: this.#velocities.filter((velocity) => velocity !== null) };
  }

  /** Goes on from such a state. Throws `RangeError` when it is of other parameters. */
  restore(state: OptimizerState): void {
    restoreMoments(this.state.moments, state);
  }
}

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

/** The multiple of the learning rate at `progress`, the part of the training that is done, 0...1. */
export type Schedule = (progress: number) => number;

/** The same learning rate throughout. */
export function constantSchedule(): Schedule {
  return () => 1;
}

/** Multiplies by `factor` at each of the given points of progress. */
export function stepSchedule(options: { at: readonly number[]; factor?: number }): Schedule {
  const { at, factor = 0.1 } = options;
  return (progress) => factor ** at.filter((point) => progress >= point).length;
}

/** From 1 down to `final` along half a cosine, after a linear warm-up over the part `warmup` (Loshchilov & Hutter 2017). */
export function cosineSchedule(options: { warmup?: number; final?: number } = {}): Schedule {
  const { warmup = 0, final = 0 } = options;
  return (progress) => {
    if (progress < warmup) return progress / warmup;
    const done = Math.min(1, (progress - warmup) / (1 - warmup));
    return final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * done));
  };
}

/** Up from `start` to 1 over the part `rise`, then down to `final`, both along cosines (Smith & Topin 2018). */
export function oneCycleSchedule(options: { rise?: number; start?: number; final?: number } = {}): Schedule {
  const { rise = 0.3, start = 0.04, final = 1e-4 } = options;
  const between = (from: number, to: number, done: number): number =>
    to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * done));
  return (progress) =>
    progress < rise
      ? between(start, 1, progress / rise)
      : between(1, final, Math.min(1, (progress - rise) / (1 - rise)));
}
