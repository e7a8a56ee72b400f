/**
 * Convolutions and their gradients, each as one call that the threads share: a thread unfolds the patches that its outputs need into memory of its own, which
 * stays in its second-level cache, and multiplies them there. Each sum has the order that it has when all patches are unfolded first.
 *
 * @module
 */
import type { Convolution, Kernels } from "../interface.ts";
import { convolutionsBy, isPlain } from "../reference/convolution.ts";
import { type FunctionReference, I32, i32 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import {
  conflictingStrideOfA,
  flopsPerNanosecond,
  layoutFor,
  layoutOfB,
  matmulParameters,
  matmulScratchBytes,
} from "./gemm.ts";
import { mostTileRows, tileRows } from "./gemm_tile.ts";
import { defineKernel, type KernelModule, storeArguments } from "./kernel.ts";
import { col2imParameters, geometryParameters, im2colParameters, type PatchSizes, sizesOf } from "./patches.ts";

/** Values of patches that a thread works on at a time: half of what a second-level cache holds. */
const unfoldedValues = 1 << 17;

/** Bytes for the arguments of a kernel. */
const blockBytes = 128;

/** Vectors that end beyond the unfolded values may be written. */
const guardBytes = 64;

/** Memory that each thread needs for convolutions behind that for matrix products: arguments of two kernels, and the unfolded values. */
export const convolutionScratchBytes: number = 2 * blockBytes + 4 * unfoldedValues + guardBytes;

/** The kernels that a convolution is made from. */
interface Parts {
  readonly matmul: FunctionReference;
  readonly im2col: FunctionReference;
  readonly col2im: FunctionReference;
}

/** The arguments of all three kernels. */
const parameters = {
  ...geometryParameters,
  images: I32,
  outputs: I32,
  /** How many units there are, and how many rows of the grid, images or rows of the grid at a time belong to one. */
  units: I32,
  perUnit: I32,
  source: I32,
  weights: I32,
  out: I32,
  /** What the sums start from, and from column to column. */
  initial: I32,
  initialColumn: I32,
  /** The bits of what results are at least. */
  floor: I32,
  /** As of a matrix product. */
  layout: I32,
  accumulate: I32,
};

const minusInfinity = new Int32Array(Float32Array.of(-Infinity).buffer)[0];

/** Adds convolve, convolution_weight_gradient and convolution_input_gradient. */
export function defineConvolutions(target: KernelModule, { matmul, im2col, col2im }: Parts): void {
  const patchBlock = target.module.global("scratch").add(matmulScratchBytes), matmulBlock = patchBlock.add(blockBytes);
  const unfolded = matmulBlock.add(blockBytes);
  const fixed = { rowParts: i32(1), columnParts: i32(1), packA: i32(0), interleaved: i32(0) };

  // A unit of work is some rows of the images' grids.
  defineKernel(target, "convolve", parameters, (code, p, { start, end }) => {
    const patch = code.let(p.kernelHeight.multiply(p.kernelWidth).multiply(p.channels));
    const row = code.let(p.outputs.shiftLeft(2)), line = code.let(p.gridColumns.multiply(patch).shiftLeft(2));
    const lines = code.let(p.images.multiply(p.gridRows));
    storeArguments(code, patchBlock, im2colParameters, { ...p, first: i32(0), last: patch.shiftLeft(2) });
    storeArguments(code, matmulBlock, matmulParameters, {
      ...{ ...fixed, ...p, columns: p.outputs, inner: patch, a: unfolded, aStride: patch.shiftLeft(2) },
      ...{ b: p.weights, bStride: row, initialRow: i32(0), outRow: row, outColumn: i32(4) },
    });
    code.for(start, end, 1, (unit) => {
      const first = code.let(unit.multiply(p.perUnit)), last = code.let(first.add(p.perUnit).minimum(lines));
      storeArguments(code, patchBlock, im2colParameters, { out: unfolded.subtract(first.multiply(line)) });
      code.call(im2col, first, last, patchBlock);
      storeArguments(code, matmulBlock, matmulParameters, {
        rows: last.subtract(first).multiply(p.gridColumns),
        out: p.out.add(first.multiply(p.gridColumns).multiply(row)),
      });
      code.call(matmul, 0, 1, matmulBlock);
    });
  });

  // A unit of work is some rows of the gradient, each a place in the patches: of these, only what stands there is unfolded.
  defineKernel(target, "convolution_weight_gradient", parameters, (code, p, { start, end }) => {
    const height = tileRows(target.features);
    const patch = code.let(p.kernelHeight.multiply(p.kernelWidth).multiply(p.channels));
    const row = code.let(p.outputs.shiftLeft(2)), lines = code.let(p.images.multiply(p.gridRows));
    storeArguments(code, patchBlock, im2colParameters, p);
    storeArguments(code, matmulBlock, matmulParameters, {
      ...{ ...fixed, ...p, columns: p.outputs, a: unfolded, interleaved: i32(1), bStride: row },
      ...{ outRow: row, outColumn: i32(4), floor: i32(minusInfinity) },
    });
    code.for(start, end, 1, (unit) => {
      const border = (number: I32): I32 =>
        code.let(patch.add(height - 1).divide(height).multiply(number).divide(p.units).multiply(height).minimum(patch));
      const from = border(unit), to = border(unit.add(1)), stride = code.let(to.subtract(from).shiftLeft(2));
      const line = code.let(p.gridColumns.multiply(stride));
      const out = code.let(p.out.add(from.multiply(row)));
      storeArguments(code, patchBlock, im2colParameters, { first: from.shiftLeft(2), last: to.shiftLeft(2) });
      storeArguments(code, matmulBlock, matmulParameters, {
        ...{ rows: to.subtract(from), aStride: stride, packA: stride.remainder(conflictingStrideOfA).equals(0), out },
        ...{ initial: out.when(p.accumulate, p.initial), initialRow: row.when(p.accumulate, 0) },
        initialColumn: i32(4).when(p.accumulate, 0),
      });
      code.for(0, lines, p.perUnit, (first) => {
        const last = code.let(first.add(p.perUnit).minimum(lines));
        storeArguments(code, patchBlock, im2colParameters, { out: unfolded.subtract(first.multiply(line)) });
        code.call(im2col, first, last, patchBlock);
        storeArguments(code, matmulBlock, matmulParameters, {
          inner: last.subtract(first).multiply(p.gridColumns),
          b: p.weights.add(first.multiply(p.gridColumns).multiply(row)),
        });
        code.call(matmul, 0, 1, matmulBlock);
        storeArguments(code, matmulBlock, matmulParameters, { initial: out, initialRow: row, initialColumn: i32(4) });
      });
    });
  });

  // A unit of work is some images.
  defineKernel(target, "convolution_input_gradient", parameters, (code, p, { start, end }) => {
    const pixels = code.let(p.gridRows.multiply(p.gridColumns));
    const patch = code.let(p.kernelHeight.multiply(p.kernelWidth).multiply(p.channels)),
      row = code.let(patch.shiftLeft(2));
    const stride = code.let(p.outputs.shiftLeft(2)), image = code.let(pixels.multiply(row));
    storeArguments(code, patchBlock, col2imParameters, p);
    storeArguments(code, matmulBlock, matmulParameters, {
      ...{ ...fixed, ...p, columns: patch, inner: p.outputs, aStride: stride, b: p.weights, bStride: stride },
      ...{ layout: i32(layoutOfB.packColumns), initialRow: i32(0), out: unfolded, outRow: row, outColumn: i32(4) },
      floor: i32(minusInfinity),
    });
    code.for(start, end, 1, (unit) => {
      const first = code.let(unit.multiply(p.perUnit)), last = code.let(first.add(p.perUnit).minimum(p.images));
      storeArguments(code, matmulBlock, matmulParameters, {
        rows: last.subtract(first).multiply(pixels),
        a: p.source.add(first.multiply(pixels).multiply(stride)),
      });
      code.call(matmul, 0, 1, matmulBlock);
      storeArguments(code, patchBlock, col2imParameters, { columns: unfolded.subtract(first.multiply(image)) });
      code.call(col2im, first.multiply(p.height), last.multiply(p.height), patchBlock);
    });
  });
}

/** A call of a kernel. */
interface Call {
  readonly shape: Convolution;
  readonly sizes: PatchSizes;
  /** How many units there are, and how much belongs to one. */
  readonly units: number;
  readonly perUnit: number;
  readonly nanoseconds: number;
  readonly source?: number;
  readonly weights: number;
  readonly out: number;
  /** Left out: zeros. */
  readonly bias?: number;
  readonly relu?: boolean;
  readonly layout?: number;
  readonly accumulate?: boolean;
}

/** The kernels for convolutions; those for patches and matrices are used where patches fit no thread's memory, or need not be unfolded. */
export function convolutions(
  engine: Engine,
  others: Pick<Kernels, "im2col" | "col2im" | "matmul">,
): ReturnType<typeof convolutionsBy> {
  const { operands } = engine, byParts = convolutionsBy(others);

  const run = (name: string, { shape, sizes, units, perUnit, nanoseconds, bias, ...rest }: Call): void => {
    const { source = 0, weights, out, relu = false, layout = 0, accumulate = false } = rest;
    engine.run(name, { units, nanoseconds }, [
      ...[...sizes.geometry, shape.images, shape.outputs, units, perUnit, source, weights, out],
      ...[bias ?? engine.zeros, bias === undefined ? 0 : 4, relu ? 0 : minusInfinity, layout, accumulate ? 1 : 0],
    ]);
  };

  /** Cuts `count` things of so many values each into units that fit a thread's memory, as many for each thread; null where one does not fit. */
  const cut = (count: number, values: number, nanoseconds: number): { units: number; perUnit: number } | null => {
    const most = Math.floor(unfoldedValues / values), parts = engine.partsFor(nanoseconds);
    if (most < 1) return null;
    const perUnit = Math.ceil(count / (parts * Math.ceil(count / most / parts)));
    return { units: Math.ceil(count / perUnit), perUnit };
  };

  return {
    convolve(x, weights, out, options): void {
      const { bias, relu, ...shape } = options, layer = layerOf(shape);
      if (layer === null) return byParts.convolve(x, weights, out, options);
      const { sizes, results, nanoseconds } = layer, lines = shape.images * sizes.gridRows;
      const parts = cut(lines, sizes.gridColumns * sizes.patch, nanoseconds);
      if (parts === null) return byParts.convolve(x, weights, out, options);
      run("convolve", {
        ...{ shape, sizes, nanoseconds, relu, ...parts },
        source: operands.input(x, sizes.pixels),
        weights: operands.input(weights, sizes.patch * shape.outputs),
        bias: operands.input(bias, shape.outputs),
        out: operands.output(out, results),
        layout: layoutFor(parts.perUnit * sizes.gridColumns, 4 * shape.outputs),
      });
    },

    convolutionWeightGradient(x, gradient, out, options): void {
      const { accumulate, ...shape } = options, layer = layerOf(shape);
      if (layer === null) return byParts.convolutionWeightGradient(x, gradient, out, options);
      const { sizes, results, nanoseconds } = layer, { patch } = sizes;
      // Of each patch, a unit pays for finding it.
      const units = Math.min(Math.ceil(engine.partsFor(nanoseconds) / 2), Math.ceil(patch / mostTileRows));
      // Borders lie between tiles.
      const rows = Math.min(patch, Math.ceil(patch / units) + 2 * mostTileRows);
      const perUnit = Math.floor(unfoldedValues / (sizes.gridColumns * rows));
      if (perUnit < 1) return byParts.convolutionWeightGradient(x, gradient, out, options);
      run("convolution_weight_gradient", {
        ...{ shape, sizes, nanoseconds, units, perUnit, accumulate },
        source: operands.input(x, sizes.pixels),
        weights: operands.input(gradient, results),
        out: operands.output(out, patch * shape.outputs),
        layout: layoutFor(rows, 4 * shape.outputs),
      });
    },

    convolutionInputGradient(gradient, weights, out, options): void {
      const { accumulate, ...shape } = options, layer = layerOf(shape);
      if (layer === null) return byParts.convolutionInputGradient(gradient, weights, out, options);
      const { sizes, results, nanoseconds } = layer;
      const parts = cut(shape.images, sizes.values / shape.images, nanoseconds);
      if (parts === null) return byParts.convolutionInputGradient(gradient, weights, out, options);
      run("convolution_input_gradient", {
        ...{ shape, sizes, nanoseconds, accumulate, ...parts },
        source: operands.input(gradient, results),
        weights: operands.input(weights, sizes.patch * shape.outputs),
        out: operands.output(out, sizes.pixels),
      });
    },
  };
}

/** What the kernels need to know of a convolution; null where there is nothing to unfold. */
function layerOf(shape: Convolution): { sizes: PatchSizes; results: number; nanoseconds: number } | null {
  const sizes = sizesOf(shape);
  if (sizes.values * shape.outputs === 0 || isPlain(shape)) return null;
  const nanoseconds = 2 * sizes.values * shape.outputs / flopsPerNanosecond + sizes.nanoseconds;
  return { sizes, results: sizes.values / sizes.patch * shape.outputs, nanoseconds };
}
