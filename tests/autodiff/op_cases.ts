/**
 * Every operation with inputs of several shapes and an independent reference in double precision, written from the definition. Forward results,
 * gradients and kernels are all tested from this one table.
 */
import * as pn from "../../mod.ts";
import type { Tensor } from "../../mod.ts";
import { hash32 } from "../../lib/projection/mod.ts";

/** One operation on given inputs. */
export interface OpCase {
  /** Name of the operation, as on the tape. */
  op: string;
  /** What is special about this case. */
  note: string;
  /** Shapes of the inputs. */
  shapes: number[][];
  /** Smallest and largest input value. */
  range?: [number, number];
  /** Runs the operation. */
  run: (inputs: Tensor[]) => Tensor;
  /** The expected values, row-major, in double precision. */
  expected: (inputs: number[][]) => number[];
  /** The expected shape. */
  shape: number[];
  /** False for operations whose gradient is by definition not the derivative of what they compute. */
  differentiable?: boolean;
}

/** Values in a range that depend on nothing but their position; no two within 0.02 of a kink at 0 or of each other's halves. */
export function caseValues(size: number, [low, high]: [number, number] = [-2, 2], seed = 1): number[] {
  return Array.from({ length: size }, (_, i) => {
    const value = low + (high - low) * hash32(seed, 0, i) / 2 ** 32;
    return Math.abs(value) < 0.05 ? (value < 0 ? value - 0.05 : value + 0.05) : value;
  });
}

const count = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
const each = (f: (x: number) => number) => ([x]: number[][]) => x.map(f);

function unaryCases(
  op: string,
  run: (x: Tensor) => Tensor,
  f: (x: number) => number,
  options: Partial<OpCase> = {},
): OpCase[] {
  return [[1], [7], [3, 5], [2, 3, 4], []].map((shape) => ({
    op,
    note: `shape [${shape}]`,
    shapes: [shape],
    run: ([x]) => run(x),
    expected: each(f),
    shape,
    ...options,
  }));
}

/** Element of a broadcast operand, found by its coordinates. */
function at(values: number[], shape: number[], target: number[], index: number): number {
  let offset = 0, stride = 1, rest = index;
  for (let axis = 1; axis <= target.length; axis++) {
    const length = target[target.length - axis];
    const coordinate = rest % length;
    rest = Math.floor(rest / length);
    const own = shape[shape.length - axis] ?? 1;
    if (own > 1) offset += coordinate * stride;
    stride *= own;
  }
  return values[offset];
}

function binaryCases(
  op: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
  range?: [number, number],
): OpCase[] {
  const pairs: [number[], number[], number[]][] = [
    [[4], [4], [4]],
    [[3, 4], [3, 4], [3, 4]],
    [[3, 4], [4], [3, 4]],
    [[4], [3, 4], [3, 4]],
    [[3, 1], [1, 4], [3, 4]],
    [[2, 3, 4], [3, 1], [2, 3, 4]],
    [[3, 4], [], [3, 4]],
    [[], [2], [2]],
    [[1], [1], [1]],
  ];
  return pairs.map(([a, b, shape]) => ({
    op,
    note: `[${a}] and [${b}]`,
    shapes: [a, b],
    range,
    run: ([x, y]) => run(x, y),
    expected: ([x, y]) => Array.from({ length: count(shape) }, (_, i) => f(at(x, a, shape, i), at(y, b, shape, i))),
    shape,
  }));
}

function product(a: number[], b: number[], [rows, inner, columns]: [number, number, number]): number[] {
  const out: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[i * inner + k] * b[k * columns + j];
      out.push(sum);
    }
  }
  return out;
}

function matmulCases(): OpCase[] {
  const sizes: [number, number, number][] = [[1, 1, 1], [2, 3, 4], [5, 1, 7], [1, 9, 1], [13, 11, 17]];
  const flat: OpCase[] = sizes.map(([rows, inner, columns]) => ({
    op: "matmul",
    note: `${rows}×${inner}×${columns}`,
    shapes: [[rows, inner], [inner, columns]],
    run: ([a, b]) => pn.matmul(a, b),
    expected: ([a, b]) => product(a, b, [rows, inner, columns]),
    shape: [rows, columns],
  }));
  return [...flat, {
    op: "matmul",
    note: "batch of 3",
    shapes: [[3, 2, 4], [3, 4, 5]],
    run: ([a, b]) => pn.matmul(a, b),
    expected: ([a, b]) =>
      [0, 1, 2].flatMap((i) => product(a.slice(i * 8, i * 8 + 8), b.slice(i * 20, i * 20 + 20), [2, 4, 5])),
    shape: [3, 2, 5],
  }];
}

