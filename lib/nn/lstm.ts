import { concatenate, empty, gatherMean, lstm, slice, type Tensor, zeros } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { hash32 } from "../projection/hash.ts";
import { glorotUniform } from "./initializers.ts";
import type { Module } from "./module.ts";
import type { Sequences } from "./sequences.ts";

/** Keeps the weights of layers and directions apart; 'lstm' in ASCII. */
const seedPurpose = 0x6c73746d;

/** Options of {@linkcode Lstm}. */
export interface LstmLayerOptions {
  /** Length of an element. */
  readonly inputs: number;
  /** Length of a state in each layer, from the first; one layer or more. */
  readonly units: readonly number[];
  /** Read each sequence in both directions; the states of the two stand side by side. */
  readonly bidirectional?: boolean;
  /** Seed of the first weights. */
  readonly seed: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A layer of an {@linkcode Lstm} in one direction; see the operation `lstm`. */
export interface LstmDirection {
  /** [inputs, 4 * units]. */
  readonly inputWeights: Tensor;
  /** [units, 4 * units]. */
  readonly recurrentWeights: Tensor;
  /** [4 * units]. */
  readonly bias: Tensor;
  /** Reads each sequence from its end. */
  readonly reverse: boolean;
}

/** LSTM layers one above the other: sequences to the states after each element. The bias of the forget gate begins at 1 (Jozefowicz et al. 2015). */
export class Lstm implements Module<Sequences, Sequences> {
  /** Length of what comes out for an element. */
  readonly width: number;
  /** The layers, each in one direction or two. */
  readonly layers: readonly (readonly LstmDirection[])[];

  /** Layers with fresh weights in the current region. */
  constructor(options: LstmLayerOptions) {
    const { inputs, units, bidirectional = false, seed, name = "lstm" } = options;
    const directions = bidirectional ? 2 : 1;
    this.width = directions * units[units.length - 1];
    this.layers = units.map((width, layer) =>
      Array.from({ length: directions }, (_, direction) =>
        createDirection({
          inputs: layer === 0 ? inputs : directions * units[layer - 1],
          units: width,
          reverse: direction === 1,
          seed: hash32(seed, seedPurpose, 2 * layer + direction),
          name: `${name}.${layer}${direction === 1 ? ".reverse" : ""}`,
        }))
    );
  }

  /** Input weights, recurrent weights and bias of each layer and direction. */
  get parameters(): readonly Tensor[] {
    return this.layers.flat().flatMap(({ inputWeights, recurrentWeights, bias }) => [
      inputWeights,
      recurrentWeights,
      bias,
    ]);
  }

  /** The states of the last layer, [elements, width]. Throws `ShapeError` when the elements have another length. */
  forward({ values, layout }: Sequences): Sequences {
    for (const directions of this.layers) {
      const { sizes } = layout, input = values;
      const states = directions.map((direction) => lstm(input, { ...direction, sizes }));
      values = states.length === 1 ? states[0] : concatenate(states, { axis: 1 });
    }
    return { values, layout };
  }

  /** Of what `forward` gave, the state of each row of the batch after its whole sequence, [rows, width]; zero for an empty sequence. */
  lastStates(states: Sequences): Tensor {
    const forward = meanOver(states, (length) => [Math.max(0, length - 1), length]);
    if (this.layers[0].length === 1) return forward;
    const half = this.width / 2;
    const reverse = meanOver(states, (length) => [0, Math.min(1, length)]);
    const halves = [slice(forward, { axis: 1, start: 0, end: half }), slice(reverse, { axis: 1, start: half })];
    return concatenate(halves, { axis: 1 });
  }

  /** Of what `forward` gave, the mean over each row of the batch, [rows, width]; zero for an empty sequence. */
  meanStates(states: Sequences): Tensor {
    return meanOver(states, (length) => [0, length]);
  }
}

function createDirection(
  { inputs, units, seed, name, reverse }: {
    inputs: number;
    units: number;
    seed: number;
    name: string;
    reverse: boolean;
  },
): LstmDirection {
  const parameter = { requiresGradient: true };
  const inputWeights = empty([inputs, 4 * units], { ...parameter, name: `${name}.inputWeights` });
  const recurrentWeights = empty([units, 4 * units], { ...parameter, name: `${name}.recurrentWeights` });
  const bias = zeros([4 * units], { ...parameter, name: `${name}.bias` });
  glorotUniform(inputWeights.data, { inputs, outputs: units, seed: hash32(seed, seedPurpose, 0) });
  glorotUniform(recurrentWeights.data, { inputs: units, outputs: units, seed: hash32(seed, seedPurpose, 1) });
  bias.data.fill(1, units, 2 * units);
  return { inputWeights, recurrentWeights, bias, reverse };
}

/** The mean of some steps of each sequence: from `start` to before `end` of what `range` gives for its length. */
function meanOver({ values, layout }: Sequences, range: (length: number) => [start: number, end: number]): Tensor {
  const { lengths, elements } = layout;
  const offsets = currentRegion().int32(lengths.length + 1), positions = currentRegion().int32(elements);
  offsets[0] = 0;
  for (let row = 0; row < lengths.length; row++) {
    const [start, end] = range(lengths[row]);
    let next = offsets[row];
    for (let step = start; step < end; step++) positions[next++] = layout.position(row, step);
    offsets[row + 1] = next;
  }
  return gatherMean(values, positions.subarray(0, offsets[lengths.length]), { offsets });
}
