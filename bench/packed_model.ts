/**
 * Packed models to time.
 *
 * @module
 */
import { type Classifier, type HeadPrecision, type PnetModel, type ProjectionOptions, Region } from "../mod.ts";
import { ProjectionNetwork } from "../lib/joint/mod.ts";
import { encodePnet, loadPnet } from "../lib/packed/mod.ts";
import { loadPnetWasm } from "../lib/packed/runtime_wasm.ts";

/** A family of projections. */
export type Family = NonNullable<ProjectionOptions["family"]>;

/** A packed model in both runtimes. */
export interface PackedModel {
  /** As plain data. */
  readonly model: PnetModel;
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
  const model = network.pack({ input: { kind: "image", width: 28, height: 28, channels: 1 }, labels });
  const file = encodePnet(model);
  return { model, bytes: file.length, plain: loadPnet(file), wasm: loadPnetWasm(file) };
}