function linearCases(): OpCase[] {
  return [false, true].flatMap((relu) =>
    [[1, 1, 1], [4, 3, 5], [7, 9, 2]].map(([rows, inner, columns]): OpCase => ({
      op: "linear",
      note: `${rows}×${inner}×${columns}${relu ? " with ReLU" : ""}`,
      shapes: [[rows, inner], [inner, columns], [columns]],
      run: ([x, weights, bias]) => pn.linear(x, weights, { bias, relu }),
      expected: ([x, weights, bias]) =>
        product(x, weights, [rows, inner, columns]).map((value, i) => {
          const sum = value + bias[i % columns];
          return relu ? Math.max(0, sum) : sum;
        }),
      shape: [rows, columns],
    }))
  );
}

/** Reduces [outer, length, inner] over its middle. */
function reduce(x: number[], [outer, length, inner]: number[], f: (values: number[]) => number): number[] {
  const out: number[] = [];
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      out.push(f(Array.from({ length }, (_, j) => x[(i * length + j) * inner + k])));
    }
  }
  return out;
}

function reductionCases(): OpCase[] {
  const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const reductions: [string, (x: Tensor, o: pn.ReductionOptions) => Tensor, (values: number[]) => number][] = [
    ["sum", pn.sum, total],
    ["mean", pn.mean, (values) => total(values) / values.length],
    ["max", pn.max, (values) => Math.max(...values)],
  ];
  return reductions.flatMap(([op, run, f]): OpCase[] => [
    { op, note: "all", shapes: [[3, 4]], run: ([x]) => run(x, {}), expected: ([x]) => [f(x)], shape: [] },
    {
      op,
      note: "first axis",
      shapes: [[3, 4]],
      run: ([x]) => run(x, { axis: 0 }),
      expected: ([x]) => reduce(x, [1, 3, 4], f),
      shape: [4],
    },
    {
      op,
      note: "last axis, kept",
      shapes: [[3, 4]],
      run: ([x]) => run(x, { axis: -1, keepDims: true }),
      expected: ([x]) => reduce(x, [3, 4, 1], f),
      shape: [3, 1],
    },
    {
      op,
      note: "middle axis",
      shapes: [[2, 3, 4]],
      run: ([x]) => run(x, { axis: 1 }),
      expected: ([x]) => reduce(x, [2, 3, 4], f),
      shape: [2, 4],
    },
    {
      op,
      note: "one value",
      shapes: [[1]],
      run: ([x]) => run(x, { axis: 0 }),
      expected: ([x]) => [x[0]],
      shape: [],
    },
  ]);
}

