/** Running exported graphs for the tests of this room. */
import { Region, type Tensor } from "../../mod.ts";
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
