/**
 * The trainer network in onnxruntime-web, on its WebAssembly backend with one thread.
 *
 * @module
 */
import * as ort from "npm:onnxruntime-web@1.23.2/wasm";

/** A network that is ready to run. */
export interface OnnxNetwork {
  /** Its logits for rows of features, [rows × classes]. */
  logits(features: Float32Array, rows: number): Promise<Float32Array>;
  /** Keeps rows of features, and gives a function that computes their probabilities. */
  prepare(features: Float32Array, rows: number): () => Promise<Float32Array>;
  /** Ends the session. */
  release(): Promise<void>;
}

/** Loads an ONNX file with the input `input` and the outputs `logits` and `probabilities`. */
export async function loadOnnx(bytes: Uint8Array): Promise<OnnxNetwork> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const input = (features: Float32Array, rows: number): ort.Tensor =>
    new ort.Tensor("float32", features, [rows, features.length / rows]);
  return {
    async logits(features, rows) {
      return (await session.run({ input: input(features, rows) }, ["logits"])).logits.data as Float32Array;
    },
    prepare(features, rows) {
      const feeds = { input: input(features, rows) };
      return async () => (await session.run(feeds, ["probabilities"])).probabilities.data as Float32Array;
    },
    release: () => session.release(),
  };
}
