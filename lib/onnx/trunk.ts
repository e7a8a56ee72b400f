/**
 * The layers between a sample's bytes and the projection (lib/packed/FORMAT.md, section 8) in ONNX's operators. Sums are exact 32-bit integers, and bytes are
 * made of them in float64, operation by operation as the format prescribes, so that every engine gives the bytes of the `.pnet` runtime.
 *
 * @module
 */
import type { ImageShape } from "../projection/mod.ts";
import { type Trunk, type TrunkConvolution, trunkOutput, type TrunkPool, trunkWindows } from "../packed/mod.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { channelsFirstKernels, writeIntegerProduct } from "./integer_matrix.ts";
import { type Activation, asChannelsFirst, asRows } from "./layers.ts";

/** Adds a checked trunk that reads bytes, and gives the bytes of its last layer. A row is an image of one pixel. */
export function writeTrunk(graph: GraphWriter, bytes: Activation, { layers, zeroPoint }: Trunk): Activation {
  const outputs: string[] = [];
  let x = asImages(graph, bytes), inputZero = zeroPoint;
  layers.forEach((layer, i) => {
    const image = imageOf(x), { height, width, channels } = trunkOutput(layer, image);
    if (layer.kind === "flatten") x = asImages(graph, asRows(x, graph));
    else {
      const at = { graph, image, name: `trunk.${i}` };
      let name: string;
      if (layer.kind === "convolution") {
        name = writeConvolution(layer, x.name, {
          ...at,
          inputZero,
          added: layer.addend && outputs[layer.addend.layer],
        });
        inputZero = 0;
      } else name = layer.kind === "mean" ? writeMean(layer, x.name, at) : writeLargest(layer, x.name, at);
      x = { name, shape: [height, width, channels], channelsFirst: true };
    }
    outputs.push(x.name);
  });
  return x;
}

/** Adds floor(t + 1/2), limited to 0...255, as a byte for each float64. */
export function writeRounding(graph: GraphWriter, t: string, output: string): string {
  const raised = graph.node("Add", [t, scalar(graph, "half", 0.5)]);
  const floor = graph.node("Floor", [raised], { output: "rounded" });
  const limits = [scalar(graph, "least", 0), scalar(graph, "most", 255)];
  return graph.cast(graph.node("Clip", [floor, ...limits], { output: "limited" }), "uint8", output);
}

/** Where a layer stands. */
interface Place {
  readonly graph: GraphWriter;
  /** What it reads. */
  readonly image: ImageShape;
  /** What its tensors' names begin with. */
  readonly name: string;
}

function writeConvolution(
  layer: TrunkConvolution,
  x: string,
  { graph, image, name, inputZero, added }: Place & { inputZero: number; added?: string },
): string {
  const { kernel, weights: { outputs, weights, scales, bias }, addend } = layer, { channels } = image;
  const sums = writeIntegerProduct(graph, "ConvInteger", x, {
    name: `${name}.weights`,
    values: channelsFirstKernels(weights as Int8Array, { outputs, channels }),
    shape: [outputs, channels, kernel, kernel],
    largestInput: 255,
    inputZero,
    attributes: windowAttributes(layer, image),
    output: `${name}.sums`,
  });
  const ofOutputs = (what: string, values: ArrayLike<number>): string =>
    graph.constant(`${name}.${what}`, Float64Array.from(values), [outputs, 1, 1]);
  const scaled = graph.node("Mul", [graph.cast(sums, "float64"), ofOutputs("scales", scales)]);
  let t = graph.node("Add", [scaled, ofOutputs("bias", bias)]);
  if (addend !== undefined) {
    if (addend.afterRelu) t = graph.node("Clip", [t, scalar(graph, "least", 0)]);
    const factor = scalar(graph, `${name}.addend.scale`, addend.scale);
    t = graph.node("Add", [t, graph.node("Mul", [graph.cast(added!, "float64"), factor])]);
  }
  return writeRounding(graph, t, `${name}.bytes`);
}

function writeLargest(layer: TrunkPool, x: string, { graph, image, name }: Place): string {
  return graph.node("MaxPool", [x], { attributes: windowAttributes(layer, image), output: `${name}.bytes` });
}

/** Each channel is an image of its own to a convolution whose weights are ones. */
function writeMean(layer: TrunkPool, x: string, { graph, image, name }: Place): string {
  const { rows, columns, scale } = layer, { width, height, channels } = image;
  const { down, across } = trunkWindows(layer, image);
  const sums = writeIntegerProduct(graph, "ConvInteger", graph.reshape(x, [-1, 1, height, width]), {
    name: `${name}.window`,
    values: new Int8Array(rows * columns).fill(1),
    shape: [1, 1, rows, columns],
    largestInput: 255,
    attributes: windowAttributes(layer, image),
    output: `${name}.sums`,
  });
  const numbers = graph.cast(graph.reshape(sums, [-1, channels, down, across]), "float64");
  return writeRounding(
    graph,
    graph.node("Mul", [numbers, scalar(graph, `${name}.scale`, scale!)]),
    `${name}.bytes`,
  );
}

function windowAttributes(layer: TrunkConvolution | TrunkPool, image: ImageShape): Record<string, readonly number[]> {
  const { stride } = layer, { down, across, above, left } = trunkWindows(layer, image);
  const sides = layer.kind === "convolution" ? [layer.kernel, layer.kernel] : [layer.rows, layer.columns];
  const beyond = (places: number, side: number, size: number): number =>
    Math.max(0, (places - 1) * stride + side - size);
  return {
    kernel_shape: sides,
    strides: [stride, stride],
    pads: [
      above,
      left,
      beyond(down, sides[0], image.height + above),
      beyond(across, sides[1], image.width + left),
    ],
  };
}

function asImages(graph: GraphWriter, x: Activation): Activation {
  if (x.shape.length === 3) return asChannelsFirst(x, graph);
  const [channels] = x.shape;
  return { name: graph.reshape(x.name, [0, channels, 1, 1], "pixels"), shape: [1, 1, channels], channelsFirst: true };
}

const imageOf = ({ shape: [height, width, channels] }: Activation): ImageShape => ({ height, width, channels });

const scalar = (graph: GraphWriter, name: string, value: number): string =>
  graph.constant(name, Float64Array.of(value), []);
