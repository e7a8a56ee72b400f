import type { Kernels } from "../../../lib/kernels/mod.ts";
import { type KernelCase, numbers, type Place } from "./case.ts";

/** rows, units, rows that go on from a state */
const shapes: readonly [number, number, number][] = [
  [1, 1, 0],
  [1, 1, 1],
  [3, 4, 2],
  [2, 7, 2],
  [5, 33, 0],
  [9, 18, 5],
  [0, 5, 0],
  [3, 0, 3],
];

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** What a test knows of one unit: its sums, its cell before and the gradients that reach it, and what must come out. */
interface Unit {
  sums: number[];
  before: number;
  gradient: number;
  cellGradient: number;
}

function forward({ sums: [input, forget, candidate, output], before }: Unit) {
  const gates = [logistic(input), logistic(forget), Math.tanh(candidate), logistic(output)];
  const cell = gates[1] * before + gates[0] * gates[2];
  return { gates, cell, squashed: Math.tanh(cell), out: gates[3] * Math.tanh(cell) };
}

/** The derivatives of the sums and of the cell before, from those of the logistic function and tanh. */
function backward(unit: Unit) {
  const { gates: [i, f, g, o], squashed } = forward(unit);
  const cell = unit.cellGradient + unit.gradient * o * (1 - squashed ** 2);
  return {
    sums: [
      cell * g * i * (1 - i),
      cell * unit.before * f * (1 - f),
      cell * i * (1 - g ** 2),
      unit.gradient * squashed * o * (1 - o),
    ],
    before: cell * f,
  };
}

/** Values of units [rows × units] with four a unit, as a matrix of gates: [rows × 4·units]. */
function asGates(values: number[][], { rows, units }: { rows: number; units: number }): number[] {
  return Array.from({ length: 4 * rows * units }, (_, at) => {
    const row = Math.floor(at / (4 * units)), gate = Math.floor(at / units) % 4;
    return values[row * units + at % units][gate];
  });
}

function casesOf(name: string, units: Unit[], shape: { rows: number; units: number; carried: number }): KernelCase[] {
  const carriedUnits = shape.carried * shape.units;
  const states = units.map((unit, at) => ({ ...unit, before: at < carriedUnits ? unit.before : 0 }));
  const results = states.map(forward), gradients = states.map(backward);
  const before = units.map((unit) => unit.before).slice(0, carriedUnits);
  const blank = (place: Place) => place(new Float32Array(units.length).fill(NaN));
  const tolerance = { relative: 2e-6, absolute: 1e-6 };
  return [{
    name: `lstmCell ${name}`,
    tolerance,
    expected: [
      asGates(results.map(({ gates }) => gates), shape),
      results.map(({ cell }) => cell),
      results.map(({ squashed }) => squashed),
      results.map(({ out }) => out),
    ],
    run(kernels: Kernels, place: Place): ArrayLike<number>[] {
      const gates = place(asGates(units.map(({ sums }) => sums), shape));
      const cells = blank(place), squashed = blank(place), out = blank(place);
      kernels.lstmCell({ gates, before: place(before), cells, squashed, out }, shape);
      return [gates, cells, squashed, out];
    },
  }, {
    name: `lstmCellGradient ${name}`,
    tolerance,
    expected: [asGates(gradients.map(({ sums }) => sums), shape), gradients.map((gradient) => gradient.before)],
    run(kernels: Kernels, place: Place): ArrayLike<number>[] {
      const gates = place(asGates(results.map((result) => result.gates), shape));
      const cellGradient = place(units.map((unit) => unit.cellGradient));
      const squashed = place(results.map((result) => result.squashed));
      const gradient = place(units.map((unit) => unit.gradient));
      kernels.lstmCellGradient({ gates, before: place(before), squashed, gradient, cellGradient }, shape);
      return [gates, cellGradient];
    },
  }];
}

/** A step of an LSTM and its gradient. */
export function lstmCases(): KernelCase[] {
  const ordinary = shapes.flatMap(([rows, units, carried]) => {
    const values = numbers(7 * rows * units, 61);
    const states = Array.from({ length: rows * units }, (_, at): Unit => {
      const [before, gradient, cellGradient, ...sums] = values.subarray(7 * at, 7 * at + 7);
      return { sums: sums.map((sum) => 4 * sum), before, gradient, cellGradient };
    });
    return casesOf(`${rows}×${units}, ${carried} carried`, states, { rows, units, carried });
  });
  const unit = (sums: number[], before = 0.5): Unit => ({ sums, before, gradient: -1, cellGradient: 0.25 });
  const special = [
    unit([NaN, 0, 0, 0]),
    unit([0, NaN, 0, 0]),
    unit([0, 0, NaN, 0]),
    unit([0, 0, 0, NaN]),
    unit([0, 0, 0, 0], NaN),
    unit([200, -200, 200, -200]),
    unit([-Infinity, Infinity, -Infinity, Infinity], 100),
    unit([1e30, -1e30, 1e-30, 0], -1e-30),
  ];
  return [
    ...ordinary,
    ...casesOf("of special values", special, { rows: 2, units: 4, carried: 2 }),
    ...casesOf("of special values that begin", special, { rows: 2, units: 4, carried: 0 }),
  ];
}
