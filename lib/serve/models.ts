/**
 * The models of a service by name. A model is replaced as a whole: whoever has begun to use one goes on with it.
 *
 * @module
 */

import { type AnswerWriter, answerWriter } from "../packed/jsonl.ts";
import { type Classifier, decodePnet, type InputDescription, isTextModel, loadPnet } from "../packed/mod.ts";
import { loadPnetWasm } from "../packed/runtime_trunk_wasm.ts";
import { Problem } from "./problem.ts";

/** A model at work. */
export interface ServedModel {
  /** Its name in requests. */
  readonly name: string;
  /** The file. */
  readonly bytes: Uint8Array;
  /** The model, in the fastest runtime that runs here. */
  readonly classifier: Classifier;
  /** Numbers of a sample; 1 for a text. */
  readonly features: number;
  /** Changes with the file: its length and the checksum at its end. */
  readonly version: string;
  /** Writes answers with so many labels beside the first. */
  writer(top: number | undefined): AnswerWriter;
}

/** Names that stand in an address as they are. */
const NAME = /^[\w.-]{1,100}$/;

/** Models by name, the first one that was loaded being the one that is meant where none is named. */
export class Models {
  readonly #models = new Map<string, ServedModel>();

  /**
   * Loads a model or replaces the one of the same name.
   *
   * @param name letters, digits, points, hyphens and underscores
   * @param bytes a `.pnet` file
   * @throws {PnetFormatError} when the bytes are no model; one that was there stays
   * @throws {RangeError} when the name has other characters
   */
  load(name: string, bytes: Uint8Array): void {
    if (!NAME.test(name)) {
      throw new RangeError(
        `model: the name is ${
          JSON.stringify(name)
        }, wanted at most 100 letters, digits, points, hyphens and underscores`,
      );
    }
    const copy = bytes.slice();
    const model = decodePnet(copy);
    const { input } = model;
    const classifier = isTextModel(model) ? loadPnet(copy) : loadPnetWasm(copy);
    const writers = new Map<number | undefined, AnswerWriter>();
    this.#models.set(name, {
      name,
      bytes: copy,
      classifier,
      features: featuresOf(input),
      version: `${copy.length}-${Array.from(copy.subarray(-4), (byte) => byte.toString(16).padStart(2, "0")).join("")}`,
      writer(top) {
        let writer = writers.get(top);
        if (writer === undefined) writers.set(top, writer = answerWriter(classifier, { top }));
        return writer;
      },
    });
  }

  /**
   * Finds a model.
   *
   * @param name its name, or nothing for the first
   * @throws {Problem} 404 for a name that no model has
   */
  get(name: string | undefined): ServedModel {
    const model = name === undefined ? this.#models.values().next().value : this.#models.get(name);
    if (model === undefined) {
      throw new Problem(404, `there is no model ${JSON.stringify(name)}, but ${[...this.#models.keys()].join(", ")}`);
    }
    return model;
  }

  /** All models. */
  all(): ServedModel[] {
    return [...this.#models.values()];
  }
}

function featuresOf(input: InputDescription): number {
  if (input.kind === "text") return 1;
  return input.kind === "image" ? input.width * input.height * input.channels : input.features;
}

/** What `GET /v1/model` tells. */
export function describe({ name, classifier, features, version }: ServedModel): Record<string, unknown> {
  const { input, labels, bits, modelBytes, runtime } = classifier;
  const shape = input.kind === "text"
    ? { kind: "text" }
    : input.kind === "image"
    ? { kind: "image", width: input.width, height: input.height, channels: input.channels, features }
    : { kind: "table", features, numbers: takesBytes(input) ? "integers 0...255" : "finite numbers" };
  return { name, input: shape, labels, bits, modelBytes, runtime, version };
}

/** Whether a sample is bytes: an image, or a table of bytes. */
export function takesBytes(input: InputDescription): boolean {
  return input.kind === "image" || input.kind === "table" && input.quantization.rule === "none";
}
