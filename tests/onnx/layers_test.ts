import { assertEquals, assertThrows } from "@std/assert";
import {
  AveragePool,
  BatchNorm,
  Conv2d,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePool,
  hash32,
  MaxPool,
  type Module,
  Region,
  Sequential,
  StagedNetwork,
  Tensor,
  ToImages,
} from "../../mod.ts";
import { OnnxModelError } from "../../lib/onnx/errors.ts";
import { batchAxis, GraphWriter } from "../../lib/onnx/graph_writer.ts";
import { asRows, type ParameterStore, writeLayer } from "../../lib/onnx/layers.ts";
import { assertClose } from "../close.ts";
import { runOnnx, valuesOf } from "./run.ts";

function noise(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => hash32(seed, 0, i) / 2 ** 31 - 1);
}

const height = 7, width = 6, channels = 3;

/** Layers over images of 7x6x3, behind one that makes them of rows. */
const cases: Record<string, () => Module> = {
  "a convolution with padding as wide as needed": () =>
    new Conv2d({ inputs: 3, outputs: 4, kernel: 3, padding: "same", seed: 1, relu: true }),
  "a convolution with a stride and uneven padding": () =>
    new Conv2d({ inputs: 3, outputs: 2, kernel: 4, stride: 3, padding: "same", seed: 2 }),
  "a convolution without padding": () => new Conv2d({ inputs: 3, outputs: 5, kernel: 2, seed: 3 }),
  "maximum pooling": () => new MaxPool({ size: 2 }),
  "maximum pooling that overlaps the border": () => new MaxPool({ size: 3, stride: 2, padding: 1 }),
  "average pooling over the pixels within": () => new AveragePool({ size: 3, stride: 2, padding: "same" }),
  "average pooling of the whole": () => new GlobalAveragePool(),
  "normalised channels": () => {
    const norm = new BatchNorm({ channels, relu: true, epsilon: 0.1 });
    norm.gain.data.set([1, -2, 0.5]);
    norm.bias.data.set([0.1, 0.2, 0.3]);
    norm.mean.data.set([0.3, -0.3, 0]);
    norm.variance.data.set([2, 0.5, 1]);
    return norm;
  },
  "a flattened image, its channels apart": () =>
    new Sequential([
      new Conv2d({ inputs: 3, outputs: 4, kernel: 3, seed: 1 }),
      new Flatten(),
      new Dropout(0.5, 1),
      new Dense({ inputs: 5 * 4 * 4, outputs: 6, relu: true, seed: 2 }),
      new BatchNorm({ channels: 6, name: "rows" }),
      new Dense({ inputs: 6, outputs: 2, seed: 2, name: "last" }),
    ]),
  "two stages": () =>
    new StagedNetwork([
      { name: "a", module: new MaxPool({ size: 2 }), shape: [3, 3, 3] },
      { name: "b", module: new Dense({ inputs: 27, outputs: 2, seed: 1 }), shape: [2] },
    ].map((stage) => stage.name === "b" ? { ...stage, module: new Sequential([new Flatten(), stage.module]) } : stage)),
};

for (const [name, create] of Object.entries(cases)) {
  Deno.test(`${name}: the graph computes what the layer does`, async () => {
    using region = new Region();
    const network = region.run(() => new Sequential([new ToImages({ height, width, channels }), create()]));
    const size = height * width * channels, data = noise(3 * size, 9);
    const graph = new GraphWriter();
    const x = { name: graph.input("input", { type: "float32", shape: [batchAxis, size] }), shape: [size] };
    const store: ParameterStore = {
      parameter(name, [{ data }], { shape, source = (i) => i }): string {
        return graph.parameter(name, data.map((_, i) => data[source(i)]), shape);
      },
    };
    const rows = asRows(writeLayer(network, x, { graph, store }), graph);
    const wanted = valuesOf(() => network.forward(new Tensor([3, size], data)));
    graph.output(graph.node("Identity", [rows.name], { output: "logits" }), {
      type: "float32",
      shape: [batchAxis, rows.shape[0]],
    });
    const bytes = graph.finish({ name: "layer", documentation: "", metadata: {} });
    const { logits } = await runOnnx(bytes, { data, dims: [3, size] });
    assertEquals(logits.length, 3 * rows.shape[0]);
    assertClose(logits, wanted, { absolute: 2e-6, relative: 2e-6 });
  });
}

Deno.test("layers without a rule, rounded weights and shapes that do not fit are refused by name", () => {
  const graph = new GraphWriter();
  const context = { graph, store: { parameter: (name: string) => name } };
  class Strange implements Module {
    readonly parameters = [];
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  const x = { name: "x", shape: [4] };
  assertThrows(() => writeLayer(new Strange(), x, context), OnnxModelError, "no rule for the layer Strange");
  const rounded = new Dense({ inputs: 4, outputs: 2, seed: 1, precision: "ternary", name: "head" });
  assertThrows(() => writeLayer(rounded, x, context), OnnxModelError, "head.weights is trained as ternary");
  assertThrows(
    () => writeLayer(new Dense({ inputs: 5, outputs: 2, seed: 1 }), x, context),
    OnnxModelError,
    "has 5 inputs, and 4 come in",
  );
  assertThrows(() => writeLayer(new MaxPool({ size: 2 }), x, context), OnnxModelError, "images were wanted");
});
