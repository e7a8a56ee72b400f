/**
 * The two sides of the comparison: packed models of 720 bits in both runtimes, and the trainer network in onnxruntime-web. What they compute is checked
 * before anything is timed.
 *
 * @module
 */
import { Dense, Region, Sequential, tensor } from "../mod.ts";
import type { Problem } from "./problem.ts";
import { writeOnnx } from "./onnx_model.ts";
import type { PackedModel } from "./packed_model.ts";
import { loadOnnx, type OnnxNetwork } from "./peers/onnxruntime.ts";

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
