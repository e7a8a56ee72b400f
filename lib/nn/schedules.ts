/**
 * Learning rates over the course of a training, as multiples of the largest one.
 *
 * @module
 */

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
