/**
 * How the layers of a head are trained and stored.
 *
 * @module
 */
import type { HeadPrecision } from "../packed/mod.ts";
import { TrainingError } from "./errors.ts";

/** The kinds of head layers: a precision of the weights, or lookup tables with entries of a precision (int8 when none is named). */
export const headKinds = [
  "float",
  "int8",
  "int4",
  "ternary",
  "binary",
  "table",
  "table-int4",
  "table-ternary",
] as const;

/** A kind of head layer. */
export type HeadKind = typeof headKinds[number];

/** How the weights of layers of a trainer network that are packed are trained and stored. */
export const trunkPrecisions = ["int8", "int4", "ternary", "binary"] as const;

/** A precision of packed layers of a trainer network. */
export type TrunkPrecision = typeof trunkPrecisions[number];

/** The most bits of a function whose tables are trained: a table has 2^bits rows. */
export const maxTableBits = 12;

/** A layer of a head. */
export interface HeadLayerKind {
  /** Precision of the weights or entries. */
  readonly precision: HeadPrecision;
  /** Whether each projection function's bits select a row of a table of its own. */
  readonly tables: boolean;
}

/**
 * The layers of a head. One kind counts for all layers; tables are for the first, and a layer behind them has the precision of their entries.
 *
 * @param kinds one for all layers or one for each; `float` when left out
 * @param count number of layers
 * @returns one a layer
 * @throws {TrainingError} when there are as many kinds as neither one nor the layers, or tables behind the first layer
 */
export function headLayers(kinds: HeadKind | readonly HeadKind[] = "float", count: number): HeadLayerKind[] {
  const list = typeof kinds === "string" ? [kinds] : kinds;
  if (list.length !== 1 && list.length !== count) {
    throw new TrainingError(`head: ${list.length} kinds of layers for ${count} layers, wanted one or ${count}`);
  }
  return Array.from({ length: count }, (_, index) => {
    const kind = list[index] ?? list[0];
    const [first, entries] = kind.split("-") as [HeadPrecision | "table", HeadPrecision?];
    const tables = first === "table" && index === 0;
    if (first === "table" && index < list.length && !tables) {
      throw new TrainingError(`head: ${kind} as layer ${index}, wanted tables only as the first layer`);
    }
    return { precision: first === "table" ? entries ?? "int8" : first, tables };
  });
}

/** Throws {@linkcode TrainingError} for tables that such a code cannot select rows of. */
export function checkTables({ bitsPerFunction, reads }: { bitsPerFunction: number; reads: "bits" | "counts" }): void {
  if (reads === "counts") throw new TrainingError("head: tables are selected by bits, and the head reads counts");
  if (bitsPerFunction > maxTableBits) {
    throw new TrainingError(
      `head: tables of ${bitsPerFunction} bits have 2^${bitsPerFunction} rows, wanted at most ${maxTableBits} bits`,
    );
  }
}
