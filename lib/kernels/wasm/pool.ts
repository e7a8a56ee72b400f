/**
 * Pooling: the largest value or the mean of each patch, channel by channel, four channels at a time; and the gradients.
 *
 * @module
 */
import type { PatchShape } from "../reference/patches.ts";
import { type Code, f32, type F32x4, I32 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, forVectors, type KernelModule, storeLeft } from "./kernel.ts";
import { forGridRows, geometry, rowsInside, runInside, sizesOf } from "./patches.ts";

const parameters = { ...geometry, source: I32, out: I32, places: I32, kept: I32 };

/** Adds max_pool, average_pool and their gradients. */
export function definePool(target: KernelModule): void {
  for (const kind of ["max", "average"]) {
    definePooling(target, kind);
    definePoolingGradient(target, kind);
  }
}

const isNan = (value: F32x4): ReturnType<F32x4["equals"]> => value.equals(value).xor(-1);

/** How many pixels of a patch lie within the image, in all lanes. */
const pixelsOf = (code: Code, sides: { first: I32; last: I32 }[]): F32x4 => {
  const [rows, columns] = sides.map(({ first, last }) => last.subtract(first));
  return code.let(rows.multiply(columns).splat().toFloats());
};

/** A unit of work is a row of an image's grid. */
function definePooling(target: KernelModule, kind: string): void {
  defineKernel(target, `${kind}_pool`, parameters, (code, p, { start, end }) => {
    const pixel = code.let(p.channels.shiftLeft(2)), line = code.let(p.width.multiply(pixel));
    code.for(start, end, 1, (unit) => {
      const image = code.let(unit.divide(p.gridRows));
      const rows = rowsInside(code, p, unit.remainder(p.gridRows));
      const above = code.let(p.source.add(image.multiply(p.height).add(rows.y).multiply(line)));
      const to = code.let(unit.multiply(p.gridColumns).multiply(pixel));
      code.for(0, p.gridColumns, 1, (column) => {
        const run = runInside(code, p, column);
        const corner = code.let(above.add(run.x.multiply(pixel)));
        const pixels = pixelsOf(code, [rows, run]);
        forVectors(code, 0, pixel, (at, left) => {
          const first = code.let(corner.add(at)), from = code.let(first.add(0));
          const result = code.let(kind === "max" ? first.loadF32x4() : f32(0).splat());
          const place = code.let(rows.first.multiply(p.kernelWidth).add(run.first).splat().asFloats());
          code.for(rows.first, rows.last, 1, (row) => {
            code.set(from, first.add(row.subtract(rows.first).multiply(line)));
            code.for(run.first, run.last, 1, (index) => {
              const value = code.let(from.loadF32x4());
              if (kind === "max") {
                const better = value.greater(result).or(isNan(value).and(result.equals(result)));
                const isBetter = code.let(better);
                code.set(result, isBetter.select(value, result));
                const current = row.multiply(p.kernelWidth).add(index).splat().asFloats();
                code.set(place, isBetter.select(current, place));
              } else code.set(result, result.add(value));
              code.increase(from, pixel);
            });
          });
          storeLeft(code, p.out.add(to).add(at), kind === "max" ? result : result.divide(pixels), left);
          if (kind === "max") storeLeft(code, p.places.add(to).add(at), place, left);
        });
        code.increase(to, pixel);
      });
    });
  });
}

/** A unit of work is a row of an image. `source` are the gradients of the patches, `kept` is -1 to add to the output and 0 to replace it. */
function definePoolingGradient(target: KernelModule, kind: string): void {
  defineKernel(target, `${kind}_pool_gradient`, parameters, (code, p, { start, end }) => {
    const pixel = code.let(p.channels.shiftLeft(2)), line = code.let(p.width.multiply(pixel));
    code.for(start, end, 1, (unit) => {
      const out = code.let(p.out.add(unit.multiply(line)));
      code.if(p.kept.equals(0), () => {
        forVectors(code, 0, line, (at, left) => storeLeft(code, out.add(at), f32(0).splat(), left));
      });
      const image = code.let(unit.divide(p.height));
      forGridRows(code, p, unit.remainder(p.height), (gridRow, index) => {
        const rows = rowsInside(code, p, gridRow);
        const number = image.multiply(p.gridRows).add(gridRow).multiply(p.gridColumns);
        const patch = code.let(number.multiply(pixel));
        code.for(0, p.gridColumns, 1, (column) => {
          const run = runInside(code, p, column);
          const pixels = pixelsOf(code, [rows, run]);
          const to = code.let(out.add(run.x.multiply(pixel)));
          code.for(run.first, run.last, 1, (current) => {
            const place = code.let(index.multiply(p.kernelWidth).add(current).splat());
            forVectors(code, 0, pixel, (at, left) => {
              const from = code.let(patch.add(at)), address = code.let(to.add(at));
              const gradient = p.source.add(from).loadF32x4();
              const share = kind === "max"
                ? gradient.where(p.places.add(from).loadF32x4().bits().equals(place))
                : gradient.divide(pixels);
              storeLeft(code, address, address.loadF32x4().add(share), left);
            });
            code.increase(to, pixel);
          });
          code.increase(patch, pixel);
        });
      });
    });
  });
}

/** The arrays of a call: `pixels` are those of the images, `patches` have a value for each patch and channel; `places` are for the largest values. */
export interface PoolArrays {
  readonly pixels: Float32Array;
  readonly patches: Float32Array;
  readonly places?: Int32Array;
}

/** See {@linkcode Kernels.maxPool} and {@linkcode Kernels.averagePool}. */
export function pool(engine: Engine, { pixels, patches, places }: PoolArrays, shape: PatchShape): void {
  const { operands } = engine, sizes = sizesOf(shape), values = patchValues(shape, sizes.values);
  const addresses = [operands.input(pixels, sizes.pixels), operands.output(patches, values)];
  addresses.push(places === undefined ? 0 : operands.output(places, values), 0);
  const kernel = places === undefined ? "average_pool" : "max_pool", units = shape.images * sizes.gridRows;
  engine.run(kernel, { units, nanoseconds: sizes.nanoseconds }, [...sizes.geometry, ...addresses]);
}

/** See {@linkcode Kernels.maxPoolGradient} and {@linkcode Kernels.averagePoolGradient}. */
export function poolGradient(
  engine: Engine,
  { pixels, patches, places }: PoolArrays,
  shape: PatchShape & { accumulate: boolean },
): void {
  const { operands } = engine, sizes = sizesOf(shape), values = patchValues(shape, sizes.values);
  const addresses = [operands.input(patches, values), operands.output(pixels, sizes.pixels)];
  addresses.push(places === undefined ? 0 : operands.input(places, values), shape.accumulate ? -1 : 0);
  const kernel = places === undefined ? "average_pool_gradient" : "max_pool_gradient";
  const units = shape.images * shape.height;
  engine.run(kernel, { units, nanoseconds: sizes.nanoseconds }, [...sizes.geometry, ...addresses]);
}

/** How many patches and channels there are, from the number of their values. */
function patchValues({ kernel: [rows, columns] }: PatchShape, values: number): number {
  return values / (rows * columns);
}