function softmaxRow(row: number[]): number[] {
  const powers = row.map(Math.exp);
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

function rowsOf(values: number[], columns: number): number[][] {
  return Array.from(
    { length: values.length / columns },
    (_, i) => values.slice(i * columns, (i + 1) * columns),
  );
}

function softmaxCases(): OpCase[] {
  return [[1, 1], [2, 3], [5, 10], [2, 2, 4], [6]].flatMap((shape): OpCase[] => {
    const columns = shape[shape.length - 1];
    return [{
      op: "softmax",
      note: `shape [${shape}]`,
      shapes: [shape],
      run: ([x]) => pn.softmax(x),
      expected: ([x]) => rowsOf(x, columns).flatMap(softmaxRow),
      shape,
    }, {
      op: "logSoftmax",
      note: `shape [${shape}]`,
      shapes: [shape],
      run: ([x]) => pn.logSoftmax(x),
      expected: ([x]) => rowsOf(x, columns).flatMap((row) => softmaxRow(row).map(Math.log)),
      shape,
    }];
  });
}

function lossCases(): OpCase[] {
  const labels = [2, 0, 1, 2];
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return [{
    op: "crossEntropy",
    note: "hard targets",
    shapes: [[4, 3]],
    run: ([x]) => pn.crossEntropy(x, labels),
    expected: ([x]) => [mean(rowsOf(x, 3).map((row, i) => -Math.log(softmaxRow(row)[labels[i]])))],
    shape: [],
  }, {
    op: "crossEntropy",
    note: "one row",
    shapes: [[1, 2]],
    run: ([x]) => pn.crossEntropy(x, [1]),
    expected: ([x]) => [-Math.log(softmaxRow(x)[1])],
    shape: [],
  }, {
    op: "softCrossEntropy",
    note: "targets that need not sum to one",
    shapes: [[4, 3], [4, 3]],
    range: [0.1, 1.5],
    run: ([x, targets]) => pn.softCrossEntropy(x, targets),
    expected: ([x, targets]) => {
      const rows = rowsOf(targets, 3);
      return [
        mean(
          rowsOf(x, 3).map((row, i) => {
            const p = softmaxRow(row);
            return -rows[i].reduce((sum, target, j) => sum + target * Math.log(p[j]), 0);
          }),
        ),
      ];
    },
    shape: [],
  }];
}

function layoutCases(): OpCase[] {
  const cube = (x: number[], order: number[], shape: number[]) => {
    const out: number[] = [];
    const [a, b, c] = order.map((axis) => shape[axis]);
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) {
        for (let k = 0; k < c; k++) {
          const place = [0, 0, 0];
          [i, j, k].forEach((coordinate, position) => place[order[position]] = coordinate);
          out.push(x[(place[0] * shape[1] + place[1]) * shape[2] + place[2]]);
        }
      }
    }
    return out;
  };
  return [
    {
      op: "reshape",
      note: "one length free",
      shapes: [[2, 6]],
      run: ([x]) => pn.reshape(x, [3, -1]),
      expected: ([x]) => x,
      shape: [3, 4],
    },
    {
      op: "transpose",
      note: "matrix",
      shapes: [[2, 3]],
      run: ([x]) => pn.transpose(x),
      expected: ([x]) => [x[0], x[3], x[1], x[4], x[2], x[5]],
      shape: [3, 2],
    },
    {
      op: "transpose",
      note: "three axes",
      shapes: [[2, 3, 4]],
      run: ([x]) => pn.transpose(x, [2, 0, 1]),
      expected: ([x]) => cube(x, [2, 0, 1], [2, 3, 4]),
      shape: [4, 2, 3],
    },
    {
      op: "transpose",
      note: "with axes of length 1",
      shapes: [[1, 3, 1]],
      run: ([x]) => pn.transpose(x, [1, 2, 0]),
      expected: ([x]) => x,
      shape: [3, 1, 1],
    },
    {
      op: "slice",
      note: "rows",
      shapes: [[4, 3]],
      run: ([x]) => pn.slice(x, { start: 1, end: 3 }),
      expected: ([x]) => x.slice(3, 9),
      shape: [2, 3],
    },
    {
      op: "slice",
      note: "columns to the end",
      shapes: [[2, 4]],
      run: ([x]) => pn.slice(x, { axis: -1, start: 2 }),
      expected: ([x]) => [x[2], x[3], x[6], x[7]],
      shape: [2, 2],
    },
    {
      op: "slice",
      note: "nothing",
      shapes: [[2, 4]],
      run: ([x]) => pn.slice(x, { start: 1, end: 1 }),
      expected: () => [],
      shape: [0, 4],
    },
    {
      op: "concatenate",
      note: "rows",
      shapes: [[1, 3], [2, 3]],
      run: (parts) => pn.concatenate(parts),
      expected: ([a, b]) => [...a, ...b],
      shape: [3, 3],
    },
    {
      op: "concatenate",
      note: "columns, three parts",
      shapes: [[2, 1], [2, 2], [2, 1]],
      run: (parts) => pn.concatenate(parts, { axis: 1 }),
      expected: ([a, b, c]) => [a[0], b[0], b[1], c[0], a[1], b[2], b[3], c[1]],
      shape: [2, 4],
    },
    {
      op: "gather",
      note: "rows with repeats",
      shapes: [[4, 2]],
      run: ([x]) => pn.gather(x, [3, 0, 3]),
      expected: ([x]) => [x[6], x[7], x[0], x[1], x[6], x[7]],
      shape: [3, 2],
    },
    {
      op: "gather",
      note: "no row",
      shapes: [[4, 2]],
      run: ([x]) => pn.gather(x, []),
      expected: () => [],
      shape: [0, 2],
    },
  ];
}

