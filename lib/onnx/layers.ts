/**
 * How each layer of a network is said in ONNX: one rule a layer.
 *
 * A rule adds the layer's operations to the graph and tells of each parameter in which order its values are stored there. It serves both ways: when a network
 * is written the values go from the layer to the file, and when one is read back the same rule takes them from the file to the layer.
 *
 * @module
 */
import { type Tensor, type WindowOptions, windowsOf } from "../autodiff/mod.ts";
import type { RecurrentTrainer } from "../joint/mod.ts";
import {
  AveragePool,
  BatchNorm,
  Conv2d,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePool,
  type Lstm,
  type LstmDirection,
  MaxPool,
  type Module,
  Sequential,
  StagedNetwork,
  ToImages,
} from "../nn/mod.ts";
import { OnnxModelError } from "./errors.ts";
import type { GraphWriter } from "./graph_writer.ts";

/** What flows between layers: rows [batch, ...shape], images as [height, width, channels]. */
export interface Activation {
  /** The tensor's name in the graph. */
  readonly name: string;
  /** Its axes behind that of the batch, images always with the channels last. */
  readonly shape: readonly number[];
  /** The tensor has the channels of images as its second axis, as ONNX's operators want. */
  readonly channelsFirst?: boolean;
}

/** In which order the values of a layer stand in the file. */
export interface ParameterLayout {
  /** The shape in the file. */
  readonly shape: readonly number[];
  /** For each value in the file its place in the layer's tensors, one after the other; -1 for a constant zero; the same place when left out. */
  readonly source?: (index: number) => number;
}

/** Where a rule puts parameters: into a file, or from a file into the layer. */
export interface ParameterStore {
  /** Stores one tensor, or several that are one in the file, and gives its name in the graph. */
  parameter(name: string, tensors: readonly Tensor[], layout: ParameterLayout): string;
}

/** What a rule works with. */
export interface LayerContext {
  /** The graph. */
  readonly graph: GraphWriter;
  /** The parameters. */
  readonly store: ParameterStore;
}

interface LayerRule {
  matches(layer: Module): boolean;
  write(layer: Module, x: Activation, context: LayerContext): Activation;
}

/** The rule of a class of layers. */
function rule<Layer extends Module>(
  layer: abstract new (...args: never[]) => Layer,
  write: (layer: Layer, x: Activation, context: LayerContext) => Activation,
): LayerRule {
  return {
    matches: (found) => found instanceof layer,
    write: (found, x, context) => write(found as Layer, x, context),
  };
}

const rules: readonly LayerRule[] = [
  rule(
    StagedNetwork,
    ({ stages }, x, context) => stages.reduce((value, { module }) => writeLayer(module, value, context), x),
  ),
  rule(Sequential, ({ layers }, x, context) => layers.reduce((value, layer) => writeLayer(layer, value, context), x)),
  rule(Dropout, (_, x) => x),
  rule(Flatten, (_, x, { graph }) => asRows(x, graph)),
  rule(Dense, (layer, x, context) => writeDense(layer, x, context)),
  rule(ToImages, ({ size: { height, width, channels } }, x, { graph }) => {
    const shape = [height, width, channels];
    const isImage = x.shape.join() === shape.join();
    return isImage ? x : { name: graph.reshape(asRows(x, graph).name, [0, ...shape], "images"), shape };
  }),
  rule(Conv2d, (layer, x, { graph, store }) => {
    const { weights, bias, options } = layer;
    checkFloat(weights, layer.precision);
    const [height, width, inputs, outputs] = weights.shape;
    const name = weights.name.replace(/\.weights$/, "");
    const images = asChannelsFirst(x, graph);
    const { attributes, rows, columns } = windowAttributes("Conv", x, [height, width], options);
    // [outputs, inputs, height, width] in the file.
    const area = height * width;
    const kernel = store.parameter(weights.name, [weights], {
      shape: [outputs, inputs, height, width],
      source: (index) =>
        (index % area * inputs + Math.floor(index / area) % inputs) * outputs + Math.floor(index / area / inputs),
    });
    const offsets = store.parameter(bias.name, [bias], { shape: [outputs] });
    const sums = graph.node("Conv", [images.name, kernel, offsets], { attributes, output: `${name}.output` });
    return { name: activate(sums, options.relu, graph), shape: [rows, columns, outputs], channelsFirst: true };
  }),
  rule(BatchNorm, ({ gain, bias, mean, variance, epsilon, relu }, x, { graph, store }) => {
    const input = x.shape.length === 3 ? asChannelsFirst(x, graph) : x;
    const values = [gain, bias, mean, variance].map((tensor) =>
      store.parameter(tensor.name, [tensor], { shape: tensor.shape })
    );
    const normalized = graph.node("BatchNormalization", [input.name, ...values], {
      attributes: { epsilon: { float: epsilon } },
      output: `${gain.name.replace(/\.gain$/, "")}.output`,
    });
    return { ...input, name: activate(normalized, relu, graph) };
  }),
  rule(MaxPool, ({ options }, x, { graph }) => writePool("MaxPool", x, { options, graph })),
  rule(AveragePool, ({ options }, x, { graph }) => writePool("AveragePool", x, { options, graph })),
  rule(GlobalAveragePool, (_, x, { graph }) => {
    const channels = x.shape[2];
    const means = graph.node("GlobalAveragePool", [asChannelsFirst(x, graph).name]);
    return { name: graph.reshape(means, [0, channels]), shape: [channels] };
  }),
  {
    matches: isRecurrent,
    write(layer, x, context): Activation {
      const { recurrent, reads, head, elementLength } = layer as SequenceTrainer;
      return writeDense(head, writeLstm(recurrent, x, { ...context, reads, elementLength }), context);
    },
  },
];

