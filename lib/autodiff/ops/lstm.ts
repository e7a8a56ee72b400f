/**
 * A whole layer of an LSTM as one operation (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000).
 *
 * The sequences of a batch are packed: sorted from the longest to the shortest, first the first elements of all, then the second elements of those that
 * have one, and so on. There is no padding to compute or to mask, the input product of all steps is one matrix product, and those that go on from a step
 * to the next are always its first rows.
 *
 * @module
 */
import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** The parts of an LSTM layer. In the last axis stand the input gate, the forget gate, the candidate and the output gate, one after the other. */
export interface LstmOptions {
  /** [inputs, 4 * units]. */
  readonly inputWeights: Tensor;
  /** [units, 4 * units]. */
  readonly recurrentWeights: Tensor;
  /** [4 * units]. */
  readonly bias: Tensor;
  /** How many sequences have each step, the first step first: whole numbers that never rise. */
  readonly sizes: ArrayLike<number>;
  /** Read each sequence from its last element to its first. */
  readonly reverse?: boolean;
}

/** One step in the order in which it is computed. */
interface Step {
  /** Its first row. */
  readonly start: number;
  /** How many sequences have it. */
  readonly rows: number;
  /** First row of the step that was computed before it. */
  readonly before: number;
  /** How many sequences go on from there. */
  readonly carried: number;
}

interface Saved {
  readonly steps: readonly Step[];
  /** The activations of the gates [rows, 4 * units], the cells and their hyperbolic tangents [rows, units]. */
  readonly gates: Float32Array;
  readonly cells: Float32Array;
  readonly squashed: Float32Array;
  readonly reverse: boolean;
}

/**
 * The states of an LSTM after each element of packed sequences: x [sum  sizes, inputs] -> [sum  sizes, units], row by row. Each sequence begins with a state of
 * zeros. Throws `ShapeError` when the parts do not fit.
 */
export function lstm(x: Tensor, options: LstmOptions): Tensor {
  const { inputWeights, recurrentWeights, bias, sizes, reverse = false } = options;
  const units = recurrentWeights.shape[0], width = 4 * units;
  const [rows, inputs] = x.shape;
  if (
    x.rank !== 2 || inputWeights.rank !== 2 || inputWeights.shape[0] !== inputs || inputWeights.shape[1] !== width ||
    recurrentWeights.rank !== 2 || recurrentWeights.shape[1] !== width || bias.rank !== 1 || bias.size !== width
  ) {
    const shapes = [x, inputWeights, recurrentWeights, bias].map(({ shape }) => describeShape(shape));
    throw new ShapeError(
      `lstm: x ${shapes[0]}, input weights ${shapes[1]}, recurrent weights ${shapes[2]} and bias ${
        shapes[3]
      } do not fit; ` +
        "[rows, inputs], [inputs, 4*units], [units, 4*units] and [4*units] were wanted",
    );
  }
  const steps = planSteps(sizes, { rows, reverse });
  const region = currentRegion();
  const gates = region.float32(rows * width), cells = region.float32(rows * units);
  const squashed = region.float32(rows * units), out = region.float32(rows * units);
  kernels().matmul(x.data, inputWeights.data, gates, { rows, columns: width, inner: inputs, bias: bias.data });
  for (const { start, rows, before, carried } of steps) {
    const stepGates = gates.subarray(start * width, (start + rows) * width);
    const part = (array: Float32Array): Float32Array => array.subarray(start * units, (start + rows) * units);
    const product = { rows: carried, columns: width, inner: units, accumulate: true };
    if (carried > 0) kernels().matmul(out.subarray(before * units), recurrentWeights.data, stepGates, product);
    kernels().lstmCell({
      gates: stepGates,
      before: cells.subarray(before * units),
      cells: part(cells),
      squashed: part(squashed),
      out: part(out),
    }, { rows, units, carried });
  }
  return recordOperation({
    op: "lstm",
    inputs: [x, inputWeights, recurrentWeights, bias],
    shape: [rows, units],
    data: out,
    attributes: { steps, gates, cells, squashed, reverse } satisfies Saved,
  });
}

