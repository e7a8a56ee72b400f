/**
 * Packing for the matrix product: the columns of a block of B, or of a transposed A, that a tile needs are copied into a panel, in which the values for
 * each inner index stand side by side, so that the tile reads them from consecutive addresses.
 *
 * @module
 */
import { type F32x4, type FunctionReference, I32 } from "./assembler/mod.ts";
import { tileColumns } from "./gemm_tile.ts";
import type { KernelModule } from "./kernel.ts";

/** From one inner index to the next in a panel of B, in bytes. */
export const panelStride = 4 * tileColumns;

/** Bytes between panels, so that they do not all fall on the same lines of the cache. */
export const panelGap = 64;

const parameters = {
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
  return module.function(parameters, (code, { from, stride, to, panelBytes, inner, columns }) => {
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
  return module.function(parameters, (code, { from, stride, to, panelBytes, inner, columns }) => {
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
