/**
 * The space that a search within a budget of bytes walks through: kinds of projection networks without their size, from which it starts and how one
 * is changed a little. New options of projection networks join the search here and nowhere else.
 *
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import { convLayout, type ImageShape, MAX_POOL } from "../../projection/mod.ts";
import type { ConvOptions, ProjectionOptions, SelectionOptions } from "../projection_options.ts";

/** A projection network without its size. */
export interface Recipe {
  /** Everything but the size. A pool is the least that is drawn: larger networks choose from at least twice as many as they keep. */
  readonly options: Omit<ProjectionOptions, "functions" | "hidden">;
  /** Units of a hidden layer for each function; there is none when left out. */
  readonly hiddenRatio?: number;
}

/** The fewest hidden units. */
const fewestHidden = 2;
/** Cells of counts are at most this wide, so that a count fits in a byte. */
const widestCell = 15;

/** The network of a recipe with a number of functions. */
export function sizeRecipe({ options, hiddenRatio }: Recipe, functions: number): ProjectionOptions {
  const { select } = options;
  return {
    ...options,
    functions,
    ...(select && { select: { ...select, pool: Math.max(select.pool, 2 ** Math.ceil(Math.log2(2 * functions))) } }),
    ...(hiddenRatio && { hidden: Math.max(fewestHidden, Math.round(hiddenRatio * functions)) }),
  };
}

/** The most functions that a search tries: filters, or bits. */
export function mostFunctions({ options: { family, select } }: Recipe): number {
  return Math.min(family === "conv" ? 512 : 8192, select === undefined ? Infinity : MAX_POOL / 2);
}

/** The recipes that a search starts from, the most promising first. */
export function startingRecipes(input: Dataset["input"]): Recipe[] {
  const bits = (options: Recipe["options"], hiddenRatio?: number): Recipe => ({
    options: { head: "ternary", ...options },
    hiddenRatio,
  });
  if (input.kind === "table") {
    const select = { pool: 1024, by: "greedy" } as const;
    return [
      bits({ family: "gaussian", select, thresholds: "spread" }),
      bits({ family: "gaussian", select, thresholds: "zero" }),
      bits({ family: "taps", taps: 4, select, thresholds: "spread" }),
      bits({ family: "gaussian", select, thresholds: "median" }, 0.15),
      bits({ family: "taps", taps: 16, select, thresholds: "spread" }),
      bits({ family: "sign", select, thresholds: "median" }),
      bits({ family: "taps", taps: 2, select, thresholds: "median" }, 0.15),
      bits({ family: "gaussian", select, thresholds: "spread", head: "int4" }),
      bits({ family: "gaussian", thresholds: "zero" }),
    ];
  }
  const conv = (select: SelectionOptions | undefined, more: ConvOptions = {}, hiddenRatio?: number): Recipe => ({
    options: { family: "conv", reads: "counts", head: "ternary", select, conv: convOptions(input, more) },
    hiddenRatio,
  });
  const prune = { pool: 256, by: "prune" } as const, greedy = { pool: 256, by: "greedy" } as const;
  const patches = { pool: 4096, by: "greedy" } as const;
  return [
    conv(prune),
    conv(greedy),
    conv(greedy, {}, 1),
    conv(prune, { quantile: 0.9 }),
    conv(greedy, {}, 1.5),
    conv(prune, { filter: 3 }),
    conv(prune, { filter: 7 }),
    bits({ family: "patch", select: patches, thresholds: "spread" }),
    conv(undefined),
    bits({ family: "patch", select: patches, thresholds: "zero" }),
    bits({ family: "patch", select: patches, thresholds: "median" }, 0.1),
  ];
}

/** Filters on at most about 40 x 40 positions, and cells whose counts fit in a byte. */
function convOptions(image: ImageShape, more: ConvOptions): ConvOptions {
  const side = Math.min(image.width, image.height);
  const stride = Math.ceil(side / 40), filter = Math.min(more.filter ?? 5, side);
  return { quantile: 0.95, ...more, filter, stride, cell: cellOf(image, { filter, stride }, 4) };
}