function planSteps(sizes: ArrayLike<number>, { rows, reverse }: { rows: number; reverse: boolean }): Step[] {
  const steps: Step[] = [];
  let start = 0;
  for (let step = 0; step < sizes.length; step++) {
    const size = sizes[step], largest = step === 0 ? Infinity : sizes[step - 1];
    if (!Number.isInteger(size) || size < 1 || size > largest) {
      throw new ShapeError(`lstm: sizes of at least 1 that never rise were wanted, ${size} for step ${step} found`);
    }
    const previous = { before: start - (step === 0 ? 0 : largest), carried: step === 0 ? 0 : size };
    const next = step + 1 < sizes.length
      ? { before: start + size, carried: sizes[step + 1] }
      : { before: start, carried: 0 };
    steps.push({ start, rows: size, ...(reverse ? next : previous) });
    start += size;
  }
  if (start !== rows) {
    throw new ShapeError(`lstm: sizes that add up to the ${rows} rows of x were wanted, ${start} found`);
  }
  return reverse ? steps.reverse() : steps;
}

/** Gradient rule of {@linkcode lstm}: back through time, then each matrix's gradient as one product over all steps. */
export const lstmGradient: GradientRule = ({ inputs, output, attributes }, gradient, into) => {
  const [x, inputWeights, recurrentWeights] = inputs;
  const { steps, gates, cells, squashed } = attributes as Saved;
  const [rows, units] = output.shape, width = 4 * units, columns = x.shape[1];
  const cellGradient = currentRegion().float32(Math.max(0, ...steps.map((step) => step.rows)) * units);
  cellGradient.fill(0);
  for (let index = steps.length - 1; index >= 0; index--) {
    const { start, rows, before, carried } = steps[index];
    const stepGates = gates.subarray(start * width, (start + rows) * width);
    const part = (array: Float32Array): Float32Array => array.subarray(start * units, (start + rows) * units);
    kernels().lstmCellGradient({
      gates: stepGates,
      before: cells.subarray(before * units),
      squashed: part(squashed),
      gradient: part(gradient),
      cellGradient,
    }, { rows, units, carried });
    if (carried === 0) continue;
    const product = { rows: carried, columns: units, inner: width, transposeB: true, accumulate: true };
    kernels().matmul(stepGates, recurrentWeights.data, gradient.subarray(before * units), product);
  }
  // The gates now hold the gradients of their sums.
  into(3, (out, accumulate) => kernels().columnSums(gates, out, { rows, columns: width, accumulate }));
  into(2, (out, accumulate) => {
    const pairs = carriedPairs(output, attributes as Saved);
    const product = { rows: units, columns: width, inner: pairs.rows, transposeA: true, accumulate };
    kernels().matmul(pairs.states, pairs.gates, out, product);
  });
  into(1, (out, accumulate) => {
    const product = { rows: columns, columns: width, inner: rows, transposeA: true, accumulate };
    kernels().matmul(x.data, gates, out, product);
  });
  into(0, (out, accumulate) => {
    const product = { rows, columns, inner: width, transposeB: true, accumulate };
    kernels().matmul(gates, inputWeights.data, out, product);
  });
};

/**
 * Each state that a step went on from, beside the gradients of that step's gates. All but the first step computed stand together in one of the two; of the
 * other each step's first rows are copied together, where they do not stand so already.
 */
function carriedPairs(
  { data: states, shape: [, units] }: Tensor,
  { steps, gates, reverse }: Saved,
): { rows: number; states: Float32Array; gates: Float32Array } {
  const carrying = steps.filter(({ carried }) => carried > 0);
  if (reverse) carrying.reverse();
  const rows = carrying.reduce((sum, { carried }) => sum + carried, 0), width = 4 * units;
  const copyFirst = (source: Float32Array, columns: number): Float32Array => {
    const isWhole = carrying.every((step) => step.carried === carrying[0].carried);
    if (isWhole) return source.subarray(0, rows * columns);
    const copy = currentRegion().float32(rows * columns);
    let to = 0;
    for (const { start, before, carried } of carrying) {
      const from = (reverse ? start : before) * columns, length = carried * columns;
      copy.set(source.subarray(from, from + length), to);
      to += length;
    }
    return copy;
  };
  const first = gates.length / width - rows;
  return reverse
    ? { rows, states: states.subarray(first * units), gates: copyFirst(gates, width) }
    : { rows, states: copyFirst(states, units), gates: gates.subarray(first * width) };
}