function dropoutCases(): OpCase[] {
  return [0, 0.4].map((rate): OpCase => ({
    op: "dropout",
    note: `rate ${rate}`,
    shapes: [[6, 5]],
    run: ([x]) => pn.dropout(x, { rate, seed: 3, step: 9 }),
    expected: ([x]) => x.map((value, i) => hash32(3, 9, i) / 2 ** 32 < rate ? 0 : value / (1 - rate)),
    shape: [6, 5],
  }));
}

/** The nearest number with 8 significant bits, ties to even. */
function bfloat16(value: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(value)) - 7);
  const below = Math.floor(value / unit), rest = value / unit - below;
  return (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below) * unit;
}

/** The definition of each precision, for one column. */
const quantizers: Record<pn.QuantizedPrecision, (column: number[]) => number[]> = {
  int8: (column) => {
    const unit = bfloat16(Math.max(...column.map(Math.abs)) / 127);
    return column.map((value) => Math.round(value / unit) * unit);
  },
  int4: (column) => {
    const candidates = [1, 0.85, 0.7, 0.55].map((part) => {
      const unit = bfloat16(part * Math.max(...column.map(Math.abs)) / 7);
      return column.map((value) => Math.max(-7, Math.min(7, Math.round(value / unit))) * unit);
    });
    const errors = candidates.map((rounded) => rounded.reduce((sum, value, i) => sum + (value - column[i]) ** 2, 0));
    return candidates[errors.indexOf(Math.min(...errors))];
  },
  ternary: (column) => {
    const magnitudes = column.map(Math.abs);
    const cut = 0.7 * magnitudes.reduce((a, b) => a + b) / magnitudes.length;
    const kept = magnitudes.filter((magnitude) => magnitude > cut);
    const unit = bfloat16(kept.reduce((a, b) => a + b) / kept.length);
    return column.map((value) => Math.abs(value) > cut ? Math.sign(value) * unit : 0);
  },
  binary: (column) => {
    const unit = bfloat16(column.reduce((sum, value) => sum + Math.abs(value), 0) / column.length);
    return column.map((value) => Math.sign(value) * unit);
  },
};

function quantizeCases(): OpCase[] {
  return (Object.keys(quantizers) as pn.QuantizedPrecision[]).flatMap((precision) =>
    [[5, 3], [40, 4], [1, 1], [9, 1], [2, 3, 2, 4]].map((shape): OpCase => ({
      op: "quantize",
      note: `${precision}, shape [${shape}]`,
      shapes: [shape],
      run: ([x]) => pn.quantize(x, precision),
      expected: ([x]) => {
        const out = x.slice(), columns = shape[shape.length - 1];
        for (let j = 0; j < columns; j++) {
          quantizers[precision](x.filter((_, i) => i % columns === j)).forEach((value, i) =>
            out[i * columns + j] = value
          );
        }
        return out;
      },
      shape,
      differentiable: false,
    }))
  );
}

function gatherSumCases(): OpCase[] {
  return [
    {
      op: "gatherSum",
      note: "three rows a sum, repeats within and between",
      shapes: [[4, 2]],
      run: ([x]) => pn.gatherSum(x, [3, 0, 3, 1, 2, 0], { terms: 3 }),
      expected: ([x]) => [2 * x[6] + x[0], 2 * x[7] + x[1], x[2] + x[4] + x[0], x[3] + x[5] + x[1]],
      shape: [2, 2],
    },
    {
      op: "gatherSum",
      note: "one row a sum",
      shapes: [[3, 4]],
      run: ([x]) => pn.gatherSum(x, [2, 2], { terms: 1 }),
      expected: ([x]) => [...x.slice(8), ...x.slice(8)],
      shape: [2, 4],
    },
    {
      op: "gatherSum",
      note: "no sum",
      shapes: [[3, 4]],
      run: ([x]) => pn.gatherSum(x, [], { terms: 5 }),
      expected: () => [],
      shape: [0, 4],
    },
    {
      op: "gatherSum",
      note: "lists of unequal lengths, one of them empty",
      shapes: [[4, 2]],
      run: ([x]) => pn.gatherSum(x, [3, 0, 3, 1], { offsets: [0, 3, 3, 4] }),
      expected: ([x]) => [2 * x[6] + x[0], 2 * x[7] + x[1], 0, 0, x[2], x[3]],
      shape: [3, 2],
    },
  ];
}

