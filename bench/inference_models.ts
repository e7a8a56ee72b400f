/**
 * The two sides of the comparison: packed models of 720 bits in both runtimes, and the trainer network in onnxruntime-web. What they compute is checked
 * before anything is timed.
 *
 * @module
 */
import {
  type Classifier,
  Dense,
  encodePnet,
  type HeadPrecision,
  loadPnet,
  ProjectionNetwork,
  type ProjectionOptions,
  Region,
  Sequential,
  tensor,
} from "../mod.ts";
import { loadPnetWasm } from "../lib/packed/runtime_wasm.ts";
import type { Problem } from "./problem.ts";
import { writeOnnx } from "./onnx_model.ts";
import { loadOnnx, type OnnxNetwork } from "./peers/onnxruntime.ts";

/** A family of projections. */
export type Family = NonNullable<ProjectionOptions["family"]>;

/** A packed model in both runtimes. */
export interface PackedModel {
  /** Size of the file. */
  readonly bytes: number;
  /** In plain TypeScript. */
  readonly plain: Classifier;
  /** In WebAssembly. */
  readonly wasm: Classifier;
}

/** Options of {@linkcode packModel}. */
export interface PackOptions {
  /** Kind of projection. */
  readonly family: Family;
  /** Precision of the linear head. */
  readonly head: HeadPrecision;
  /** Number of bits. */
  readonly bits: number;
}

/** A model for MNIST's images with a linear head of fresh weights: speed does not depend on what has been learned. */
export function packModel({ family, head, bits }: PackOptions): PackedModel {
  using region = new Region();
  const shape = { functions: bits, bitsPerFunction: 1, features: 784, classes: 10, seed: 1 };
  const network = region.run(() => new ProjectionNetwork({ family, head, thresholds: "zero", ...shape }));
  const labels = Array.from({ length: 10 }, (_, i) => `${i}`);
  const file = encodePnet(network.pack({ input: { kind: "image", width: 28, height: 28, channels: 1 }, labels }));
  return { bytes: file.length, plain: loadPnet(file), wasm: loadPnetWasm(file) };
}

/** Throws unless both runtimes give the same bits and logits for these images of 784 bytes. */
export function checkRuntimes({ plain, wasm }: PackedModel, images: readonly Uint8Array[]): void {
  for (const image of images) {
    for (const kind of ["codes", "logits"] as const) {
      const a = plain[kind](image).join(), b = wasm[kind](image).join();
      if (a !== b) {
        throw new Error(`the runtimes disagree about ${kind}: ${a} in plain TypeScript, ${b} in WebAssembly`);
      }
    }
  }
}

/** What onnxruntime-web computes beside what this library computes. */
export interface OnnxCheck {
  /** The loaded network. */
  readonly network: OnnxNetwork;
  /** The largest difference of two logits, as a share of the largest logit. */
  readonly difference: number;
}

/** The most by which the logits may differ. */
export const TOLERANCE = 1e-4;

/** Loads the network of a problem in onnxruntime-web. Throws when its logits for these rows differ from this library's. */
export async function loadTrainer({ widths, weights }: Problem, features: Float32Array): Promise<OnnxCheck> {
  const layers = weights.map((values, i) => ({ weights: values, bias: new Float32Array(widths[i + 1]) }));
  const network = await loadOnnx(writeOnnx(layers));
  const rows = features.length / widths[0];
  const found = await network.logits(features, rows);
  using region = new Region();
  const wanted = region.run(() => {
    const model = new Sequential(layers.map((layer, i) =>
      new Dense({
        inputs: widths[i],
        outputs: widths[i + 1],
        relu: i < layers.length - 1,
        seed: 0,
        initializer: (target) => target.set(layer.weights),
      })
    ));
    return model.forward(tensor(features, { shape: [rows, widths[0]] })).data.slice();
  });
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0) / largest;
  if (!(difference <= TOLERANCE)) {
    throw new Error(`onnxruntime-web's logits differ from ours by ${difference} of the largest, wanted ${TOLERANCE}`);
  }
  return { network, difference };
}
