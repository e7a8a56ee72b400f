/**
 * The head of a projection network in ONNX's operators.
 *
 * @module
 */
import type { HeadLayer, PnetModel } from "../packed/mod.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { writeIntegerProduct } from "./integer_matrix.ts";

/** Adds the head and gives the logits [batch, labels]. `code` are bytes [batch, bits]. */
export function writeHead(graph: GraphWriter, code: string, { head, projection, reads }: PnetModel): string {
  const [first, second] = head;
  const sums = writeFirstLayer(graph, code, {
    layer: first,
    functions: projection.functions,
    largestInput: reads === "counts" ? 255 : 1,
  });
  if (second === undefined) return sums;
  const hidden = graph.node("Relu", [sums], { output: "hidden.relu" });
  return writeSecondLayer(graph, hidden, second);
}

interface FirstLayer {
  readonly layer: HeadLayer;
  readonly functions: number;
  readonly largestInput: number;
}

function writeFirstLayer(graph: GraphWriter, code: string, { layer, functions, largestInput }: FirstLayer): string {
  if (layer.precision === "float") {
    return writeFloatLayer(graph, graph.cast(code, "float32", "code.floats"), "first", layer);
  }
  const values = transposed(layer), shape = [layer.inputs, layer.outputs];
  const sums = layer.tableBits === undefined
    ? writeIntegerProduct(graph, "MatMulInteger", code, {
      name: "first.weights",
      values,
      shape,
      largestInput,
      output: "first.sums",
    })
    : writeTables(graph, code, {
      weights: graph.constant("first.tables", values, shape),
      functions,
      tableBits: layer.tableBits,
    });
  return writeScale(graph, graph.cast(sums, "float32"), "first", layer);
}

/** The sums of the rows that the bits of each function select from its table. */
function writeTables(
  graph: GraphWriter,
  code: string,
  { weights, functions, tableBits }: { weights: string; functions: number; tableBits: number },
): string {
  const grouped = graph.reshape(graph.cast(code, "int32"), [0, functions, tableBits]);
  const units = graph.constant("table.units", Int32Array.from({ length: tableBits }, (_, i) => 2 ** i));
  const within = graph.node("ReduceSum", [graph.node("Mul", [grouped, units]), graph.integers("table.bits", [2])], {
    attributes: { keepdims: 0 },
  });
  const starts = graph.constant("table.starts", Int32Array.from({ length: functions }, (_, t) => t * 2 ** tableBits));
  const numbers = graph.node("Add", [within, starts], { output: "table.rows" });
  const selected = graph.cast(graph.node("Gather", [weights, numbers], { attributes: { axis: 0 } }), "int32");
  return graph.node("ReduceSum", [selected, graph.integers("table.functions", [1])], {
    attributes: { keepdims: 0 },
    output: "first.sums",
  });
}

/** The layer behind a hidden one; integer weights stay bytes in the file. */
function writeSecondLayer(graph: GraphWriter, hidden: string, layer: HeadLayer): string {
  if (layer.precision === "float") return writeFloatLayer(graph, hidden, "second", layer);
  const bytes = graph.constant("second.weights", transposed(layer), [layer.inputs, layer.outputs]);
  const sums = graph.node("MatMul", [hidden, graph.cast(bytes, "float32")], { output: "second.sums" });
  return writeScale(graph, sums, "second", layer);
}

function writeFloatLayer(graph: GraphWriter, input: string, name: string, layer: HeadLayer): string {
  const weights = graph.constant(`${name}.weights`, layer.weights, [layer.outputs, layer.inputs]);
  return graph.node("Gemm", [input, weights, graph.constant(`${name}.bias`, layer.bias)], {
    attributes: { transB: 1 },
    output: `${name}.output`,
  });
}

/** scale * sum + bias for each output. */
function writeScale(graph: GraphWriter, sums: string, name: string, { scales, bias }: HeadLayer): string {
  const scaled = graph.node("Mul", [sums, graph.constant(`${name}.scales`, scales)]);
  return graph.node("Add", [scaled, graph.constant(`${name}.bias`, bias)], { output: `${name}.output` });
}

/** Integer weights [outputs, inputs] as [inputs, outputs]. */
function transposed({ inputs, outputs, weights }: HeadLayer): Int8Array {
  const values = new Int8Array(weights.length);
  for (let j = 0; j < outputs; j++) for (let i = 0; i < inputs; i++) values[i * outputs + j] = weights[j * inputs + i];
  return values;
}
