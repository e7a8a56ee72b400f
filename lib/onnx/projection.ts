/**
 * Projection networks as ONNX files: from the raw sample to the code in integers, so that every engine gives the bits of the `.pnet` runtime, and from the code
 * to the answers in the order of rounding that lib/packed/FORMAT.md prescribes, but for the sums of float weights.
 *
 * @module
 */
import { type AnyModel, isTextModel, type NumericInput, type PnetModel } from "../packed/mod.ts";
import { bitsOf } from "../projection/mod.ts";
import { OnnxModelError } from "./errors.ts";
import { batchAxis, GraphWriter } from "./graph_writer.ts";
import { writeHead } from "./head.ts";
import type { Activation } from "./layers.ts";
import { writeProjection } from "./projection_families.ts";
import { describeSamples, writeAnswers, writeInput } from "./samples.ts";
import { writeRounding, writeTrunk } from "./trunk.ts";

/**
 * Writes a packed model as ONNX: input `input`, outputs `logits`, `probabilities`, `class`, and `code` [batch, bits], the bits (or counts) as bytes. Images are
 * bytes [batch, height, width, channels], tables floats [batch, features]; the batch may have any length. The random matrix, which a `.pnet` file does not
 * hold, is written out, so that the file is larger by a byte for each of its entries.
 *
 * What a graph cannot do is refuse a sample: NaN and infinite features, which the runtime refuses, give an answer of no meaning.
 *
 * @param model what `decodePnet` gives
 * @returns the file
 * @throws {OnnxModelError} for a model of texts, which ONNX cannot hash, and a matrix that is too large to be written out
 */
export function exportProjection(model: AnyModel): Uint8Array<ArrayBuffer> {
  if (isTextModel(model)) {
    throw new OnnxModelError(
      "ONNX export: a model of texts hashes words, and ONNX has no operator for that; the runtime for texts runs in every JavaScript engine",
    );
  }
  const { input, trunk, projection, labels, head, reads = "bits" } = model;
  const graph = new GraphWriter();
  const bytes = writeBytes(graph, input);
  const values = writeProjection(graph, trunk === undefined ? bytes : writeTrunk(graph, bytes, trunk), projection);
  const code = writeCode(graph, values, model);
  graph.output(code, { type: "uint8", shape: [batchAxis, bitsOf(projection)] });
  writeAnswers(graph, writeHead(graph, code, model), labels.length);
  const { family, seed, functions, bitsPerFunction } = projection;
  const layers = head.map(({ precision, tableBits }) => tableBits === undefined ? precision : `${precision} tables`);
  return graph.finish({
    name: "projection",
    documentation: `Projection network of ${bitsOf(projection)} ${reads} (${family}), written by ProjectionNet.`,
    metadata: {
      ...describeSamples(input, {
        labels,
        preprocessing: "none: raw samples go in, quantisation is part of the graph",
      }),
      "projectionnet.projection": JSON.stringify({ family, seed, functions, bitsPerFunction, reads, head: layers }),
    },
  });
}

/** The integers 0...255 that the trunk or the projection reads. */
function writeBytes(graph: GraphWriter, input: NumericInput): Activation {
  if (input.kind === "image") return writeInput(graph, input, "uint8");
  const { name, shape } = writeInput(graph, input, "float32");
  const numbers = graph.cast(name, "float64", "numbers");
  const constant = (name: string, values: ArrayLike<number>): string =>
    graph.constant(name, Float64Array.from(values), values.length === 1 ? [] : [values.length]);
  const { quantization } = input;
  let scaled = numbers;
  if (quantization.rule !== "none") {
    const [offsets, scales] = quantization.rule === "shared"
      ? [[quantization.offset], [quantization.scale]]
      : [quantization.offsets, quantization.scales];
    const moved = graph.node("Sub", [numbers, constant("input.offsets", offsets)], { output: "moved" });
    scaled = graph.node("Mul", [moved, constant("input.scales", scales)], { output: "scaled" });
  }
  return { name: writeRounding(graph, scaled, "bytes"), shape };
}

/** Bits, 1 where the value is strictly greater than the threshold, or counts as they are. */
function writeCode(graph: GraphWriter, values: string, { thresholds, reads }: PnetModel): string {
  if (reads === "counts") return graph.cast(values, "uint8", "code");
  const greater = graph.node("Greater", [values, graph.constant("thresholds", thresholds)], { output: "above" });
  return graph.cast(greater, "uint8", "code");
}
