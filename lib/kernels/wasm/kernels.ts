/**
 * The interface of the kernels over the WebAssembly module: addresses, units of work, constants, and how a matrix product is laid out.
 *
 * @module
 */
import type { AdamStep, Kernels, MatmulOptions, MatrixShape, SgdStep, UnaryName } from "../interface.ts";
import { dropoutMask, lstmCell, lstmCellGradient } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { convolutions } from "./convolution.ts";
import { lookupSums, packBits, popcountMatmul } from "./codes.ts";
import { col2im, im2col, pool, poolGradient } from "./patches.ts";
import { columnsPerUnit, rowsPerUnit, squaresPerUnit } from "./rows.ts";
import { elementsPerUnit } from "./kernel.ts";
import { matmul as referenceMatmul } from "../reference/matmul.ts";
import { conflictingStrideOfA, flopsPerNanosecond, layoutFor, layoutOfB } from "./gemm.ts";
import { tileColumns } from "./gemm_tile.ts";

/** About how long a value takes, in nanoseconds: when it is only loaded and stored, and when an exponential or a logarithm is computed. */
const quick = 0.3, slow = 1.5;

const costOf = (name: UnaryName): number => ["tanh", "sigmoid", "exp", "log"].includes(name) ? slow : quick;

/** The kernels of a compiled module. */
export function engineKernels(name: string, engine: Engine): Kernels {
  const { operands } = engine;
  const elementwise = (kernel: string, values: readonly number[], cost = quick): void => {
    const [length] = values;
    engine.run(kernel, { units: Math.ceil(length / elementsPerUnit), nanoseconds: cost * length }, values);
  };
  const rowwise = (kernel: string, rows: number, values: readonly number[], cost = quick): void => {
    const [columns] = values;
    engine.run(kernel, { units: rows, nanoseconds: cost * rows * columns }, values);
  };
  const columnwise = (kernel: string, { rows, columns }: MatrixShape, values: readonly number[]): void => {
    const units = Math.ceil(columns / columnsPerUnit);
    engine.run(kernel, { units, nanoseconds: quick * rows * columns }, [rows, columns, ...values]);
  };
  /** Two values for each unit and column. */
  const columnStatistics = (
    kernel: string,
    { rows, columns }: MatrixShape,
    addresses: (out: number) => readonly number[],
  ): { perUnit: number; values: Float32Array } => {
    const perUnit = rowsPerUnit(columns), units = Math.ceil(rows / perUnit);
    const values = operands.partialValues(2 * units * columns);
    const nanoseconds = quick * rows * columns;
    engine.run(kernel, { units, nanoseconds }, [rows, columns, perUnit, ...addresses(values.byteOffset)]);
    return { perUnit, values };
  };
  const softmaxGradient = (
    kernel: string,
    [first, second, out]: readonly [Float32Array, Float32Array | Int32Array, Float32Array],
    { rows, columns, accumulate, factor = 1 }: MatrixShape & { accumulate: boolean; factor?: number },
  ): void => {
    const size = rows * columns, perRow = second instanceof Int32Array;
    const inputs = [operands.input(first, size), operands.input(second, perRow ? rows : size)];
    const addresses = [...inputs, operands.output(out, size)];
    rowwise(kernel, rows, [columns, ...addresses, factor, accumulate ? -1 : 0], slow);
  };
  const forConvolutions: Pick<Kernels, "im2col" | "col2im" | "matmul"> = {
    matmul: (a, b, out, options) => matmul(engine, { a, b, out }, options),
    im2col: (source, out, shape) => im2col(engine, { source, out }, shape),
    col2im: (columns, out, shape) => col2im(engine, { columns, out }, shape),
  };
  const adding = (accumulate: boolean): string => accumulate ? "add_" : "";

  return {
    name,
    ...forConvolutions,
    ...convolutions(engine, forConvolutions),

    unary(name, x, out): void {
      const { length } = x;
      const values = [length, operands.input(x, length), operands.output(out, length)];
      elementwise(`unary_${name}`, values, costOf(name));
    },

    unaryGradient(name, { x, y, gradient }, out, accumulate): void {
      const { length } = x;
      const addresses = [x, y, gradient].map((array) => operands.input(array, length));
      elementwise(`${adding(accumulate)}gradient_${name}`, [length, ...addresses, operands.output(out, length)]);
    },

    binary(name, a, b, out, accumulate): void {
      const { length } = a;
      const addresses = [operands.input(a, length), operands.input(b, length), operands.output(out, length)];
      elementwise(`${adding(accumulate)}binary_${name}`, [length, ...addresses]);
    },

    scale(x, factor, out, accumulate): void {
      const { length } = x;
      const values = [length, operands.input(x, length), factor, operands.output(out, length)];
      elementwise(`${adding(accumulate)}scale`, values);
    },

    addRow(x, row, out, { rows, columns }): void {
      const size = rows * columns;
      const addresses = [operands.input(x, size), operands.output(out, size), operands.input(row, columns)];
      rowwise("add_row", rows, [columns, ...addresses]);
    },

    columnSums(x, out, { rows, columns, accumulate }): void {
      const addresses = [operands.input(x, rows * columns), operands.output(out, columns), 0];
      columnwise(`${adding(accumulate)}column_sums`, { rows, columns }, addresses);
    },

    rowSums(x, out, { rows, columns }): void {
      rowwise("row_sums", rows, [columns, operands.input(x, rows * columns), operands.output(out, rows)]);
    },

    reluBiasGradient(y, gradient, biasGradient, { rows, columns, accumulate }): void {
      const size = rows * columns;
      const sums = operands.output(biasGradient, columns);
      const addresses = [operands.output(gradient, size), sums, operands.input(y, size)];
      columnwise(`${adding(accumulate)}relu_bias_gradient`, { rows, columns }, addresses);
    },

    softmax(x, out, { rows, columns }): void {
      const size = rows * columns;
      rowwise("softmax", rows, [columns, operands.input(x, size), operands.output(out, size)], slow);
    },

    logSoftmax(x, out, { rows, columns }): void {
      const size = rows * columns;
      rowwise("log_softmax", rows, [columns, operands.input(x, size), operands.output(out, size)], slow);
    },

    crossEntropyGradient: (logProbabilities, labels, out, options) =>
      softmaxGradient("cross_entropy_gradient", [logProbabilities, labels, out], options),

    softCrossEntropyGradient: (logProbabilities, targets, out, options) =>
      softmaxGradient("soft_cross_entropy_gradient", [logProbabilities, targets, out], options),

    softmaxGradient: (y, gradient, out, shape) => softmaxGradient("softmax_gradient", [y, gradient, out], shape),

    logSoftmaxGradient: (y, gradient, out, shape) => softmaxGradient("log_softmax_gradient", [y, gradient, out], shape),

    dropoutMask: (out, options) => dropoutMask(engine, out, options),

    lstmCell: (arrays, shape) => lstmCell(engine, arrays, shape),
    lstmCellGradient: (arrays, shape) => lstmCellGradient(engine, arrays, shape),

    sumOfSquares(x): number {
      const { length } = x, units = Math.ceil(length / squaresPerUnit);
      const partial = operands.partialSums(2 * units);
      const values = [length, operands.input(x, length), partial.byteOffset];
      engine.run("sum_of_squares", { units, nanoseconds: quick * length }, values);
      return partial.reduce((sum, value) => sum + value, 0);
    },

    sgd(parameter, gradient, velocity, { learningRate, momentum, weightDecay, nesterov }: SgdStep): void {
      const { length } = parameter;
      const kernel = velocity === null ? "sgd" : nesterov ? "sgd_nesterov" : "sgd_momentum";
      const addresses = [operands.output(parameter, length), operands.input(gradient, length)];
      addresses.push(velocity === null ? 0 : operands.output(velocity, length));
      elementwise(kernel, [length, ...addresses, learningRate, momentum, weightDecay]);
    },

    adam(parameter, gradient, { mean, square }, step: AdamStep): void {
      const { length } = parameter;
      const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled } = step;
      const addresses = [operands.output(parameter, length), operands.input(gradient, length)];
      addresses.push(operands.output(mean, length), operands.output(square, length));
      const stepSize = learningRate / (1 - beta1 ** step.step), rootCorrection = 1 / Math.sqrt(1 - beta2 ** step.step);
      const decay = decoupled ? 0 : weightDecay, shrink = decoupled ? 1 - learningRate * weightDecay : 1;
      const rates = [beta1, 1 - beta1, beta2, 1 - beta2, stepSize, rootCorrection, epsilon, decay, shrink];
      elementwise("adam", [length, ...addresses, ...rates]);
    },

    gatherBytes(source, rows, out, { columns, factor, offset }): void {
      const gathered = operands.rows(source, rows, columns);
      const to = operands.output(out, rows.length * columns);
      rowwise("gather_bytes", rows.length, [columns, gathered.source, gathered.numbers, to, factor, offset]);
    },

    gatherSigns(codes, rows, out, { bits }): void {
      const gathered = operands.rows(codes, rows, (bits + 7) >> 3);
      const to = operands.output(out, rows.length * bits);
      rowwise("gather_signs", rows.length, [bits, gathered.source, gathered.numbers, to]);
    },

    packBits: (values, thresholds, out, options) => packBits(engine, { values, thresholds, out }, options),
    popcountMatmul: (codes, signs, out, options) => popcountMatmul(engine, { codes, signs, out }, options),
    lookupSums: (indices, tables, out, options) => lookupSums(engine, { indices, tables, out }, options),
    maxPool: (source, out, places, shape) => pool(engine, { pixels: source, patches: out, places }, shape),
    maxPoolGradient: (gradient, places, out, shape) =>
      poolGradient(engine, { pixels: out, patches: gradient, places }, shape),
    averagePool: (source, out, shape) => pool(engine, { pixels: source, patches: out }, shape),
    averagePoolGradient: (gradient, out, shape) => poolGradient(engine, { pixels: out, patches: gradient }, shape),

    columnMoments(x, { mean, variance }, { rows, columns }): void {
      const counts: number[] = [], size = rows * columns;
      const parts = columnStatistics(
        "column_moments",
        { rows, columns },
        (out) => [operands.input(x, size), 0, 0, 0, out],
      );
      for (let start = 0; start < rows; start += parts.perUnit) counts.push(Math.min(parts.perUnit, rows - start));
      for (let j = 0; j < columns; j++) {
        let sum = 0, squares = 0;
        counts.forEach((count, unit) => sum += count * parts.values[2 * unit * columns + j]);
        const center = sum / rows;
        counts.forEach((count, unit) => {
          const at = 2 * unit * columns + j;
          squares += parts.values[at + columns] + count * (parts.values[at] - center) ** 2;
        });
        mean[j] = center;
        variance[j] = squares / rows;
      }
    },

    scaleColumns({ x, factors, y, others, offsets }, out, { rows, columns, accumulate, relu = false }): void {
      const matrix = (array: Float32Array): number => operands.input(array, rows * columns);
      const row = (array: Float32Array): number => operands.input(array, columns);
      const hasTwo = y !== undefined && others !== undefined;
      const addresses = [matrix(x), row(factors), ...(hasTwo ? [matrix(y), row(others)] : [0, 0]), row(offsets)];
      const values = [columns, ...addresses, operands.output(out, rows * columns), accumulate ? -1 : 0];
      rowwise(hasTwo ? "scale_columns_of_two" : "scale_columns", rows, [...values, relu ? 0 : -Infinity]);
    },

    columnDots({ x, y, mean, passed }, { sums, dots }, { rows, columns }): void {
      const size = rows * columns, name = passed === undefined ? "column_dots" : "column_dots_of_relu";
      const { values } = columnStatistics(name, { rows, columns }, (out) => [
        passed === undefined ? operands.input(x, size) : operands.output(x, size),
        ...[operands.input(y, size), operands.input(mean, columns)],
        ...[passed === undefined ? 0 : operands.input(passed, size), out],
      ]);
      for (let j = 0; j < columns; j++) {
        let sum = 0, dot = 0;
        for (let at = j; at < values.length; at += 2 * columns) {
          sum += values[at];
          dot += values[at + columns];
        }
        sums[j] = sum;
        dots[j] = dot;
      }
    },
  };
}