/** Adds a layer's operations and gives what comes out. Throws {@linkcode OnnxModelError} for a layer without a rule. */
export function writeLayer(layer: Module, x: Activation, context: LayerContext): Activation {
  const found = rules.find(({ matches }) => matches(layer));
  if (found === undefined) {
    throw new OnnxModelError(`ONNX export: there is no rule for the layer ${layer.constructor.name}`);
  }
  return found.write(layer, x, context);
}

type SequenceTrainer = RecurrentTrainer & { readonly elementLength: number };

/** Recurrent trainers over rows of numbers; those over tokens have no element of a fixed length. */
function isRecurrent(layer: Module): layer is SequenceTrainer {
  return "recurrent" in layer && "elementLength" in layer;
}

/** Everything behind the axis of the batch as one, the channels of a pixel together. */
export function asRows(x: Activation, graph: GraphWriter): Activation {
  if (x.shape.length === 1) return x;
  const [height, width, channels] = x.shape, size = x.shape.reduce((product, length) => product * length, 1);
  const isInOrder = !x.channelsFirst || channels === 1 || height * width === 1;
  const name = isInOrder ? x.name : graph.node("Transpose", [x.name], { attributes: { perm: [0, 2, 3, 1] } });
  return { name: graph.reshape(name, [0, size], "rows"), shape: [size] };
}

/** Images with the channels as second axis. */
export function asChannelsFirst(x: Activation, graph: GraphWriter): Activation {
  if (x.shape.length !== 3) throw new OnnxModelError(`ONNX export: images were wanted, rows of ${x.shape} found`);
  if (x.channelsFirst) return x;
  const [height, width, channels] = x.shape;
  const name = channels === 1
    ? graph.reshape(x.name, [0, 1, height, width], "channels_first")
    : graph.node("Transpose", [x.name], { attributes: { perm: [0, 3, 1, 2] }, output: "channels_first" });
  return { ...x, name, channelsFirst: true };
}

/** Refuses weights that are rounded in the forward pass. */
function checkFloat({ name }: Tensor, precision: Dense["precision"]): void {
  if (precision === "float") return;
  throw new OnnxModelError(`ONNX export: ${name} is trained as ${precision}; networks of float weights are exported`);
}

function activate(name: string, relu: boolean, graph: GraphWriter): string {
  return relu ? graph.node("Relu", [name], { output: name.replace(/output$/, "relu") }) : name;
}

function writeDense(
  { weights, bias, relu, precision }: Dense,
  x: Activation,
  { graph, store }: LayerContext,
): Activation {
  const [inputs, outputs] = weights.shape;
  checkFloat(weights, precision);
  const rows = asRows(x, graph);
  if (rows.shape[0] !== inputs) {
    throw new OnnxModelError(`ONNX export: ${weights.name} has ${inputs} inputs, and ${rows.shape[0]} come in`);
  }
  const name = weights.name.replace(/\.weights$/, "");
  // [outputs, inputs] in the file, the one form of Gemm that every engine reads.
  const matrix = store.parameter(weights.name, [weights], {
    shape: [outputs, inputs],
    source: (index) => index % inputs * outputs + Math.floor(index / inputs),
  });
  const offsets = store.parameter(bias.name, [bias], { shape: bias.shape });
  const sums = graph.node("Gemm", [rows.name, matrix, offsets], {
    attributes: { transB: 1 },
    output: `${name}.output`,
  });
  return { name: activate(sums, relu, graph), shape: [outputs] };
}

