/**
 * One panel of B times all rows of a block of A: tiles below each other. The columns of a block of B, or of a transposed A, that a tile needs are packed into a
 * panel first, in which the values for each inner index stand side by side, so that the tile reads them from consecutive addresses.
 *
 * Tiles at the right edge, and those of an output that is stored transposed, are computed in scratch memory and copied from there.
 *
 * @module
 */
import { F32, type F32x4, type FunctionReference, I32, i32 } from "./assembler/mod.ts";
import { defineTiles, tileColumns, tileRows } from "./gemm_tile.ts";
import type { KernelModule } from "./kernel.ts";

/** From one inner index to the next in a panel of B, in bytes. */
export const panelStride = 4 * tileColumns;

/** Bytes between panels, so that they do not all fall on the same lines of the cache. */
export const panelGap = 64;

/** The parameters of the functions that pack; strides in bytes. */
const packParameters = {
  from: I32,
  /** From a row of the matrix as it is stored to the next, in bytes. */
  stride: I32,
  to: I32,
  /** From a panel to the next, in bytes. */
  panelBytes: I32,
  inner: I32,
  columns: I32,
};

/**
 * Adds the function that packs a matrix stored inner x columns, row by row, into panels of `width` columns, at most eight. What follows the columns fills
 * the last panel; what is written beyond a panel's row is overwritten by its next row or falls into the gap between panels.
 */
export function definePackRows({ module }: KernelModule, width: number): FunctionReference {
  return module.function(packParameters, (code, { from, stride, to, panelBytes, inner, columns }) => {
    const rowEnd = code.let(from.add(columns.shiftLeft(2)));
    const lastEnd = code.let(from.add(inner.multiply(stride)));
    code.while(from.below(lastEnd), () => {
      const target = code.let(to.add(0));
      code.for(from, rowEnd, 4 * width, (source) => {
        code.store(target, source.loadF32x4());
        code.store(target, source.loadF32x4(16), 16);
        code.increase(target, panelBytes);
      });
      code.increase(to, 4 * width);
      code.increase(from, stride);
      code.increase(rowEnd, stride);
    });
  });
}

/** Adds the function that packs a matrix stored columns x inner, panel by panel. The last column stands in for missing ones. */
export function definePackColumns({ module }: KernelModule): FunctionReference {
  return module.function(packParameters, (code, { from, stride, to, panelBytes, inner, columns }) => {
    const last = code.let(from.add(columns.subtract(1).multiply(stride)));
    code.while(from.below(last.add(1)), () => {
      const sources = [code.let(from.add(0))];
      while (sources.length < tileColumns) {
        sources.push(code.let(sources[sources.length - 1].add(stride).minimum(last)));
      }
      const target = code.let(to.add(0)), left = code.let(inner.add(0));
      const advance = (count: number): void => {
        for (const source of sources) code.increase(source, 4 * count);
        code.increase(target, panelStride * count);
        code.set(left, left.subtract(count));
      };
      code.while(left.above(3), () => {
        for (const half of [0, 4]) {
          const block = sources.slice(half, half + 4).map((source) => code.let(source.loadF32x4()));
          transpose(block).forEach((row, index) => code.store(target, row, panelStride * index + 4 * half));
        }
        advance(4);
      });
      code.while(left.above(0), () => {
        sources.forEach((source, column) => code.storeLane(target, source.loadF32Lane(), { offset: 4 * column }));
        advance(1);
      });
      code.increase(from, stride.multiply(tileColumns));
      code.increase(to, panelBytes);
    });
  });
}

/** The four columns of a block of four rows. */
export function transpose([a, b, c, d]: F32x4[]): F32x4[] {
  const low = [0, 4, 1, 5], high = [2, 6, 3, 7], front = [0, 1, 4, 5], back = [2, 3, 6, 7];
  const ab = [a.shuffle(b, low), a.shuffle(b, high)], cd = [c.shuffle(d, low), c.shuffle(d, high)];
  return [
    ab[0].shuffle(cd[0], front),
    ab[0].shuffle(cd[0], back),
    ab[1].shuffle(cd[1], front),
    ab[1].shuffle(cd[1], back),
  ];
}

/** The parameters of a panel's function; all strides in bytes. */
const parameters = {
  rows: I32,
  /** Columns from this panel on. */
  columns: I32,
  inner: I32,
  a: I32,
  aStride: I32,
  interleaved: I32,
  /** Where A is packed, from one tile to the next; 0 where not. */
  aTile: I32,
  b: I32,
  bStride: I32,
  initial: I32,
  initialRow: I32,
  initialColumn: I32,
  out: I32,
  outRow: I32,
  outColumn: I32,
  floor: F32,
};

