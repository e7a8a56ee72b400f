/**
 * A model as a module: whoever imports it has a classifier that is ready, in Deno, Node, browsers and workers.
 *
 * @module
 */

import { decodePnet } from "../packed/mod.ts";
import { base64 } from "./base64.ts";
import { runtimeFor } from "./runtime_for.ts";

/** What a module looks like. */
export interface EmbedOptions {
  /** The package that the runtime is imported from, such as `jsr:@neuralbits/projectionnet`; the module contains the runtime when left out. */
  package?: string;
  /** Whether the module is TypeScript, so that the classifier has a type (default true). */
  typescript?: boolean;
}

/** The part of the runtime's types that a module which contains the runtime tells. */
const TYPES = `
/** The answer for one sample. */
export interface Classification {
  /** Number of the class. */
  index: number;
  /** Label of the class. */
  label: string;
  /** Probability of the class. */
  probability: number;
  /** Probability of each class. */
  probabilities: Float32Array;
  /** Outputs of the head. */
  logits: Float32Array;
  /** Whether perhaps no label fits; left out by models that reject nothing. */
  rejected?: boolean;
}

/** The model. */
export interface Classifier {
  /** Labels by class. */
  readonly labels: readonly string[];
  /** Number of bits of the code. */
  readonly bits: number;
  /** Size of the model file in bytes. */
  readonly modelBytes: number;
  /** Classifies one sample. */
  classify(sample: SAMPLE): Classification;
  /** Classifies many samples, one after the other. */
  classifyBatch(samples: SAMPLES, count?: number): Classification[];
  /** The code of one sample, packed bits. */
  codes(sample: SAMPLE): Uint8Array;
  /** The outputs of the head for one sample. */
  logits(sample: SAMPLE): Float32Array;
}
`;

/**
 * Writes the module.
 *
 * @param bytes a `.pnet` file
 * @param options what it looks like
 * @returns its source; the classifier is the default export
 * @throws {PnetFormatError} when the bytes are no model
 */
export function embedModel(bytes: Uint8Array, { package: source, typescript = true }: EmbedOptions = {}): string {
  const model = decodePnet(bytes);
  const { input, labels } = model;
  const { bundle, entry } = runtimeFor(model);
  const isText = input.kind === "text";
  const sample = isText
    ? "a string"
    : input.kind === "image"
    ? `${input.width}x${input.height}x${input.channels} integers 0...255, row by row`
    : `${input.features} numbers`;
  const about = `/**
 * A model of ${bytes.length} bytes and ${labels.length} classes. A sample is ${sample}.
 * Made by projectionnet embed; do not edit.
 *
 * @module
 */
`;
  if (source !== undefined) {
    const type = typescript ? ": Classifier" : "", types = typescript ? ", type Classifier" : "";
    return `${about}import { loadPnet${types} } from ${JSON.stringify(`${source}/${entry}`)};

const classifier${type} = loadPnet("${base64(bytes)}");
export default classifier;
`;
  }
  const { code, names } = bundle;
  const types = TYPES.replaceAll("SAMPLES", isText ? "readonly string[]" : "ArrayLike<number>")
    .replaceAll("SAMPLE", isText ? "string" : "ArrayLike<number>");
  return `${about}${typescript ? `// deno-lint-ignore-file\n// @ts-nocheck: the runtime is minified\n${types}` : ""}
const classifier${typescript ? ": Classifier" : ""} = (() => {${code}
return ${names.loadPnet}("${base64(bytes)}");
})();
export default classifier;
`;
}
