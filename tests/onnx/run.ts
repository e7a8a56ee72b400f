/** Running exported graphs for the tests of this room. */
import { assertEquals } from "@std/assert";
import { Region, type Tensor } from "../../mod.ts";
import { exportProjection } from "../../lib/onnx/mod.ts";
import { encodePnet, loadPnet, type PnetModel } from "../../lib/packed/mod.ts";
import { assertClose } from "../close.ts";
import { featuresOf, makeSample } from "../packed/models.ts";
import { testNumbers } from "../projection/reference.ts";
import { GraphWriter } from "../../lib/onnx/graph_writer.ts";
import { openSession, type RuntimeTensor } from "../../lib/onnx/session.ts";

/** Runs a model for one batch of its input `input` and ends the session. */
export async function runOnnx(
  bytes: Uint8Array,
  input: { data: Uint8Array | Float32Array; dims: readonly number[] },
  outputs: readonly string[] = ["logits"],
): Promise<Record<string, number[]>> {
  const session = await openSession(bytes, "test");
  try {
    const type = input.data instanceof Uint8Array ? "uint8" : "float32";
    const results = await session.run({ input: { ...input, type } }, outputs);
    return Object.fromEntries(outputs.map((name) => [name, numbers(results[name])]));
  } finally {
    await session.release();
  }
}

function numbers({ data }: RuntimeTensor): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** The values that `work` computes, in a region of its own. */
export function valuesOf(work: () => Tensor): number[] {
  using region = new Region();
  return Array.from(region.run(work).data);
}

/** Feeds samples to the graph and to the runtime, and compares codes, classes and logits. */
export async function assertSame(model: PnetModel, samples: number[], { rounding = 0 } = {}): Promise<void> {
  const { input } = model, features = featuresOf(input), count = samples.length / features;
  const classifier = loadPnet(encodePnet(model)), { bits } = classifier, classes = model.labels.length;
  const feed = input.kind === "image"
    ? { data: Uint8Array.from(samples), dims: [count, input.height, input.width, input.channels] }
    : { data: Float32Array.from(samples), dims: [count, features] };
  const found = await runOnnx(exportProjection(model), feed, ["code", "logits", "class", "probabilities"]);
  classifier.classifyBatch(samples).forEach((answer, row) => {
    const what = `${model.projection.family}, sample ${row}`;
    if (model.reads !== "counts") {
      const code = classifier.codes(samples.slice(row * features, (row + 1) * features));
      const wanted = Array.from({ length: bits }, (_, k) => (code[k >> 3] >> (k & 7)) & 1);
      assertEquals(found.code.slice(row * bits, (row + 1) * bits), wanted, what);
    }
    const part = (values: number[]): number[] => values.slice(row * classes, (row + 1) * classes);
    assertClose(part(found.logits), answer.logits, { absolute: rounding, relative: rounding, message: what });
    assertClose(part(found.probabilities), answer.probabilities, { absolute: 1e-6, message: what });
    assertEquals(found.class[row], answer.index, what);
  });
}

/** So many random samples of a model, one after the other. */
export function samplesOf(model: PnetModel, count: number): number[] {
  const next = testNumbers(count);
  return Array.from({ length: count }, () => makeSample(model, next).map(Math.fround)).flat();
}

/** Opens onnxruntime-web outside of any test: what it sets up once and keeps would count as a leak of the test that happens to be first. */
async function warmUp(): Promise<void> {
  const graph = new GraphWriter();
  const shape = ["batch"];
  const output = graph.node("Identity", [graph.input("input", { type: "float32", shape })]);
  graph.output(output, { type: "float32", shape });
  const session = await openSession(graph.finish({ name: "warm-up", documentation: "", metadata: {} }), "warm-up");
  await session.release();
}

await warmUp();
