/**
 * A step of an LSTM and its gradient, each in one pass over the gates. A unit of work is a row, the state of one sequence.
 *
 * @module
 */
import type { Kernels, LstmStepShape } from "../interface.ts";
import { type Code, f32, type F32x4, I32 } from "./assembler/mod.ts";
import type { Engine } from "./engine.ts";
import { hyperbolicTangent, logistic } from "./functions.ts";
import { multiplyAdd } from "./gemm_tile.ts";
import { defineKernel, forVectors, type KernelModule, storeLeft } from "./kernel.ts";

/** About how long a unit takes: forward, with five exponentials, and backward. */
const forwardNanoseconds = 7, backwardNanoseconds = 1.5;

/** Adds lstm_cell and lstm_cell_gradient. */
export function defineLstm(target: KernelModule): void {
  const { features } = target;
  const shape = { units: I32, carried: I32, gates: I32, before: I32, squashed: I32 };

  /** Visits four units at a time: the addresses of their gates, how many bytes the row has left, their cells before, and how to reach other arrays. */
  const forUnits = (
    code: Code,
    p: { units: I32; carried: I32; gates: I32; before: I32; squashed: I32 },
    { start, end }: { start: I32; end: I32 },
    body: (state: { gates: I32[]; left: I32; before: F32x4; within: (array: I32) => I32 }) => void,
  ): void => {
    const bytes = code.let(p.units.shiftLeft(2));
    code.for(start, end, 1, (row) => {
      const offset = code.let(row.multiply(bytes));
      const gates = code.let(p.gates.add(offset.shiftLeft(2)));
      // A sequence that begins here has nothing before; what is loaded in its place is masked out.
      const isCarried = code.let(row.below(p.carried));
      const before = code.let(p.before.when(isCarried, p.squashed).add(offset));
      const mask = code.let(isCarried.splat().equals(1));
      forVectors(code, 0, bytes, (at, left) => {
        const first = code.let(gates.add(at)), second = code.let(first.add(bytes));
        const third = code.let(second.add(bytes)), fourth = code.let(third.add(bytes));
        body({
          gates: [first, second, third, fourth],
          left,
          before: code.let(before.add(at).loadF32x4().where(mask)),
          within: (array) => array.add(offset).add(at),
        });
      });
    });
  };
  const complement = (x: F32x4): F32x4 => f32(1).splat().subtract(x);

  defineKernel(target, "lstm_cell", { ...shape, cells: I32, out: I32 }, (code, p, range) => {
    forUnits(code, p, range, ({ gates, left, before, within }) => {
      const [input, forget, candidate, output] = gates.map((gate, index) => {
        const activate = index === 2 ? hyperbolicTangent : logistic;
        return activate(code, features, gate.loadF32x4());
      });
      [input, forget, candidate, output].forEach((value, index) => storeLeft(code, gates[index], value, left));
      const cells = code.let(multiplyAdd(features, forget, before, input.multiply(candidate)));
      storeLeft(code, within(p.cells), cells, left);
      const squashed = hyperbolicTangent(code, features, cells);
      storeLeft(code, within(p.squashed), squashed, left);
      storeLeft(code, within(p.out), output.multiply(squashed), left);
    });
  });

  defineKernel(target, "lstm_cell_gradient", { ...shape, gradient: I32, cellGradient: I32 }, (code, p, range) => {
    forUnits(code, p, range, ({ gates, left, before, within }) => {
      const [input, forget, candidate, output] = gates.map((gate) => code.let(gate.loadF32x4()));
      const squashed = code.let(within(p.squashed).loadF32x4());
      const gradient = code.let(within(p.gradient).loadF32x4());
      const ofSquashed = gradient.multiply(output).multiply(complement(squashed.multiply(squashed)));
      const ofCell = code.let(within(p.cellGradient).loadF32x4().add(ofSquashed));
      const ofInput = ofCell.multiply(candidate).multiply(input).multiply(complement(input));
      const ofForget = ofCell.multiply(before).multiply(forget).multiply(complement(forget));
      const ofCandidate = ofCell.multiply(input).multiply(complement(candidate.multiply(candidate)));
      const ofOutput = gradient.multiply(squashed).multiply(output).multiply(complement(output));
      [ofInput, ofForget, ofCandidate, ofOutput].forEach((value, index) => storeLeft(code, gates[index], value, left));
      storeLeft(code, within(p.cellGradient), ofCell.multiply(forget), left);
    });
  });
}

/** See {@linkcode Kernels.lstmCell}. */
export function lstmCell(engine: Engine, arrays: Parameters<Kernels["lstmCell"]>[0], shape: LstmStepShape): void {
  const { operands } = engine, { rows, units, carried } = shape, size = rows * units;
  engine.run("lstm_cell", { units: rows, nanoseconds: forwardNanoseconds * size }, [
    units,
    carried,
    operands.output(arrays.gates, 4 * size),
    operands.input(arrays.before, carried * units),
    ...[arrays.squashed, arrays.cells, arrays.out].map((array) => operands.output(array, size)),
  ]);
}

/** See {@linkcode Kernels.lstmCellGradient}. */
export function lstmCellGradient(
  engine: Engine,
  arrays: Parameters<Kernels["lstmCellGradient"]>[0],
  shape: LstmStepShape,
): void {
  const { operands } = engine, { rows, units, carried } = shape, size = rows * units;
  engine.run("lstm_cell_gradient", { units: rows, nanoseconds: backwardNanoseconds * size }, [
    units,
    carried,
    operands.output(arrays.gates, 4 * size),
    operands.input(arrays.before, carried * units),
    operands.input(arrays.squashed, size),
    operands.input(arrays.gradient, size),
    operands.output(arrays.cellGradient, size),
  ]);
}