function gatherMeanCases(): OpCase[] {
  return [
    {
      op: "gatherMean",
      note: "lists with repeats, one of them empty",
      shapes: [[4, 2]],
      run: ([x]) => pn.gatherMean(x, [3, 0, 3, 1], { offsets: [0, 3, 3, 4] }),
      expected: ([x]) => [(2 * x[6] + x[0]) / 3, (2 * x[7] + x[1]) / 3, 0, 0, x[2], x[3]],
      shape: [3, 2],
    },
    {
      op: "gatherMean",
      note: "no list",
      shapes: [[4, 2]],
      run: ([x]) => pn.gatherMean(x, [], { offsets: [0] }),
      expected: () => [],
      shape: [0, 2],
    },
  ];
}

/** The states of one sequence after each element, from the definition: plain loops over elements, units and inputs. */
function lstmStates(
  elements: number[][],
  { inputWeights, recurrentWeights, bias }: Record<"inputWeights" | "recurrentWeights" | "bias", number[]>,
): number[][] {
  const width = bias.length, units = width / 4;
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  let state = new Array<number>(units).fill(0), cells = state;
  return elements.map((element) => {
    const gate = (number: number, unit: number) => {
      const column = number * units + unit;
      const fromInput = element.reduce((sum, value, i) => sum + value * inputWeights[i * width + column], 0);
      const fromState = state.reduce((sum, value, i) => sum + value * recurrentWeights[i * width + column], 0);
      return fromInput + fromState + bias[column];
    };
    cells = cells.map((cell, unit) =>
      logistic(gate(1, unit)) * cell + logistic(gate(0, unit)) * Math.tanh(gate(2, unit))
    );
    state = cells.map((cell, unit) => logistic(gate(3, unit)) * Math.tanh(cell));
    return state;
  });
}

function lstmCases(): OpCase[] {
  const batches: [note: string, sizes: number[], inputs: number, units: number][] = [
    ["one element", [1], 1, 1],
    ["one sequence", [1, 1, 1, 1], 2, 3],
    ["equal lengths", [3, 3, 3], 3, 2],
    ["unequal lengths", [4, 4, 2, 1, 1], 2, 3],
    ["every length once", [3, 2, 1], 3, 5],
    ["no sequence", [], 2, 2],
  ];
  return batches.flatMap(([note, sizes, inputs, units]) =>
    [false, true].map((reverse): OpCase => {
      const rows = sizes.reduce((a, b) => a + b, 0), width = 4 * units;
      const starts = sizes.map((_, step) => sizes.slice(0, step).reduce((a, b) => a + b, 0));
      return {
        op: "lstm",
        note: `${note}${reverse ? ", reversed" : ""}`,
        shapes: [[rows, inputs], [inputs, width], [units, width], [width]],
        run: ([x, inputWeights, recurrentWeights, bias]) =>
          pn.lstm(x, { inputWeights, recurrentWeights, bias, sizes, reverse }),
        expected: ([x, inputWeights, recurrentWeights, bias]) => {
          const out: number[] = [];
          for (let sequence = 0; sequence < (sizes[0] ?? 0); sequence++) {
            const places = starts.filter((_, step) => sequence < sizes[step]).map((start) => start + sequence);
            if (reverse) places.reverse();
            const elements = places.map((place) => x.slice(place * inputs, (place + 1) * inputs));
            lstmStates(elements, { inputWeights, recurrentWeights, bias }).forEach((state, i) =>
              state.forEach((value, unit) => out[places[i] * units + unit] = value)
            );
          }
          return out;
        },
        shape: [rows, units],
      };
    })
  );
}

