/**
 * A packed model ready to classify, in the runtime that was asked for or the fastest that runs here.
 */
import { availableVariants } from "../kernels/mod.ts";
import { type Classifier, decodePnet, isTextModel, loadPnet } from "../packed/mod.ts";
import { loadPnetWasm } from "../packed/runtime_trunk_wasm.ts";
import { naming, readModelBytes } from "./model.ts";
import { choice } from "./option_values.ts";
import type { ValueOption } from "./options.ts";

/** What computes bits and logits: plain TypeScript or WebAssembly. Their answers are the same to the last bit. */
export type Runtime = "plain" | "wasm";

/** `--runtime`: what the model runs in. */
export const RUNTIME: ValueOption<Runtime | "auto"> & { readonly default: string } = {
  value: "KIND",
  help: "what the model runs in: plain (TypeScript), wasm (WebAssembly SIMD), or auto for the fastest that runs here",
  parse: choice(["auto", "plain", "wasm"]),
  default: "auto",
};

/** A model and what it runs in. */
export interface LoadedClassifier {
  /** The model. */
  classifier: Classifier;
  /** What it runs in. */
  runtime: Runtime;
}

/**
 * Loads a packed model.
 *
 * @throws {PnetFormatError} when the bytes are no packed model
 * @throws {Error} when WebAssembly is asked for and the platform has none, or not for this model
 */
export function loadClassifier(bytes: Uint8Array, asked: Runtime | "auto" = "auto"): LoadedClassifier {
  const useWasm = asked !== "plain" && availableVariants().includes("simd");
  if (asked === "wasm" && !useWasm) throw new Error("--runtime wasm: this platform has no WebAssembly SIMD");
  const classifier = useWasm && !isTextModel(decodePnet(bytes)) ? loadPnetWasm(bytes) : loadPnet(bytes);
  if (asked === "wasm" && classifier.runtime !== "wasm") {
    throw new Error("--runtime wasm: a model of this kind runs in plain TypeScript only");
  }
  return { classifier, runtime: classifier.runtime };
}

/** Reads a model file and loads it; an error about the format names the file. */
export async function readModel(path: string, asked: Runtime | "auto"): Promise<LoadedClassifier> {
  const bytes = await readModelBytes(path);
  return naming(path, () => loadClassifier(bytes, asked));
}
