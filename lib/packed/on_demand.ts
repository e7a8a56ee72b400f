/**
 * The entrances to packed models for programs that train: what reads, runs and writes them is loaded when one of these is first called, in the
 * way that joint/on_demand.ts tells. The runtime's own entries load it at once.
 *
 * @module
 */
import type { Classifier, LoadOptions } from "./classifier.ts";
import type { PnetPlan } from "./estimate.ts";
import type { PnetPart } from "./inspect.ts";
import type { AnyModel } from "./model.ts";

/**
 * Loads a model of any kind.
 *
 * @param source a `.pnet` file, or its base64 text
 * @param options what the answers say
 * @returns the classifier; the bytes are not kept
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export async function loadPnet(source: Uint8Array | string, options: LoadOptions = {}): Promise<Classifier> {
  const reading: typeof import("./load.ts") = await import("./load.ts" as string);
  return reading.loadPnet(source, options);
}

/**
 * Decodes a `.pnet` file.
 *
 * @param bytes the whole file
 * @returns the model; its arrays are copies
 * @throws {PnetFormatError} when the bytes are not exactly one valid, canonical file
 */
export async function decodePnet(bytes: Uint8Array): Promise<AnyModel> {
  const reading: typeof import("./load.ts") = await import("./load.ts" as string);
  return reading.decodePnet(bytes);
}

/**
 * Encodes a model.
 *
 * @param model the model
 * @returns the file; {@linkcode decodePnet} gives the same model again
 * @throws {PnetFormatError} when the parts of the model disagree or hold what the format cannot
 *
 * @example
 * ```ts
 * import { encodePnet, loadPnet } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = await encodePnet({
 *   input: { kind: "table", features: 3, quantization: { rule: "none" } },
 *   projection: { family: "taps", seed: 7, features: 3, functions: 1, bitsPerFunction: 3, taps: 2 },
 *   thresholds: Int32Array.of(4, -6, 0),
 *   head: [{
 *     precision: "ternary",
 *     inputs: 3,
 *     outputs: 2,
 *     weights: Int8Array.of(1, 0, -1, -1, 1, 1),
 *     scales: Float32Array.of(0.5, 0.5),
 *     bias: Float32Array.of(0, 1),
 *   }],
 *   labels: ["no", "yes"],
 * });
 * const classifier = await loadPnet(bytes);
 * assertEquals(classifier.classify([1, 2, 3]).label, "yes");
 * ```
 */
export async function encodePnet(model: AnyModel): Promise<Uint8Array<ArrayBuffer>> {
  const encoder: typeof import("./encode.ts") = await import("./encode.ts" as string);
  return encoder.encodePnet(model);
}

/**
 * An upper bound of the bytes that a model of this shape takes, close to the truth for ternary and binary weights, which hardly shrink; int4 and
 * int8 weights take down to three quarters of what is counted for them, and thresholds of bits down to half.
 *
 * @param plan the shape
 * @returns bytes of the file
 * @throws {PnetFormatError} when no file holds such a model
 *
 * @example
 * ```ts
 * import { estimatePnetBytes } from "@neuralbits/projectionnet";
 *
 * const bytes = await estimatePnetBytes({
 *   input: { kind: "image", width: 28, height: 28, channels: 1 },
 *   projection: { family: "sign", seed: 1, features: 784, functions: 80, bitsPerFunction: 1 },
 *   pool: 4096,
 *   thresholdBits: 8,
 *   head: [{ precision: "ternary", outputs: 10 }],
 *   labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
 * });
 * if (bytes > 400) throw new Error(`${bytes}`);
 * ```
 */
export async function estimatePnetBytes(plan: PnetPlan): Promise<number> {
  const estimate: typeof import("./estimate.ts") = await import("./estimate.ts" as string);
  return estimate.estimatePnetBytes(plan);
}

/**
 * Lists the parts of a file in their order.
 *
 * @param bytes a `.pnet` file
 * @returns parts whose bytes add up to the size of the file
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export async function inspectPnet(bytes: Uint8Array): Promise<PnetPart[]> {
  const inspection: typeof import("./inspect.ts") = await import("./inspect.ts" as string);
  return inspection.inspectPnet(bytes);
}
