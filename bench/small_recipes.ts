/**
 * Recipes for files of a few hundred bytes to ten kilobytes, one list a data set. All were chosen on validation data.
 *
 * @module
 */
import type { ProjectionOptions, TrainOptions } from "../mod.ts";

/** One file. */
export interface FileRecipe {
  /** Most bytes that the file may take. */
  readonly limit: number;
  /** The test accuracy to reach, in percent. */
  readonly target: number;
  /** The network. */
  readonly network: ProjectionOptions;
}

/** All files of a data set, trained beside one trainer. */
export interface Recipe {
  /** Trainer network, objective and optimisers. */
  readonly training: Pick<
    TrainOptions,
    "trainer" | "lambda" | "batchSize" | "optimizer" | "projectionOptimizer"
  >;
  /** Passes over the training data. */
  readonly epochs: number;
  /** The files. */
  readonly files: readonly FileRecipe[];
}

/** Options of a convolutional network whose head reads counts with ternary weights. */
function counts(
  functions: number,
  options: Partial<ProjectionOptions> & { pool?: number; by?: "greedy" | "prune" } = {},
): ProjectionOptions {
  const { pool, by, ...rest } = options;
  const select = pool === undefined ? undefined : { pool, by };
  return { family: "conv", functions, reads: "counts", head: "ternary", select, ...rest };
}

/** For normalised heads: they learn as much from the trainer as from the labels, and weights that batches normalise need no decay. */
const normalized = { lambda: [1, 1, 1], projectionOptimizer: { weightDecay: 0 } } as const;

/** The recipes by the name of the data set. */
export const recipes: Readonly<Record<"mnist" | "fashion-mnist" | "optdigits", Recipe>> = {
  mnist: {
    training: {},
    epochs: 12,
    files: [
      { limit: 512, target: 93, network: counts(10, { pool: 256, by: "prune" }) },
      { limit: 1024, target: 95.7, network: counts(24, { pool: 256 }) },
      { limit: 2048, target: 97.3, network: counts(24, { pool: 256, hidden: 24 }) },
      { limit: 4096, target: 98.2, network: counts(28, { pool: 256, hidden: 40 }) },
      { limit: 10_240, target: 98.9, network: counts(32, { pool: 512, hidden: 88 }) },
    ],
  },
  "fashion-mnist": {
    training: { ...normalized, trainer: { hidden: [256, 256], dropout: 0.2 } },
    epochs: 8,
    files: [
      { limit: 1024, target: 84, network: counts(27, { pool: 128, conv: { quantile: 0.8 }, normalize: true }) },
      { limit: 4096, target: 88, network: counts(126, { conv: { quantile: 0.8 }, normalize: true }) },
      {
        limit: 10_240,
        target: 89.5,
        network: counts(150, { conv: { quantile: [0.5, 0.98], cell: 4 }, normalize: true }),
      },
    ],
  },
  optdigits: {
    training: { ...normalized, trainer: { hidden: [256, 256], dropout: 0.3 }, batchSize: 32 },
    epochs: 40,
    files: [
      {
        limit: 1024,
        target: 95,
        network: {
          family: "gaussian",
          functions: 280,
          thresholds: "spread",
          select: { pool: 1024 },
          head: "ternary",
          normalize: true,
          dropout: 0.2,
        },
      },
    ],
  },
};