/** The windows of an image in one direction: their first position, which may lie before the image. */
function windowStarts(size: number, kernel: number, { stride = 1, padding = 0 }: pn.WindowOptions): number[] {
  const starts: number[] = [];
  if (padding === "same") {
    const count = Math.ceil(size / stride);
    const before = Math.floor(Math.max(0, (count - 1) * stride + kernel - size) / 2);
    for (let i = 0; i < count; i++) starts.push(i * stride - before);
  } else for (let at = -padding; at + kernel <= size + padding; at += stride) starts.push(at);
  return starts;
}

type ImageShape = [images: number, height: number, width: number, channels: number];

/** For each image and window what `visit` makes of a function that gives pixels by their place in the window, NaN outside the image. */
function overWindows(
  x: number[],
  [images, height, width, channels]: ImageShape,
  { kernel: [rows, columns], ...options }: pn.WindowOptions & { kernel: [number, number] },
  visit: (pixel: (i: number, j: number, channel: number) => number) => number[],
): number[] {
  const out: number[] = [];
  for (let image = 0; image < images; image++) {
    for (const top of windowStarts(height, rows, options)) {
      for (const left of windowStarts(width, columns, options)) {
        out.push(...visit((i, j, channel) => {
          const y = top + i, column = left + j;
          const isInside = y >= 0 && y < height && column >= 0 && column < width;
          return isInside ? x[((image * height + y) * width + column) * channels + channel] : NaN;
        }));
      }
    }
  }
  return out;
}

function convolutionCases(): OpCase[] {
  const convolutions: [ImageShape, kernel: [number, number], outputs: number, pn.WindowOptions, grid: number[]][] = [
    [[1, 1, 1, 1], [1, 1], 1, {}, [1, 1]],
    [[2, 4, 5, 1], [3, 3], 2, {}, [2, 3]],
    [[2, 3, 4, 2], [1, 1], 3, {}, [3, 4]],
    [[1, 5, 4, 3], [3, 2], 2, { padding: "same" }, [5, 4]],
    [[2, 5, 6, 1], [3, 3], 2, { stride: 2, padding: "same" }, [3, 3]],
    [[3, 4, 4, 2], [2, 2], 1, { stride: 2, padding: 1 }, [3, 3]],
    [[2, 3, 3, 2], [1, 1], 2, { stride: 2 }, [2, 2]],
  ];
  return convolutions.flatMap(([shape, kernel, outputs, options, grid]) =>
    [false, true].map((relu): OpCase => ({
      op: "conv2d",
      note: `${shape}, kernel ${kernel}, ${JSON.stringify(options)}${relu ? " with ReLU" : ""}`,
      shapes: [shape, [...kernel, shape[3], outputs], [outputs]],
      run: ([x, weights, bias]) => pn.conv2d(x, weights, { ...options, bias, relu }),
      expected: ([x, weights, bias]) =>
        overWindows(x, shape, { ...options, kernel }, (pixel) =>
          bias.map((start, output) => {
            let sum = start;
            for (let at = 0; at < weights.length / outputs; at++) {
              const channel = at % shape[3], place = Math.floor(at / shape[3]);
              const value = pixel(Math.floor(place / kernel[1]), place % kernel[1], channel);
              if (!Number.isNaN(value)) sum += value * weights[at * outputs + output];
            }
            return relu ? Math.max(0, sum) : sum;
          })),
      shape: [shape[0], ...grid, outputs],
    }))
  );
}

