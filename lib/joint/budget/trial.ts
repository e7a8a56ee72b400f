/**
 * Trained candidates of a search within a budget, and which of them are better.
 *
 * @module
 */
import type { ProjectionOptions } from "../projection_options.ts";
import type { TrainedProjection } from "../train.ts";
import type { Recipe } from "./recipes.ts";
import type { BudgetPoint } from "./train_within_budget.ts";

/** A trained candidate. */
export interface Trial {
  readonly recipe: Recipe;
  readonly options: ProjectionOptions;
  readonly rank: number;
  readonly network: TrainedProjection;
  /** Bytes of the file for each that was estimated. */
  readonly ratio: number;
}

/** Trials from the best on: on more rows, then by accuracy on validation data, then by bytes; equals in their order. */
export function ranked(trials: readonly Trial[]): Trial[] {
  return trials.toSorted((a, b) => b.rank - a.rank || compare(a.network, b.network));
}

/** What networks are compared by. */
type Measured = Pick<TrainedProjection, "validationAccuracy" | "bytes">;

function compare(a: Measured, b: Measured): number {
  return (b.validationAccuracy ?? 0) - (a.validationAccuracy ?? 0) || a.bytes.length - b.bytes.length;
}

/** The best one. */
export function bestOf<T extends Measured>(networks: readonly T[]): T {
  return networks.toSorted(compare)[0];
}

/** Those of which no smaller one is as good, by their bytes. */
export function frontierOf(trials: readonly Trial[]): BudgetPoint[] {
  const bySize = trials.toSorted((a, b) => a.network.bytes.length - b.network.bytes.length);
  let best = -1;
  return bySize.flatMap(({ network, options }) => {
    const validationAccuracy = network.validationAccuracy ?? 0;
    if (validationAccuracy <= best) return [];
    best = validationAccuracy;
    return [{ bytes: network.bytes.length, validationAccuracy, options }];
  });
}
