/**
 * What exported graphs have in common at their two ends: the raw sample, and the answers with their labels.
 *
 * @module
 */
import type { ImageInput } from "../packed/mod.ts";
import { batchAxis, type GraphWriter } from "./graph_writer.ts";
import type { ElementType } from "./model.ts";

/** Name of the input of exported graphs. */
export const inputName = "input";

/** A raw sample: an image, or a row of so many numbers. */
export type SampleShape = ImageInput | { readonly kind: "table"; readonly features: number };

/** Adds the input: images [batch, height, width, channels] or rows [batch, features]. */
export function writeInput(
  graph: GraphWriter,
  sample: SampleShape,
  type: ElementType,
): { name: string; shape: readonly number[] } {
  const isImage = sample.kind === "image";
  const shape = isImage ? [sample.height, sample.width, sample.channels] : [sample.features];
  const denotations = isImage
    ? ["DATA_BATCH", "DATA_FEATURE", "DATA_FEATURE", "DATA_CHANNEL"]
    : ["DATA_BATCH", "DATA_FEATURE"];
  return { name: graph.input(inputName, { type, shape: [batchAxis, ...shape], denotations }), shape };
}

/** Adds the outputs: `logits`, `probabilities` [batch, classes] and `class` [batch], the number of the greatest logit, the lowest of equal ones. */
export function writeAnswers(graph: GraphWriter, logits: string, classes: number): void {
  const named = graph.node("Identity", [logits], { output: "logits" });
  const probabilities = graph.node("Softmax", [named], { attributes: { axis: 1 }, output: "probabilities" });
  const best = graph.node("ArgMax", [named], { attributes: { axis: 1, keepdims: 0 }, output: "class" });
  for (const name of [named, probabilities]) graph.output(name, { type: "float32", shape: [batchAxis, classes] });
  graph.output(best, { type: "int64", shape: [batchAxis] });
}

/** What the metadata say of samples and labels; the keys that begin with "Image." are ONNX's own. */
export function describeSamples(
  sample: SampleShape,
  { labels, preprocessing }: { labels: readonly string[]; preprocessing: string },
): Record<string, string> {
  const image = sample.kind === "image"
    ? {
      "Image.NominalPixelRange": "NominalRange_0_255",
      ...(sample.channels === 1 ? { "Image.BitmapPixelFormat": "Gray8" } : {}),
      ...(sample.channels === 3 ? { "Image.BitmapPixelFormat": "Rgb8" } : {}),
    }
    : {};
  return { labels: JSON.stringify(labels), preprocessing, ...image };
}
