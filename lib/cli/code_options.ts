/**
 * The options that say what a projection network's code is: the family and its parameters, the number of bits, where they are cut, and
 * how rows are chosen from a pool.
 */
import type { ProjectionOptions } from "../joint/mod.ts";
import { UsageError } from "./errors.ts";
import { type BitSize, bitSizes, choice, integer, integerRange, numberRange } from "./option_values.ts";
import type { OptionValues } from "./options.ts";

const pixels = integer({ min: 1, max: 65536 });

/** Options of the code. */
export const CODE_OPTIONS = {
  projection: {
    value: "FAMILY",
    help:
      "random projections: gaussian, sign (±1), taps (a few features a bit, ±1), hadamard (structured, fast), and for images patch (rectangles of ±1) " +
      "and conv (small filters of ±1 everywhere, counted in cells); for --task text always text",
    parse: choice(["gaussian", "sign", "taps", "hadamard", "patch", "conv", "text"]),
    default: "gaussian",
  },
  bits: {
    value: "TxD",
    help:
      "T projection functions of D bits each; several sizes (8x10,60x12) train several networks beside one trainer; N alone is Nx1; with " +
      "--projection conv N filters, each with one bit a cell (otherwise 60x12, for conv 32, for --task text 8192)",
    parse: bitSizes,
  },
  taps: {
    value: "N",
    help: "features that each bit looks at, for --projection taps (otherwise 28)",
    parse: integer({ min: 1, max: 65536 }),
  },
  patch: {
    value: "MIN-MAX",
    help:
      "smallest and largest side in pixels, for --projection patch (otherwise a seventh to five sevenths of the image's side)",
    parse: integerRange({ min: 1, max: 65536 }),
  },
  filter: { value: "N", help: "side of the filters in pixels, for --projection conv (otherwise 5)", parse: pixels },
  stride: { value: "N", help: "pixels from position to position, for --projection conv (otherwise 1)", parse: pixels },
  cell: {
    value: "N",
    help: "side of a cell in positions, for --projection conv (otherwise a quarter of the positions)",
    parse: pixels,
  },
  "cell-stride": {
    value: "N",
    help: "positions from cell to cell, for --projection conv (otherwise the side of a cell; less overlaps)",
    parse: pixels,
  },
  "filter-quantile": {
    value: "Q[-Q]",
    help:
      "the quantile of a filter's sums above which it responds, for --projection conv; with two each filter has one of its own between them " +
      "(otherwise 0.95)",
    parse: numberRange({ min: 0, max: 1 }),
  },
  reads: {
    value: "KIND",
    help: "what the head reads, for --projection conv: bits, or the counts of the cells (otherwise bits)",
    parse: choice(["bits", "counts"]),
  },
  thresholds: {
    value: "RULE",
    help:
      "where a projection becomes a bit: zero, mean (of the input), median (of each bit), spread (quantiles spread over the bits) or auto (by " +
      "validation data); otherwise mean (with --select spread) below 256 bits, zero from there on and for --task text, and median for conv",
    parse: choice(["zero", "mean", "median", "spread", "auto"]),
  },
  select: {
    value: "POOL",
    help:
      "choose the rows (conv: the filters) from so many candidates; the file stores their numbers; for --task text with --entries sign or ternary",
    parse: integer({ min: 1, max: 16_777_216 }),
  },
  "select-by": {
    value: "WAY",
    help:
      "greedy (add what explains most of what is left unexplained) or prune (drop what has the smallest weights), for --select (otherwise greedy)",
    parse: choice(["greedy", "prune"]),
  },
} as const;

type CodeValues = OptionValues<typeof CODE_OPTIONS>;

/** The family that an option is for. */
const FAMILY_OF = {
  taps: "taps",
  patch: "patch",
  filter: "conv",
  stride: "conv",
  cell: "conv",
  "cell-stride": "conv",
  "filter-quantile": "conv",
  reads: "conv",
} as const;

/**
 * Refuses a pool of fewer candidates than are chosen from it, and a way to choose without a pool.
 *
 * @throws {UsageError} naming the option
 */
export function checkPool(
  { select: pool, "select-by": by }: Partial<Pick<CodeValues, "select" | "select-by">>,
  wanted: number,
): void {
  if (by !== undefined && pool === undefined) throw new UsageError("--select-by is for --select POOL");
  if (pool !== undefined && pool < wanted) {
    throw new UsageError(`--select ${pool}: wanted a pool of at least the ${wanted} that are chosen from it`);
  }
}

/**
 * Refuses options that none of the families takes.
 *
 * @throws {UsageError} naming the first
 */
export function checkFamilies(values: Pick<CodeValues, keyof typeof FAMILY_OF>, families: readonly string[]): void {
  for (const [name, wanted] of Object.entries(FAMILY_OF)) {
    if (values[name as keyof typeof FAMILY_OF] === undefined || families.includes(wanted)) continue;
    const found = families.length === 1
      ? `the projection is ${families[0]}`
      : `the projections are ${families.join(", ")}`;
    throw new UsageError(`--${name} is for --projection ${wanted}, and ${found}`);
  }
}

/** The values for one of several families: without the options that only others take. */
export function valuesOfFamily<T extends CodeValues>(values: T, family: CodeValues["projection"]): T {
  const others = Object.entries(FAMILY_OF).filter(([, wanted]) => wanted !== family).map(([name]) => [name, undefined]);
  return { ...values, projection: family, ...Object.fromEntries(others) };
}

/** The sizes to train. */
export function codeSizes({ projection, bits }: CodeValues): BitSize[] {
  return bits ?? bitSizes(projection === "conv" ? "32" : "60x12");
}

/**
 * The code of each size.
 *
 * @throws {UsageError} for options that do not go together
 */
export function codeOptions(values: CodeValues): ProjectionOptions[] {
  const {
    projection: family,
    taps,
    patch,
    filter,
    stride,
    cell,
    "filter-quantile": quantile,
    reads,
    thresholds,
    select: pool,
  } = values;
  checkFamilies(values, [family]);
  if (thresholds !== undefined && reads === "counts" && pool === undefined) {
    throw new UsageError("--thresholds cuts bits, and with --reads counts the head reads none");
  }
  if (family === "text") throw new UsageError("--projection text is for --task text");
  return codeSizes(values).map(({ functions, bitsPerFunction }) => {
    const wanted = family === "conv" ? functions : functions * bitsPerFunction;
    checkPool(values, wanted);
    return {
      family,
      functions,
      bitsPerFunction: family === "conv" && bitsPerFunction === 1 ? undefined : bitsPerFunction,
      taps,
      patch: patch && { smallest: patch.from, largest: patch.to },
      conv: family !== "conv" ? undefined : {
        filter,
        stride,
        cell,
        cellStride: values["cell-stride"],
        quantile: quantile && [quantile.from, quantile.to],
      },
      reads,
      thresholds,
      select: pool === undefined ? undefined : { pool, by: values["select-by"] },
    };
  });
}
