/**
 * The trunk of a `.pnet` file (FORMAT.md, section 8): reading and writing.
 *
 * @module
 */

import { MAX_FLOAT32, MAX_OUTPUTS } from "./format.ts";
import { type HeadLayer, imageOf, type NumericInput } from "./model.ts";
import { EACH, WIDE } from "./numbers.ts";
import { readLayer } from "./read_layer.ts";
import type { Reader } from "./reader.ts";
import { type Trunk, TrunkChecker, type TrunkConvolution, type TrunkLayer } from "./trunk.ts";

/** Kinds of layers in the order of their numbers, and what is added to that of a convolution. */
const KINDS = ["convolution", "largest", "mean", "flatten"] as const;
const PADDED = 4, ADDS = 8, AFTER_RELU = 16;

/** Numbers that the section is written with. */
export interface TrunkWriter {
  /** Appends bytes. */
  bytes(bytes: ArrayLike<number>): void;
  /** Appends a varint. */
  varint(value: number): void;
  /** Appends floats in a form. */
  floats(values: Float32Array, form: number): void;
}

/**
 * Writes the section.
 *
 * @param payload receives it
 * @param trunk a checked trunk
 * @param encodeLayer gives the bytes of a layer's weights
 */
export function writeTrunk(payload: TrunkWriter, trunk: Trunk, encodeLayer: (layer: HeadLayer) => Uint8Array): void {
  payload.bytes([trunk.zeroPoint, trunk.layers.length]);
  const scale = (value: number): void => payload.floats(Float32Array.of(value), WIDE + EACH);
  for (const layer of trunk.layers) {
    const kind = KINDS.indexOf(layer.kind);
    if (layer.kind === "flatten") payload.bytes([kind]);
    else if (layer.kind === "convolution") {
      const { kernel, stride, padding, weights, addend } = layer;
      const adds = addend === undefined ? 0 : ADDS + (addend.afterRelu ? AFTER_RELU : 0);
      payload.bytes([kind + (padding ? PADDED : 0) + adds]);
      for (const value of [kernel, stride, weights.outputs]) payload.varint(value);
      if (addend !== undefined) {
        payload.varint(addend.layer);
        scale(addend.scale);
      }
      const bytes = encodeLayer(weights);
      payload.varint(bytes.length);
      payload.bytes(bytes);
    } else {
      payload.bytes([kind]);
      for (const value of [layer.rows, layer.columns, layer.stride]) payload.varint(value);
      if (layer.kind === "mean") scale(layer.scale!);
    }
  }
}

/**
 * Reads the section.
 *
 * @param reader stands at the payload
 * @param input what the section before it says
 * @returns the trunk, and what it gives as an input of the projection
 */
export function readTrunk(reader: Reader, input: NumericInput): { trunk: Trunk; output: NumericInput } {
  const zeroPoint = reader.byte("zero point");
  const count = reader.byte("layers") || reader.fail("no layers, wanted 1...255", reader.at - 1);
  const checker = new TrunkChecker(imageOf(input));
  const layers: TrunkLayer[] = [];
  while (layers.length < count) {
    const start = reader.at;
    const add = (layer: TrunkLayer): void => {
      try {
        checker.add(layer);
      } catch (error) {
        reader.fail((error as Error).message, start);
      }
      layers.push(layer);
    };
    const first = reader.byte("kind", ADDS + AFTER_RELU + PADDED + 3);
    const kind = KINDS[first & 3];
    if (first > 3 && kind !== "convolution" || (first & (ADDS + AFTER_RELU)) === AFTER_RELU) {
      reader.fail(`kind is ${first}, wanted a known one`, start);
    }
    if (kind === "convolution") add(readConvolution(reader, first, checker));
    else if (kind === "flatten") add({ kind });
    else {
      const [rows, columns, stride] = ["rows", "columns", "stride"].map((what) => reader.varint(what));
      const window = { rows, columns, stride };
      add(kind === "mean" ? { kind, ...window, scale: readScale(reader) } : { kind, ...window });
    }
  }
  return { trunk: { zeroPoint, layers }, output: { kind: "image", ...checker.output } };
}

function readScale(reader: Reader): number {
  return reader.floats("scale", { count: 1, form: WIDE + EACH, most: MAX_FLOAT32 })[0];
}

function readConvolution(reader: Reader, first: number, { output: { channels } }: TrunkChecker): TrunkConvolution {
  const kernel = reader.varint("kernel", 1, 65535), stride = reader.varint("stride");
  const outputs = reader.varint("outputs", 1, MAX_OUTPUTS);
  const addend = first & ADDS
    ? { layer: reader.varint("addend"), scale: readScale(reader), afterRelu: first >= AFTER_RELU }
    : undefined;
  const size = reader.varint("weights' length"), outer = reader.end;
  const start = reader.skip(size, "weights");
  const kind = reader.bytes[start] & 7;
  if (size === 0 || kind < 1 || kind > 4) reader.fail("weights that are neither int8, int4, ternary nor binary", start);
  reader.at = start;
  reader.end = start + size;
  const weights = readLayer(reader, { inputs: kernel * kernel * channels, outputs });
  if (reader.at !== reader.end) reader.fail(`${reader.end - reader.at} bytes left over`);
  reader.end = outer;
  const padding = (first & PADDED) > 0;
  return { kind: "convolution", kernel, stride, padding, weights, ...(addend && { addend }) };
}
