/**
 * Trainer networks as ONNX files, and back: the raw sample goes in, standardisation is part of the graph, and what the graph cannot hold (the options that the
 * network was made with) stands in the metadata, so that a training can go on from the file.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import type { Dataset } from "../data/mod.ts";
import {
  BoundedRegion,
  createTrainer,
  restoreTrainer,
  type SavedTrainer,
  type Standardization,
  type TrainedParameter,
  TrainingError,
} from "../joint/mod.ts";
import type { Region } from "../kernels/mod.ts";
import type { Module } from "../nn/mod.ts";
import { decodeOnnx, float32Values, float64Values } from "./decode.ts";
import { OnnxFormatError } from "./errors.ts";
import { GraphWriter } from "./graph_writer.ts";
import { type Activation, type ParameterLayout, type ParameterStore, writeLayer } from "./layers.ts";
import { describeShape, type OnnxModel, type OnnxTensor } from "./model.ts";
import { describeSamples, type SampleShape, writeAnswers, writeInput } from "./samples.ts";
import { readTrainerMetadata, trainerMetadata } from "./trainer_metadata.ts";

/** Names of the constants by which tables are standardised column by column. */
const columnNames = { factors: "input.factors", offsets: "input.offsets" };

/**
 * Writes a trainer network as ONNX: input `input`, outputs `logits`, `probabilities` and `class`. Images are bytes [batch, height, width, channels], tables
 * floats [batch, features], as they are in the data; the batch may have any length.
 *
 * @param saved what `train` gives as `trainer`, with its description
 * @returns the file
 * @throws {OnnxModelError} for a layer that has no ONNX form
 */
export async function exportTrainer(saved: SavedTrainer): Promise<Uint8Array<ArrayBuffer>> {
  using region = new BoundedRegion(saved.state.reduce((sum, { data }) => sum + data.length, 0));
  const network = await restoreTrainer(saved, { region });
  const graph = new GraphWriter();
  const stored = new Set<Tensor>();
  const { shape, options } = saved;
  const x = writeStandardization(graph, saved);
  const { name, shape: [classes] } = writeLayer(network, x, { graph, store: storeInGraph(graph, stored) });
  writeAnswers(graph, name, classes);
  const kept = [...network.parameters, ...network.state ?? []].filter((tensor) => !stored.has(tensor));
  return graph.finish({
    name: "trainer",
    documentation: `Trainer network (${options.kind ?? "mlp"}) of ${shape.name}, written by ProjectionNet.`,
    metadata: {
      ...describeSamples(sampleOf(shape), {
        labels: shape.labelNames,
        preprocessing: "none: raw samples go in, standardisation is part of the graph",
      }),
      ...trainerMetadata(saved, Object.fromEntries(kept.map(({ name, data }) => [name, Array.from(data)]))),
    },
  });
}

function sampleOf({ input, featureLength }: Pick<Dataset, "input" | "featureLength">): SampleShape {
  return input.kind === "image" ? input : { kind: "table", features: featureLength };
}

function writeStandardization(graph: GraphWriter, { shape, standardization }: SavedTrainer): Activation {
  const { factors, offsets } = standardization;
  const isBytes = shape.bytes && shape.input.kind === "image";
  const input = writeInput(graph, sampleOf(shape), isBytes ? "uint8" : "float32");
  if (factors.length === 1) {
    const numbers = isBytes ? graph.cast(input.name, "float32", "numbers") : input.name;
    const factor = graph.constant("input.factor", Float32Array.of(factors[0]), []);
    const offset = graph.constant("input.offset", Float32Array.of(offsets[0]), []);
    const scaled = graph.node("Mul", [numbers, factor], { output: "scaled" });
    return { ...input, name: graph.node("Add", [scaled, offset], { output: "standardized" }) };
  }
  // In float64, as in training: a column far from zero has lost its digits in float32 before they are compared.
  const rows = input.shape.length === 1 ? input.name : graph.reshape(input.name, [0, factors.length], "rows");
  const wide = graph.cast(rows, "float64", "numbers");
  const scaled = graph.node("Mul", [wide, graph.constant(columnNames.factors, factors)], { output: "scaled" });
  const moved = graph.node("Add", [scaled, graph.constant(columnNames.offsets, offsets)], { output: "moved" });
  return { name: graph.cast(moved, "float32", "standardized"), shape: [factors.length] };
}

