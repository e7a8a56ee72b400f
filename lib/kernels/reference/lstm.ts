/**
 * A step of an LSTM in plain TypeScript (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000).
 *
 * @module
 */
import type { Kernels, LstmStepShape } from "../interface.ts";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** See {@linkcode Kernels.lstmCell}. */
export function lstmCell(arrays: Parameters<Kernels["lstmCell"]>[0], { rows, units, carried }: LstmStepShape): void {
  const { gates, before, cells, squashed, out } = arrays;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let unit = 0, gate = 4 * row * units; unit < units; unit++, gate++, at++) {
      const input = gates[gate] = logistic(gates[gate]);
      const forget = gates[gate + units] = logistic(gates[gate + units]);
      const candidate = gates[gate + 2 * units] = Math.tanh(gates[gate + 2 * units]);
      const output = gates[gate + 3 * units] = logistic(gates[gate + 3 * units]);
      cells[at] = forget * (row < carried ? before[at] : 0) + input * candidate;
      squashed[at] = Math.tanh(cells[at]);
      out[at] = output * squashed[at];
    }
  }
}

/** See {@linkcode Kernels.lstmCellGradient}. */
export function lstmCellGradient(
  arrays: Parameters<Kernels["lstmCellGradient"]>[0],
  { rows, units, carried }: LstmStepShape,
): void {
  const { gates, before, squashed, gradient, cellGradient } = arrays;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let unit = 0, gate = 4 * row * units; unit < units; unit++, gate++, at++) {
      const input = gates[gate], forget = gates[gate + units];
      const candidate = gates[gate + 2 * units], output = gates[gate + 3 * units];
      const ofCell = cellGradient[at] + gradient[at] * output * (1 - squashed[at] * squashed[at]);
      gates[gate] = ofCell * candidate * input * (1 - input);
      gates[gate + units] = ofCell * (row < carried ? before[at] : 0) * forget * (1 - forget);
      gates[gate + 2 * units] = ofCell * input * (1 - candidate * candidate);
      gates[gate + 3 * units] = gradient[at] * squashed[at] * output * (1 - output);
      cellGradient[at] = ofCell * forget;
    }
  }
}