/** A shorter inner index does not make up for writing the output transposed. */
const transposingInner = 64;

/** A part of the output that is shared with other threads by rows has at least so many. */
const fewestRows = 48;

interface Operand {
  readonly address: number;
  /** From a row of the matrix as it is stored to the next, in bytes. */
  readonly stride: number;
  /** Whether the inner index counts the stored rows. */
  readonly innerFirst: boolean;
}

/** A matrix in the kernel's terms: strides in bytes, by row and by column. */
interface Strided {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** See {@linkcode Kernels.matmul}. */
export function matmul(
  engine: Engine,
  { a, b, out }: { a: Float32Array; b: Float32Array; out: Float32Array },
  options: MatmulOptions,
): void {
  const { rows, columns, inner, transposeA = false, transposeB = false, accumulate = false, bias, relu } = options;
  if (rows * columns * inner === 0) return referenceMatmul(a, b, out, options);
  const { operands } = engine;
  const first: Operand = {
    address: operands.input(a, rows * inner),
    stride: 4 * (transposeA ? rows : inner),
    innerFirst: transposeA,
  };
  const second: Operand = {
    address: operands.input(b, inner * columns),
    stride: 4 * (transposeB ? inner : columns),
    innerFirst: !transposeB,
  };
  const result: Strided = { address: operands.output(out, rows * columns), row: 4 * columns, column: 4 };
  const initial: Strided = accumulate
    ? result
    : bias === undefined
    ? { address: engine.zeros, row: 0, column: 0 }
    : { address: operands.input(bias, columns), row: 0, column: 4 };
  const floor = relu ? 0 : -Infinity;

  // The columns of a transposed b must be packed one by one. When b is the larger operand, the transposed product out^T = b^T*a^T reads it in rows.
  if (transposeB && rows < columns && inner >= transposingInner) {
    multiply(engine, { rows: columns, columns: rows, inner, floor }, {
      a: second,
      b: first,
      initial: transposed(initial),
      out: transposed(result),
    });
  } else {
    multiply(engine, { rows, columns, inner, floor }, { a: first, b: second, initial, out: result });
  }
}

function transposed({ address, row, column }: Strided): Strided {
  return { address, row: column, column: row };
}

function multiply(
  engine: Engine,
  { rows, columns, inner, floor }: { rows: number; columns: number; inner: number; floor: number },
  { a, b, initial, out }: { a: Operand; b: Operand; initial: Strided; out: Strided },
): void {
  const layout = b.innerFirst ? layoutFor(rows, b.stride) : layoutOfB.packColumns;
  const packA = a.innerFirst && a.stride % conflictingStrideOfA === 0;
  const nanoseconds = 2 * rows * columns * inner / flopsPerNanosecond;
  const { rowParts, columnParts } = partsOf(engine.partsFor(nanoseconds), rows, columns);
  engine.run("matmul", { units: rowParts * columnParts, nanoseconds }, [
    ...[rows, columns, inner, rowParts, columnParts],
    ...[a.address, a.stride, a.innerFirst ? 1 : 0, packA ? 1 : 0],
    ...[b.address, b.stride, layout],
    ...[initial.address, initial.row, initial.column],
    ...[out.address, out.row, out.column],
    floor,
  ]);
}

/**
 * How the output is cut into parts. Parts side by side share nothing that has to be packed, parts below each other pack the same panels of b; these where the
 * panels are too few for parts of one size.
 */
function partsOf(parts: number, rows: number, columns: number): { rowParts: number; columnParts: number } {
  const panels = Math.ceil(columns / tileColumns), below = Math.ceil(rows / fewestRows);
  if (panels < parts && parts % panels !== 0 && below >= parts) return { rowParts: parts, columnParts: 1 };
  const columnParts = Math.min(parts, panels);
  return { rowParts: Math.min(Math.floor(parts / columnParts), below), columnParts };
}
