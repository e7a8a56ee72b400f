/**
 * Patches of images as rows of a matrix and back; and pooling, the largest value or the mean of each patch, channel by channel, four channels at a time. A row
 * of a patch is a run of neighbouring values in image and matrix, of which the part beyond the image's border is zero in the one and missing in the other.
 *
 * @module
 */
import { patchGrid, type PatchShape } from "../reference/patches.ts";
import { type Arguments, type Code, f32, type F32x4, type FunctionReference, I32, i32 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { defineKernel, forVectors, type KernelModule, storeLeft } from "./kernel.ts";

/** About how long a row of a patch takes, and each of its values. */
const nanosecondsPerRun = 4, nanosecondsPerValue = 0.2;

/** The arguments of a kernel that say what the patches are. */
export const geometryParameters = {
  ...{ height: I32, width: I32, channels: I32, gridRows: I32, gridColumns: I32 },
  ...{ kernelHeight: I32, kernelWidth: I32, verticalStride: I32, horizontalStride: I32, top: I32, left: I32 },
};

/** The geometry in a kernel. */
type Geometry = Arguments<typeof geometryParameters>;

/** The arguments of im2col. Of each patch the values from `first` to `last` are wanted, in bytes. */
export const im2colParameters = { ...geometryParameters, first: I32, last: I32, source: I32, out: I32 };

/** The arguments of col2im. */
export const col2imParameters = { ...geometryParameters, columns: I32, out: I32, accumulate: I32 };

/** Adds im2col_float, im2col_byte and col2im. */
export function definePatches(target: KernelModule): { im2col: FunctionReference; col2im: FunctionReference } {
  defineIm2col(target, "byte");
  return { im2col: defineIm2col(target, "float"), col2im: defineCol2im(target) };
}

/** A unit of work is a row of an image's grid. */
function defineIm2col(target: KernelModule, type: string): FunctionReference {
  return defineKernel(target, `im2col_${type}`, im2colParameters, (code, p, { start, end }) => {
    const pixel = code.let(p.channels.shiftLeft(2)), run = code.let(p.kernelWidth.multiply(pixel));
    const row = code.let(p.gridColumns.multiply(p.last.subtract(p.first)));
    const sourcePixel = type === "float" ? pixel : p.channels, line = code.let(p.width.multiply(sourcePixel));
    const to = code.let(p.out.add(start.multiply(row))), end16 = code.let(p.out.add(end.multiply(row)).subtract(15));

    // Rows of the patches of which something is wanted.
    const aRun = run.maximum(4), firstRow = code.let(p.first.divide(aRun));
    const lastRow = code.let(p.last.add(run).subtract(1).divide(aRun).minimum(p.kernelHeight));
    const isPart = code.let(p.last.subtract(p.first).differs(run.multiply(p.kernelHeight)));

    /** Writes so many bytes, and beyond them what a later write replaces: up to the end all is written in ascending order. */
    const write = (bytes: I32, value: (at: I32) => F32x4): void => {
      const until = code.let(to.add(bytes));
      code.if(until.below(end16), () => {
        code.for(0, bytes, 16, (at) => code.store(to.add(at), value(at)));
      }, () => {
        forVectors(code, 0, bytes, (at, left) => storeLeft(code, to.add(at), value(at), left));
      });
      code.set(to, until);
    };
    const zero = (): F32x4 => f32(0).splat();

    code.for(start, end, 1, (unit) => {
      const image = code.let(unit.divide(p.gridRows));
      const top = code.let(unit.remainder(p.gridRows).multiply(p.verticalStride).subtract(p.top));
      code.for(0, p.gridColumns, 1, (column) => {
        const inside = runInside(code, p, column);
        const before = code.let(inside.first.multiply(pixel)), after = code.let(inside.last.multiply(pixel));
        const number = image.multiply(p.height).add(top).add(firstRow).multiply(p.width).add(inside.x);
        const source = code.let(p.source.add(number.multiply(sourcePixel)));
        code.for(firstRow, lastRow, 1, (index) => {
          const first = code.let(i32(0)), last = code.let(run.add(0));
          const from = code.let(before.add(0)), until = code.let(after.add(0));
          code.if(isPart, () => {
            const at = code.let(index.multiply(run));
            code.set(first, p.first.maximum(at).subtract(at));
            code.set(last, p.last.subtract(at).minimum(run));
            code.set(from, from.maximum(first));
            code.set(from, from.minimum(last));
            code.set(until, until.maximum(first));
            code.set(until, until.minimum(last));
          });
          code.if(top.add(index).below(p.height), () => {
            write(from.subtract(first), zero);
            if (type === "float") {
              const values = code.let(source.add(from).subtract(before));
              write(until.subtract(from), (offset) => values.add(offset).loadF32x4());
            } else {
              const values = code.let(source.add(from.subtract(before).shiftRight(2)));
              write(until.subtract(from), (offset) => values.add(offset.shiftRight(2)).loadU8x4().toFloats());
            }
            write(last.subtract(until), zero);
          }, () => write(last.subtract(first), zero));
          code.increase(source, line);
        });
      });
    });
  });
}

/** A unit of work is a row of an image. */
function defineCol2im(target: KernelModule): FunctionReference {
  return defineKernel(target, "col2im", col2imParameters, (code, p, { start, end }) => {
    const pixel = code.let(p.channels.shiftLeft(2)), run = code.let(p.kernelWidth.multiply(pixel));
    const row = code.let(p.width.multiply(pixel)), patch = code.let(p.kernelHeight.multiply(run));
    code.for(start, end, 1, (unit) => {
      const out = code.let(p.out.add(unit.multiply(row)));
      code.if(p.accumulate.equals(0), () => {
        forVectors(code, 0, row, (at, left) => storeLeft(code, out.add(at), f32(0).splat(), left));
      });
      const image = code.let(unit.divide(p.height));
      forGridRows(code, p, unit.remainder(p.height), (gridRow, index) => {
        const number = image.multiply(p.gridRows).add(gridRow).multiply(p.gridColumns);
        const from = code.let(p.columns.add(number.multiply(patch)).add(index.multiply(run)));
        code.for(0, p.gridColumns, 1, (column) => {
          const inside = runInside(code, p, column);
          const bytes = code.let(inside.last.subtract(inside.first).multiply(pixel));
          const to = code.let(out.add(inside.x.multiply(pixel)));
          const first = code.let(from.add(inside.first.multiply(pixel)));
          forVectors(code, 0, bytes, (at, left) => {
            const address = code.let(to.add(at));
            storeLeft(code, address, address.loadF32x4().add(first.add(at).loadF32x4()), left);
          });
          code.increase(from, patch);
        });
      });
    });
  });
}

/** The columns `first`...`last` of a patch that lie within the image, and the image's column `x` where they begin. */
function runInside(code: Code, p: Geometry, column: I32): { first: I32; last: I32; x: I32 } {
  const { at, ...run } = inside(code, column.multiply(p.horizontalStride), [p.left, p.width, p.kernelWidth]);
  return { ...run, x: at };
}

/** The rows `first`...`last` of a patch that lie within the image, and the image's row `y` where they begin. */
function rowsInside(code: Code, p: Geometry, row: I32): { first: I32; last: I32; y: I32 } {
  const { at, ...rows } = inside(code, row.multiply(p.verticalStride), [p.top, p.height, p.kernelHeight]);
  return { ...rows, y: at };
}

function inside(code: Code, distance: I32, [before, size, kernel]: I32[]): { first: I32; last: I32; at: I32 } {
  const start = code.let(distance), end = code.let(before.add(size));
  const first = code.let(code.let(before.maximum(start).subtract(start)).minimum(kernel));
  const last = code.let(code.let(end.maximum(start).subtract(start)).minimum(kernel));
  return { first, last, at: code.let(start.add(first).subtract(before)) };
}

/**
 * Visits the rows of the grid whose patches touch row `y` of an image, in their order: with the number of the patches' row that lies there. Rows of the
 * kernel from the last to the first are the grid's rows in their order.
 */
function forGridRows(code: Code, p: Geometry, y: I32, visit: (gridRow: I32, index: I32) => void): void {
  const fromTop = code.let(y.add(p.top));
  code.for(0, p.kernelHeight, 1, (fromLast) => {
    const index = code.let(p.kernelHeight.subtract(1).subtract(fromLast));
    // Rows of the kernel that would come from above the grid give a number that is far too large.
    const distance = code.let(fromTop.subtract(index)), gridRow = code.let(distance.divide(p.verticalStride));
    const isWhole = gridRow.multiply(p.verticalStride).equals(distance);
    code.if(isWhole.and(gridRow.below(p.gridRows)), () => visit(gridRow, index));
  });
}

/** See {@linkcode Kernels.im2col}. */
export function im2col(
  engine: Engine,
  { source, out }: { source: Float32Array | Uint8Array; out: Float32Array },
  shape: PatchShape,
): void {
  const { operands } = engine, sizes = sizesOf(shape);
  const addresses = [operands.input(source, sizes.pixels), operands.output(out, sizes.values)];
  const kernel = `im2col_${source instanceof Float32Array ? "float" : "byte"}`;
  const units = shape.images * sizes.gridRows;
  engine.run(kernel, { units, nanoseconds: sizes.nanoseconds }, [
    ...sizes.geometry,
    ...[0, 4 * sizes.patch],
    ...addresses,
  ]);
}

/** See {@linkcode Kernels.col2im}. */
export function col2im(
  engine: Engine,
  { columns, out }: { columns: Float32Array; out: Float32Array },
  shape: PatchShape & { accumulate: boolean },
): void {
  const { operands } = engine, sizes = sizesOf(shape);
  const addresses = [operands.input(columns, sizes.values), operands.output(out, sizes.pixels)];
  const values = [...sizes.geometry, ...addresses, shape.accumulate ? 1 : 0];
  engine.run("col2im", { units: shape.images * shape.height, nanoseconds: sizes.nanoseconds }, values);
}

/** How large the arrays of a call are and how long it takes. */
export interface PatchSizes {
  /** Values of the images. */
  readonly pixels: number;
  /** Values of a patch, and of all. */
  readonly patch: number;
  readonly values: number;
  readonly nanoseconds: number;
  readonly gridRows: number;
  readonly gridColumns: number;
  /** The arguments for {@linkcode geometryParameters}. */
  readonly geometry: readonly number[];
}

/** The sizes of a call and its arguments. */
export function sizesOf(shape: PatchShape): PatchSizes {
  const { images, height, width, channels, kernel, stride, padding: [top, left] } = shape;
  const { rows, columns } = patchGrid(shape);
  const runs = images * rows * columns * kernel[0], values = runs * kernel[1] * channels;
  return {
    pixels: images * height * width * channels,
    patch: kernel[0] * kernel[1] * channels,
    values,
    nanoseconds: nanosecondsPerRun * runs + nanosecondsPerValue * values,
    gridRows: rows,
    gridColumns: columns,
    geometry: [height, width, channels, rows, columns, ...kernel, ...stride, top, left],
  };
}

const parameters = { ...geometryParameters, source: I32, out: I32, places: I32, kept: I32 };

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
