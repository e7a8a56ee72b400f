/**
 * The innermost part of the matrix product: a tile of the output that stays in registers while the inner index runs over the operands.
 *
 * Each step of the inner index loads one row of B (two vectors) and multiplies it by one value of each row of A. Six rows of eight columns are
 * twelve sums in vector registers; with the row of B and the value of A that fills the sixteen that x64 has. Without fused multiply-add the
 * product takes a register too, and only five rows fit.
 *
 * @module
 */
import { type Code, F32, type FunctionReference, I32, type TypeReference } from "./assembler/mod.ts";
import { type Features, type KernelModule, multiplyAdd } from "./kernel.ts";

/** Columns of a tile; tiles of half the width serve the last columns. */
export const tileColumns = 8;

/** Rows of a tile at most. */
export const mostTileRows = 6;

/** Rows of a tile. */
export function tileRows({ relaxed }: Features): number {
  return relaxed ? mostTileRows : mostTileRows - 1;
}

/** The parameters of a run of tiles below each other; addresses and strides are in bytes. */
const parameters = {
  /** How many tiles. */
  tiles: I32,
  /** First value of A. */
  a: I32,
  /** From a row of A to the next; or, where the rows are interleaved, from one inner index to the next. */
  aStride: I32,
  /** From the A of one tile to that of the next. */
  aNext: I32,
  /** First row of B. */
  b: I32,
  /** From one inner index to the next in B. */
  bStride: I32,
  /** How many inner indices. */
  inner: I32,
  /** Values that the sums start from, and the stride of their rows. */
  initial: I32,
  initialStride: I32,
  /** Where the sums go, and the stride of its rows. */
  out: I32,
  outStride: I32,
  /** Sums below this are replaced by it. */
  floor: F32,
};

interface TileShape {
  readonly rows: number;
  /** Vectors in a row: one or two. */
  readonly vectors: number;
  /** Whether the values of A for one inner index stand side by side (A transposed or packed). */
  readonly interleaved: boolean;
}

/** Adds the function that computes a run of tiles. */
function defineTile(target: KernelModule, shape: TileShape): FunctionReference & TypeReference {
  const { rows, vectors, interleaved } = shape, { features } = target;
  const unrolled = rows === tileRows(features) ? 4 : 2;
  return target.module.function(parameters, (code, p) => {
    const addresses = (first: I32, stride: I32): I32[] => {
      const list = [code.let(first.add(0))];
      for (let row = 1; row < rows; row++) list.push(code.let(list[row - 1].add(stride)));
      return list;
    };
    code.while(p.tiles.above(0), () => {
      const sums = addresses(p.initial, p.initialStride).map((address) =>
        Array.from({ length: vectors }, (_, vector) => code.let(address.loadF32x4(16 * vector)))
      );
      const b = code.let(p.b.add(0)), left = code.let(p.inner.add(0));
      const a = interleaved ? [code.let(p.a.add(0))] : addresses(p.a, p.aStride);

      const step = (index: number): void => {
        const rowOfB = sums[0].map((_, vector) => code.let(b.loadF32x4(16 * vector)));
        sums.forEach((row, r) => {
          const value = code.let(interleaved ? a[0].splatF32(4 * r) : a[r].splatF32(4 * index));
          row.forEach((sum, vector) => code.set(sum, multiplyAdd(features, value, rowOfB[vector], sum)));
        });
        code.increase(b, p.bStride);
        if (interleaved) code.increase(a[0], p.aStride);
      };
      const run = (steps: number): void => {
        for (let index = 0; index < steps; index++) step(index);
        if (!interleaved) { for (const address of a) code.increase(address, 4 * steps); }
        code.set(left, left.subtract(steps));
      };
      code.while(left.above(unrolled - 1), () => run(unrolled));
      code.while(left.above(0), () => run(1));

      const floor = code.let(p.floor.splat());
      addresses(p.out, p.outStride).forEach((address, r) =>
        sums[r].forEach((sum, vector) => code.store(address, sum.atLeast(floor), 16 * vector))
      );
      code.increase(p.a, p.aNext);
      code.increase(p.initial, p.initialStride.multiply(rows));
      code.increase(p.out, p.outStride.multiply(rows));
      code.set(p.tiles, p.tiles.subtract(1));
    });
  });
}

/** Which tile function is wanted; the numbers are computed when the module runs. */
export interface TileChoice {
  /** Rows, at least 1. */
  readonly rows: I32;
  /** 1 for tiles of half the width. */
  readonly narrow: I32;
  /** 1 where the values of A for one inner index stand side by side. */
  readonly interleaved: I32;
}

/** Adds a call of the chosen tile function. */
export type CallTile = (
  code: Code,
  choice: TileChoice,
  values: Readonly<Record<keyof typeof parameters, I32 | F32 | number>>,
) => void;

/** Adds the tile functions of every shape and gives what calls them. */
export function defineTiles(target: KernelModule): CallTile {
  const most = tileRows(target.features);
  const functions = [false, true].flatMap((interleaved) =>
    [2, 1].flatMap((vectors) =>
      Array.from({ length: most }, (_, index) => defineTile(target, { rows: index + 1, vectors, interleaved }))
    )
  );
  const first = target.module.table(functions);
  return (code, { rows, narrow, interleaved }, values) => {
    const entry = interleaved.multiply(2).add(narrow).multiply(most).add(rows).add(first - 1);
    const names = Object.keys(parameters) as (keyof typeof parameters)[];
    code.callIndirect(functions[0], entry, ...names.map((name) => values[name]));
  };
}