/** Adds the function panel(rows, columns, inner, a, ...). */
export function definePanel(target: KernelModule): FunctionReference {
  const height = tileRows(target.features);
  const callTile = defineTiles(target);
  const copyTile = defineCopy(target);
  const transposeIn = defineTransposeIn(target), transposeOut = defineTransposeOut(target);
  const scratch = target.module.global("scratch");

  return target.module.function(parameters, (code, p) => {
    const columns = code.let(p.columns.minimum(tileColumns));
    const narrow = code.let(columns.below(tileColumns / 2 + 1));
    const isWhole = code.let(columns.and(3).equals(0).and(p.outColumn.equals(4)));
    const aStep = code.let(p.aStride.when(p.interleaved.equals(0), 4));

    code.while(p.rows.above(0), () => {
      const rows = code.let(p.rows.minimum(height)), tiles = code.let(i32(1));
      code.if(rows.equals(height), () => {
        // A tile of one or two rows is slow, because its few sums wait for each other: it shares its rows with the tile before it.
        const isShort = p.rows.remainder(height).subtract(1).below(2).and(p.aTile.equals(0));
        const full = code.let(p.rows.divide(height).subtract(isShort));
        code.if(full.equals(0), () => code.set(rows, p.rows.add(1).shiftRight(1)), () => {
          code.if(isWhole, () => code.set(tiles, full));
        });
      });
      const aNext = code.let(p.aTile.when(p.aTile.above(0), rows.multiply(aStep)));
      const multiply = (initial: I32, initialStride: I32 | number, out: I32, outStride: I32 | number): void =>
        callTile(code, { rows, narrow, interleaved: p.interleaved }, {
          ...{ tiles, a: p.a, aStride: p.aStride, aNext, b: p.b, bStride: p.bStride },
          ...{ inner: p.inner, initial, initialStride, out, outStride, floor: p.floor },
        });
      code.if(isWhole, () => multiply(p.initial, p.initialRow, p.out, p.outRow), () => {
        const isTransposed = code.let(
          p.outRow.equals(4).and(rows.equals(height)).and(columns.equals(tileColumns)),
        );
        const initial = code.let(scratch), initialRow = code.let(i32(panelStride));
        code.if(p.initialRow.add(p.initialColumn).equals(0), () => {
          code.set(initial, p.initial);
          code.set(initialRow, i32(0));
        }, () => {
          code.if(isTransposed.and(p.initialRow.equals(4)).and(p.initialColumn.above(0)), () => {
            code.call(transposeIn, p.initial, p.initialColumn);
          }, () => {
            code.call(copyTile, rows, columns, p.initial, p.initialRow, p.initialColumn, scratch, panelStride, 4);
          });
        });
        multiply(initial, initialRow, scratch, panelStride);
        code.if(isTransposed, () => code.call(transposeOut, p.out, p.outColumn), () => {
          code.call(copyTile, rows, columns, scratch, panelStride, 4, p.out, p.outRow, p.outColumn);
        });
      });
      code.increase(p.a, aNext.multiply(tiles));
      code.set(rows, rows.multiply(tiles));
      code.increase(p.initial, rows.multiply(p.initialRow));
      code.increase(p.out, rows.multiply(p.outRow));
      code.set(p.rows, p.rows.subtract(rows));
    });
  });
}

/** Adds copy(rows, columns, from, its strides by row and column, to, its strides). */
function defineCopy({ module }: KernelModule): FunctionReference {
  const parameters = {
    rows: I32,
    columns: I32,
    from: I32,
    fromRow: I32,
    fromColumn: I32,
    to: I32,
    toRow: I32,
    toColumn: I32,
  };
  return module.function(parameters, (code, p) => {
    code.for(0, p.rows, 1, (row) => {
      const from = code.let(p.from.add(row.multiply(p.fromRow))), to = code.let(p.to.add(row.multiply(p.toRow)));
      code.for(0, p.columns, 1, () => {
        code.storeLane(to, from.loadF32Lane());
        code.increase(from, p.fromColumn);
        code.increase(to, p.toColumn);
      });
    });
  });
}

/** Adds transpose(from, its stride): eight rows of values become the columns of the scratch tile. */
function defineTransposeIn({ module }: KernelModule): FunctionReference {
  return module.function({ from: I32, stride: I32 }, (code, { from, stride }) => {
    const to = module.global("scratch");
    for (const half of [0, 16]) {
      const rows = [0, 1, 2, 3].map(() => {
        const halves = [code.let(from.loadF32x4()), code.let(from.loadF32x4(16))];
        code.increase(from, stride);
        return halves;
      });
      [0, 1].forEach((part) =>
        transpose(rows.map((halves) => halves[part])).forEach((column, index) =>
          code.store(to, column, panelStride * (4 * part + index) + half)
        )
      );
    }
  });
}

/** Adds transpose(to, its stride): the columns of the scratch tile become eight rows of as many values as a tile has rows. */
function defineTransposeOut({ module, features }: KernelModule): FunctionReference {
  return module.function({ to: I32, stride: I32 }, (code, { to, stride }) => {
    const from = module.global("scratch"), rest = tileRows(features) - 4;
    for (const half of [0, 16]) {
      const [upper, lower] = [0, 4].map((first) =>
        transpose([0, 1, 2, 3].map((row) => code.let(from.loadF32x4(panelStride * (first + row) + half))))
      );
      upper.forEach((column, index) => {
        code.store(to, column);
        const others = code.let(lower[index]);
        for (let lane = 0; lane < rest; lane++) code.storeLane(to, others, { lane, offset: 16 + 4 * lane });
        code.increase(to, stride);
      });
    }
  });
}