function storeInGraph(graph: GraphWriter, stored: Set<Tensor>): ParameterStore {
  return {
    parameter(name, tensors, layout): string {
      for (const tensor of tensors) stored.add(tensor);
      const values = new Float32Array(layout.shape.reduce((product, length) => product * length, 1));
      forEachValue(tensors, layout, values.length, (index, data, at) => values[index] = data[at]);
      return graph.parameter(name, values, layout.shape);
    },
  };
}

/** Takes the values of parameters from a file. */
function storeFromFile(initializers: readonly OnnxTensor[]): ParameterStore {
  const byName = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  return {
    parameter(name, tensors, layout): string {
      const found = byName.get(name);
      if (found?.shape.join() !== layout.shape.join()) {
        const what = found === undefined ? "nothing" : describeShape(found.shape);
        throw new OnnxFormatError(
          `tensor ${JSON.stringify(name)} ${describeShape(layout.shape)} was wanted, ${what} found`,
        );
      }
      const values = float32Values(found);
      forEachValue(tensors, layout, values.length, (index, data, at) => data[at] = values[index]);
      return name;
    },
  };
}

/** Visits each value of a parameter in the file with the place that it has in the network. */
function forEachValue(
  tensors: readonly Tensor[],
  { source = (index) => index }: ParameterLayout,
  count: number,
  visit: (index: number, data: Float32Array, at: number) => void,
): void {
  const size = tensors[0].size;
  for (let index = 0; index < count; index++) {
    const place = source(index);
    if (place >= 0) visit(index, tensors[Math.floor(place / size)].data, place % size);
  }
}

/**
 * Reads a trainer network that {@linkcode exportTrainer} wrote, to run it or to train it further (`continueFrom` of `train`).
 *
 * @param bytes an ONNX file
 * @returns the network and what it reads
 * @throws {OnnxFormatError} when the bytes are no ONNX model or a damaged one
 * @throws {OnnxModelError} when it is a sound model, but no trainer network of this library
 */
export async function importTrainer(bytes: Uint8Array): Promise<SavedTrainer> {
  const model = decodeOnnx(bytes);
  const { description, kept } = readTrainerMetadata(model.metadata);
  const standardization = description.standardization ?? readColumns(model, description.shape.featureLength);
  const saved = { options: description.options, shape: description.shape, standardization };
  const numbers = model.initializers.reduce((sum, { bytes }) => sum + bytes.length / 4, 0);
  using region = new BoundedRegion(numbers + Object.values(kept).flat().length);
  const network = await createAsDescribed(saved, region);
  readParameters(network, saved, model);
  const tensors = [...network.parameters, ...network.state ?? []];
  for (const [name, values] of Object.entries(kept)) {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor?.size !== values.length) throw new OnnxFormatError(`metadata: ${name} is no part of the network`);
    tensor.data.set(values);
  }
  const state = tensors.map(({ name, shape, data }): TrainedParameter => ({
    name,
    shape: [...shape],
    data: data.slice(),
  }));
  return { ...saved, state };
}

function readColumns({ initializers }: OnnxModel, featureLength: number): Standardization {
  const read = (name: string): Float64Array => {
    const tensor = initializers.find((candidate) => candidate.name === name);
    if (tensor?.shape.join() !== `${featureLength}`) {
      throw new OnnxFormatError(
        `tensor "${name}" [${featureLength}] was wanted, ${tensor ? describeShape(tensor.shape) : "nothing"} found`,
      );
    }
    return float64Values(tensor);
  };
  return { factors: read(columnNames.factors), offsets: read(columnNames.offsets) };
}

async function createAsDescribed(saved: Omit<SavedTrainer, "state">, region: Region): Promise<Module> {
  try {
    const { options, shape } = saved;
    return await createTrainer(options, { data: shape, seed: 1, region });
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    throw new OnnxFormatError(`metadata: ${error.message}`);
  }
}

/** Goes through the layers once more, this time from the file to the network. */
function readParameters(
  network: Module,
  { shape, standardization }: Omit<SavedTrainer, "state">,
  model: OnnxModel,
): void {
  const graph = new GraphWriter();
  const x = writeStandardization(graph, { shape, standardization, options: {}, state: [] });
  writeLayer(network, x, { graph, store: storeFromFile(model.initializers) });
}