/** Attributes of windows over images, and the grid that they give. */
function windowAttributes(
  operator: string,
  { shape }: Activation,
  kernel: readonly [number, number],
  options: WindowOptions,
): { attributes: Record<string, readonly number[]>; rows: number; columns: number } {
  const { windows: { stride, padding }, grid } = windowsOf(
    operator,
    { shape: [1, ...shape], rank: shape.length + 1 },
    kernel,
    options,
  );
  return { attributes: { kernel_shape: kernel, strides: stride, pads: padding }, ...grid };
}

function writePool(
  operator: "MaxPool" | "AveragePool",
  x: Activation,
  { options, graph }: { options: MaxPool["options"]; graph: GraphWriter },
): Activation {
  const { size, stride = size, padding } = options;
  const images = asChannelsFirst(x, graph);
  const { attributes, rows, columns } = windowAttributes(operator, x, [size, size], { stride, padding });
  const name = graph.node(operator, [images.name], { attributes });
  return { name, shape: [rows, columns, x.shape[2]], channelsFirst: true };
}

/** ONNX's gates i, o, f, c among those of this library: i, f, c, o. */
const gateOrder = [0, 3, 1, 2];

/** The layers over sequences, and what is read of them, [batch, width]. */
function writeLstm(
  lstm: Lstm,
  x: Activation,
  { graph, store, reads, elementLength }: LayerContext & Pick<SequenceTrainer, "reads" | "elementLength">,
): Activation {
  const rows = asRows(x, graph);
  const cut = graph.reshape(rows.name, [0, rows.shape[0] / elementLength, elementLength], "elements");
  let sequence = graph.node("Transpose", [cut], { attributes: { perm: [1, 0, 2] }, output: "steps" });
  let inputs = elementLength, last = "";
  lstm.layers.forEach((directions, layer) => {
    const units = directions[0].recurrentWeights.shape[0];
    const weights = writeDirections(directions, { store, name: `trainer.lstm.${layer}`, inputs, units });
    const [states, final] = graph.nodes("LSTM", [sequence, ...weights], {
      attributes: { hidden_size: units, direction: directions.length === 2 ? "bidirectional" : "forward" },
      outputs: [`lstm.${layer}.states`, `lstm.${layer}.last`],
    });
    inputs = directions.length * units;
    last = final;
    const byStep = graph.node("Transpose", [states], { attributes: { perm: [0, 2, 1, 3] } });
    sequence = graph.reshape(byStep, [0, 0, inputs], `lstm.${layer}.sequence`);
  });
  if (reads === "mean") {
    const mean = graph.node("ReduceMean", [sequence], { attributes: { axes: [0], keepdims: 0 }, output: "lstm.mean" });
    return { name: mean, shape: [inputs] };
  }
  const byRow = graph.node("Transpose", [last], { attributes: { perm: [1, 0, 2] } });
  return { name: graph.reshape(byRow, [0, inputs], "lstm.read"), shape: [inputs] };
}

/** W [directions, 4 * units, inputs], R [directions, 4 * units, units] and B [directions, 8 * units], whose second half is zero. */
function writeDirections(
  directions: readonly LstmDirection[],
  { store, name, inputs, units }: { store: ParameterStore; name: string; inputs: number; units: number },
): string[] {
  const width = 4 * units;
  /** The column of this library's gates for a row of ONNX's. */
  const column = (row: number): number => gateOrder[Math.floor(row / units)] * units + row % units;
  const matrix = (columns: number) => (index: number): number => {
    const direction = Math.floor(index / (width * columns)), row = Math.floor(index / columns) % width;
    return direction * width * columns + index % columns * width + column(row);
  };
  const part = (suffix: string, tensor: (direction: LstmDirection) => Tensor, layout: ParameterLayout): string =>
    store.parameter(`${name}.${suffix}`, directions.map(tensor), layout);
  const count = directions.length;
  return [
    part("W", ({ inputWeights }) => inputWeights, { shape: [count, width, inputs], source: matrix(inputs) }),
    part("R", ({ recurrentWeights }) => recurrentWeights, { shape: [count, width, units], source: matrix(units) }),
    part("B", ({ bias }) => bias, {
      shape: [count, 2 * width],
      source: (index) =>
        index % (2 * width) < width ? Math.floor(index / (2 * width)) * width + column(index % width) : -1,
    }),
  ];
}
