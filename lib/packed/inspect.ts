/**
 * Where the bytes of a `.pnet` file go.
 *
 * @module
 */

import { parsePnet } from "./decode.ts";
import { everySection } from "./load.ts";
import { digitsOf, type IntegerPrecision, shortestRice } from "./numbers.ts";
import type { SectionName } from "./format.ts";
import {
  type AnyModel,
  type HeadLayer,
  imageOf,
  isTextModel,
  type PnetModel,
  type TextInput,
  type TextModel,
} from "./model.ts";

import { TrunkChecker } from "./trunk.ts";

import { encodeWeights } from "./weight_coder.ts";
import { packThresholds } from "./write_projection.ts";

/** One part of a file. */
export interface PnetPart {
  /** "header", the name of a section, or "checksum". */
  name: string;
  /** Its size; the parts of a file add up to the file. */
  bytes: number;
  /** What it says, in words. */
  detail: string;
}

/** Lists the parts of a file in their order; see `inspectPnet` in on_demand.ts. */
export function inspectPnet(bytes: Uint8Array): PnetPart[] {
  const { model, sections } = parsePnet(bytes, everySection);
  return [
    { name: "header", bytes: sections[0].start, detail: `version ${bytes[4]}, ${bytes.length} bytes` },
    ...sections.map(({ name, start, end }) => ({
      name,
      bytes: end - start,
      detail: describe(model, name, end - start),
    })),
    { name: "checksum", bytes: 4, detail: "CRC-32" },
  ];
}

function describe(model: AnyModel, name: SectionName, size: number): string {
  const { input, labels, thresholds, head } = model;
  switch (name) {
    case "input":
      if (input.kind === "text") return describeFolding(input);
      if (input.kind === "image") return `image ${input.width}x${input.height}x${input.channels}`;
      return `table of ${input.features} columns, quantization ${input.quantization.rule}`;
    case "trunk":
      return describeTrunk(model as PnetModel);
    case "projection":
      return describeProjection(model);
    case "labels":
      return `${labels.length} labels`;
    case "thresholds":
      return `${thresholds.length} thresholds`;
    case "hidden layer":
      return describeLayer(head[0], size, isTextModel(model));
    case "output layer":
      return describeLayer(head[head.length - 1], size, isTextModel(model) && head.length === 1);
    case "rejection":
      return `answers of a probability below ${((model as TextModel).rejection! / 2.56).toFixed(1)} %`;
  }
}

function describeLayer(
  { inputs, outputs, precision, tableBits, weights }: HeadLayer,
  size: number,
  sparse: boolean,
): string {
  const shape = tableBits === undefined
    ? `${inputs} -> ${outputs}, ${precision}`
    : `${inputs >>> tableBits} tables of ${2 ** tableBits} rows -> ${outputs}, ${precision}`;
  if (weights instanceof Float32Array) return shape;
  const integers = { precision: precision as IntegerPrecision, inputs, outputs, weights, sparse };
  const plain = Math.ceil(weights.length / digitsOf(integers.precision).perByte);
  const coded = encodeWeights(integers)?.length;
  const entropy = `entropy ${(weights.length * entropyOf(weights) / 8).toFixed(0)} bytes`;
  const stored = coded === undefined
    ? `${plain} bytes of plain weights`
    : `${coded} bytes of coded weights (plain ${plain})`;
  return `${shape}, ${stored}, ${entropy}, ${size - (coded ?? plain)} bytes of scales, biases and shape`;
}

/** Entropy of the distribution of weights, in bits a weight. */
function entropyOf(weights: Int8Array): number {
  const counts = new Map<number, number>();
  for (const weight of weights) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count / weights.length * Math.log2(count / weights.length);
  return bits;
}

function describeTrunk({ input, trunk }: PnetModel): string {
  const checker = new TrunkChecker(imageOf(input));
  const layers = trunk!.layers.map((layer) => {
    checker.add(layer);
    const { width, height, channels } = checker.output;
    const shape = `${height}x${width}x${channels}`;
    if (layer.kind === "flatten") return `flatten ${shape}`;
    if (layer.kind !== "convolution") return `${layer.kind} of ${layer.rows}x${layer.columns} ${shape}`;
    const { kernel, weights: { precision, weights }, addend } = layer;
    const adds = addend === undefined ? "" : ` plus layer ${addend.layer}`;
    return `${precision} ${kernel}x${kernel} ${shape}${adds} (${weights.length} weights)`;
  });
  return `zero point ${trunk!.zeroPoint}, ${layers.join(", ")}`;
}

function describeFolding({ compatibility, lowerCase, digitsAlike, dropSymbols }: TextInput): string {
  const foldings = [
    compatibility && "form KC",
    lowerCase && "lower case",
    digitsAlike && "digits alike",
    dropSymbols && "without symbols",
  ].filter(Boolean);
  return `text, ${foldings.join(", ") || "as it is"}`;
}

function describeProjection({ projection: spec, reads }: AnyModel): string {
  if (spec.family === "text") {
    const partitions = spec.partitions.map(({ kind, from, to, functions }) =>
      `${kind} ${from}...${to} in ${functions}`
    );
    const entries = spec.entries === "presence" ? `presence in ${spec.touches}` : spec.entries;
    const bits = `${spec.functions}x${spec.bitsPerFunction} bits`;
    const chosen = spec.selection ? `${bits} of a pool of ${spec.selection.pool}` : bits;
    return `text, ${chosen}, ${entries}, weights ${spec.weights}, seed ${spec.seed}: ${partitions.join(", ")}`;
  }
  const { family, seed, features, functions, bitsPerFunction, selection } = spec;
  const kind = spec.family === "taps"
    ? "taps of " + spec.taps
    : spec.family === "patch"
    ? `patch of ${spec.smallest} to ${spec.largest} pixels`
    : spec.family === "conv"
    ? `conv ${spec.filter}x${spec.filter} by ${spec.stride}, cells of ${spec.cell} by ${spec.cellStride}`
    : family;
  const what = spec.family === "conv" ? `filters x cells as ${reads ?? "bits"}` : "bits";
  const pool = selection === undefined
    ? ""
    : `, selected from ${selection.pool} in ${Math.ceil(shortestRice(selection.indices).bits / 8)} bytes`;
  const cuts = spec.family === "conv" && spec.filterThresholds.some((threshold) => threshold !== 0)
    ? `, ${packThresholds(spec.filterThresholds).packed.length} bytes of filter thresholds`
    : "";
  return `${kind}, ${functions}x${bitsPerFunction} ${what} of ${features} features, seed ${seed}${pool}${cuts}`;
}