function poolCases(): OpCase[] {
  const pools: [ImageShape, pn.PoolOptions, grid: number[]][] = [
    [[1, 1, 1, 1], { size: 1 }, [1, 1]],
    [[2, 4, 5, 3], { size: 2 }, [2, 2]],
    [[1, 5, 5, 2], { size: 3, stride: 2, padding: 1 }, [3, 3]],
    [[2, 3, 4, 1], { size: 2, stride: 1, padding: "same" }, [3, 4]],
    [[2, 4, 4, 5], { size: 4 }, [1, 1]],
  ];
  const kinds: [string, (x: Tensor, options: pn.PoolOptions) => Tensor, (values: number[]) => number][] = [
    ["maxPool", pn.maxPool, (values) => Math.max(...values)],
    ["averagePool", pn.averagePool, (values) => values.reduce((a, b) => a + b, 0) / values.length],
  ];
  return pools.flatMap(([shape, options, grid]) =>
    kinds.map(([op, run, combine]): OpCase => {
      const { size, stride = size, padding } = options;
      return {
        op,
        note: `${shape}, ${JSON.stringify(options)}`,
        shapes: [shape],
        // Far apart, so that no small difference changes which is the largest.
        range: [-9, 9],
        run: ([x]) => run(x, options),
        expected: ([x]) =>
          overWindows(x, shape, { kernel: [size, size], stride, padding }, (pixel) =>
            Array.from({ length: shape[3] }, (_, channel) => {
              const values = Array.from({ length: size * size }, (_, at) =>
                pixel(Math.floor(at / size), at % size, channel));
              return combine(values.filter((value) =>
                !Number.isNaN(value)
              ));
            })),
        shape: [shape[0], ...grid, shape[3]],
      };
    })
  );
}

function batchNormCases(): OpCase[] {
  const epsilon = 0.01;
  return [[5, 3], [2, 2, 3, 2], [1, 2]].flatMap((shape) => {
    const channels = shape[shape.length - 1];
    const kept = { mean: caseValues(channels, [-1, 1], 7), variance: caseValues(channels, [0.5, 2], 8) };
    const momentsOf = (x: number[], channel: number) => {
      const values = x.filter((_, i) => i % channels === channel);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
    };
    return [[false, false], [true, false], [false, true], [true, true]].map(([training, relu]): OpCase => ({
      op: "batchNorm",
      note: `shape [${shape}]${training ? " in training" : ""}${relu ? " with ReLU" : ""}`,
      shapes: [shape, [channels], [channels]],
      run: ([x, gain, bias]) => {
        const moments = { mean: Float32Array.from(kept.mean), variance: Float32Array.from(kept.variance) };
        return pn.batchNorm(x, { gain, bias, moments, training, relu, epsilon });
      },
      expected: ([x, gain, bias]) =>
        x.map((value, i) => {
          const j = i % channels;
          const { mean, variance } = training ? momentsOf(x, j) : { mean: kept.mean[j], variance: kept.variance[j] };
          const result = gain[j] * (value - mean) / Math.sqrt(variance + epsilon) + bias[j];
          return relu ? Math.max(0, result) : result;
        }),
      shape,
    }));
  });
}

/** The table. */
export const opCases: OpCase[] = [
  ...unaryCases("relu", pn.relu, (x) => Math.max(0, x)),
  ...unaryCases("tanh", pn.tanh, Math.tanh),
  ...unaryCases("sigmoid", pn.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  ...unaryCases("exp", pn.exp, Math.exp),
  ...unaryCases("log", pn.log, Math.log, { range: [0.3, 3] }),
  ...unaryCases("sqrt", pn.sqrt, Math.sqrt, { range: [0.3, 3] }),
  ...unaryCases("square", pn.square, (x) => x * x),
  ...unaryCases("abs", pn.abs, Math.abs),
  ...unaryCases("negate", pn.negate, (x) => -x),
  ...unaryCases("sign", pn.sign, (x) => x > 0 ? 1 : -1, { differentiable: false }),
  ...unaryCases("scale", (x) => pn.scale(x, -1.5), (x) => -1.5 * x),
  ...binaryCases("add", pn.add, (a, b) => a + b),
  ...binaryCases("subtract", pn.subtract, (a, b) => a - b),
  ...binaryCases("multiply", pn.multiply, (a, b) => a * b),
  ...binaryCases("divide", pn.divide, (a, b) => a / b, [0.5, 2]),
  ...matmulCases(),
  ...linearCases(),
  ...reductionCases(),
  ...softmaxCases(),
  ...lossCases(),
  ...layoutCases(),
  ...dropoutCases(),
  ...quantizeCases(),
  ...gatherSumCases(),
  ...gatherMeanCases(),
  ...lstmCases(),
  ...convolutionCases(),
  ...poolCases(),
  ...batchNormCases(),
];
