/**
 * A fully connected network as an ONNX file, for the peers that read one.
 *
 * @module
 */
import { batchAxis, GraphWriter } from "../lib/onnx/graph_writer.ts";

/** A fully connected layer. */
export interface GemmLayer {
  /** [inputs × outputs], row-major. */
  readonly weights: Float32Array;
  /** [outputs]. */
  readonly bias: Float32Array;
}

/** The network input → Gemm → Relu → … → Gemm = logits → Softmax = probabilities, for any number of rows. */
export function writeOnnx(layers: readonly GemmLayer[]): Uint8Array {
  const graph = new GraphWriter();
  const inputs = layers[0].weights.length / layers[0].bias.length, last = layers.length - 1;
  let name = graph.input("input", { type: "float32", shape: [batchAxis, inputs] });
  layers.forEach(({ weights, bias }, i) => {
    const matrix = graph.constant(`weights${i}`, weights, [weights.length / bias.length, bias.length]);
    const output = i === last ? "logits" : `sum${i}`;
    name = graph.node("Gemm", [name, matrix, graph.constant(`bias${i}`, bias)], { output });
    if (i < last) name = graph.node("Relu", [name]);
  });
  const shape = [batchAxis, layers[last].bias.length];
  graph.output(name, { type: "float32", shape });
  graph.output(graph.node("Softmax", [name], { output: "probabilities" }), { type: "float32", shape });
  return graph.finish({ name: "mlp", documentation: "", metadata: {} });
}
