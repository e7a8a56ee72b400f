/**
 * Where the bytes of a `.pnet` file go.
 *
 * @module
 */

import { parsePnet } from "./decode.ts";
import type { SectionName } from "./format.ts";
import type { HeadLayer, PnetModel } from "./model.ts";

/** One part of a file. */
export interface PnetPart {
  /** "header", the name of a section, or "checksum". */
  name: string;
  /** Its size; the parts of a file add up to the file. */
  bytes: number;
  /** What it says, in words. */
  detail: string;
}

/**
 * Lists the parts of a file in their order.
 *
 * @param bytes a `.pnet` file
 * @returns parts whose bytes add up to the size of the file
 * @throws {PnetFormatError} when the bytes are not exactly one valid file
 */
export function inspectPnet(bytes: Uint8Array): PnetPart[] {
  const { model, sections } = parsePnet(bytes);
  return [
    { name: "header", bytes: sections[0].start, detail: `version ${bytes[4]}, ${bytes.length} bytes` },
    ...sections.map(({ name, start, end }) => ({ name, bytes: end - start, detail: describe(model, name) })),
    { name: "checksum", bytes: 4, detail: "CRC-32" },
  ];
}

function describe(model: PnetModel, name: SectionName): string {
  const { input, labels, thresholds, head } = model;
  switch (name) {
    case "input":
      if (input.kind === "image") return `image ${input.width}×${input.height}×${input.channels}`;
      return `table of ${input.features} columns, quantization ${input.quantization.rule}`;
    case "projection":
      return describeProjection(model);
    case "labels":
      return `${labels.length} labels`;
    case "thresholds":
      return `${thresholds.length} thresholds`;
    case "hidden layer":
      return describeLayer(head[0]);
    case "output layer":
      return describeLayer(head[head.length - 1]);
  }
}

function describeLayer(layer: HeadLayer): string {
  return `${layer.inputs} → ${layer.outputs}, ${layer.precision}`;
}

function describeProjection({ projection: spec, reads }: PnetModel): string {
  const { family, seed, features, functions, bitsPerFunction, selection } = spec;
  const kind = spec.family === "taps"
    ? "taps of " + spec.taps
    : spec.family === "patch"
    ? `patch of ${spec.smallest} to ${spec.largest} pixels`
    : spec.family === "conv"
    ? `conv ${spec.filter}×${spec.filter} by ${spec.stride}, cells of ${spec.cell} by ${spec.cellStride}`
    : family;
  const what = spec.family === "conv" ? `filters × cells as ${reads ?? "bits"}` : "bits";
  const pool = selection === undefined ? "" : `, selected from ${selection.pool}`;
  return `${kind}, ${functions}×${bitsPerFunction} ${what} of ${features} features, seed ${seed}${pool}`;
}