/** The side of the cells of which `across` stand side by side. */
function cellOf(image: ImageShape, { filter, stride }: { filter: number; stride: number }, across: number): number {
  const { positionsAcross, positionsDown } = convLayout({ image, filter, stride, cell: 1, cellStride: 1 });
  return Math.min(widestCell, Math.max(1, Math.ceil(Math.max(positionsAcross, positionsDown) / across)));
}

/** What a search tries for an option; a variation goes one step up or down. */
const steps = {
  filter: [3, 4, 5, 6, 7],
  cellsAcross: [3, 4, 5, 6, 8],
  quantile: [0.7, 0.8, 0.9, 0.95, 0.98],
  filterPool: [128, 256, 512, 1024],
  bitPool: [256, 1024, 4096, 16384],
  taps: [2, 4, 8, 16, 32],
  hiddenOfFilters: [0, 0.5, 1, 1.5, 2],
  hiddenOfBits: [0, 0.05, 0.1, 0.15, 0.25],
} as const;

/** The values next to `value` in an ascending list. */
function nextTo(list: readonly number[], value: number): number[] {
  const below = list.filter((other) => other < value), above = list.filter((other) => other > value);
  return [...below.slice(-1), ...above.slice(0, 1)];
}

/** Recipes that differ from the given one in one option, by one step, those that matter most first. */
export function variations(recipe: Recipe, input: Dataset["input"]): Recipe[] {
  const { options, hiddenRatio = 0 } = recipe;
  const { family, select, taps, head } = options;
  const isConv = family === "conv";
  const change = (more: Partial<Recipe["options"]>): Recipe => ({ ...recipe, options: { ...options, ...more } });
  const found = nextTo(isConv ? steps.hiddenOfFilters : steps.hiddenOfBits, hiddenRatio).map((ratio): Recipe => ({
    options,
    hiddenRatio: ratio === 0 ? undefined : ratio,
  }));
  if (isConv && input.kind === "image") {
    const { filter, stride, cell, quantile } = options.conv as Required<ConvOptions>;
    const withConv = (more: ConvOptions): Recipe => change({ conv: { ...options.conv, ...more } });
    const cells = new Set(steps.cellsAcross.map((across) => cellOf(input, { filter, stride }, across)));
    const across = steps.cellsAcross.find((n) => cellOf(input, { filter, stride }, n) === cell) ?? 4;
    found.push(
      ...nextTo([...cells].sort((a, b) => a - b), cell).map((next) => withConv({ cell: next })),
      ...(typeof quantile === "number" ? nextTo(steps.quantile, quantile) : []).map((next) =>
        withConv({ quantile: next })
      ),
      ...nextTo(steps.filter.filter((side) => side <= Math.min(input.width, input.height)), filter).map((next) =>
        withConv({ filter: next, cell: cellOf(input, { filter: next, stride }, across) })
      ),
    );
  }
  if (select !== undefined) {
    const { pool, by } = select;
    found.push(
      change({ select: { pool, by: by === "prune" ? "greedy" : "prune" } }),
      ...nextTo(isConv ? steps.filterPool : steps.bitPool, pool).map((next) => change({ select: { pool: next, by } })),
    );
  }
  if (taps !== undefined) found.push(...nextTo(steps.taps, taps).map((next) => change({ taps: next })));
  if (!isConv) {
    const rules = ["spread", "median", "zero"] as const;
    found.push(...rules.filter((rule) => rule !== options.thresholds).map((thresholds) => change({ thresholds })));
  }
  found.push(change({ head: head === "ternary" ? "int4" : "ternary" }));
  if (hiddenRatio > 0 && typeof head === "string") found.push(change({ head: [head, "int8"] }));
  return found;
}
