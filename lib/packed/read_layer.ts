/**
 * Reads a head layer of a `.pnet` file (FORMAT.md, sections 5 and 6).
 *
 * @module
 */

import { digitsOf, EACH, formOf, unpackDigits, vectorBytes, WIDE } from "./numbers.ts";
import { CODED, MAX_MAGNITUDE, MAX_TABLE_BITS, PRECISIONS, TABLES } from "./format.ts";
import type { HeadLayer } from "./model.ts";
import type { Reader } from "./reader.ts";
import { codedLimit, decodeWeights, encodeWeights, type IntegerWeights } from "./weight_coder.ts";

/** What the sections before a layer say about it. */
export interface LayerShape {
  /** Number of inputs of a layer that reads no tables. */
  inputs: number;
  /** Number of outputs. */
  outputs: number;
  /** Whether the inputs are the bits of a text. */
  sparse?: boolean;
  /** T and d, for a layer that reads bits and so may be tables. */
  tables?: { functions: number; bitsPerFunction: number };
}

/**
 * Reads a layer.
 *
 * @param reader stands at the byte with the precision
 * @param shape what the sections before it imply
 * @returns the layer
 */
export function readLayer(reader: Reader, shape: LayerShape): HeadLayer {
  const { outputs, tables, sparse } = shape;
  const first = reader.byte("precision and forms");
  const kind = first & 7;
  const form = (first >> 3) & 3, biasForm = (first >> 5) & 3;
  const coded = first >= CODED;
  const precision = PRECISIONS[kind > TABLES ? kind - TABLES : kind];
  const float = precision === "float";
  if (float && (form & EACH || coded)) reader.fail("float weights in an unknown form");
  let { inputs } = shape;
  let tableBits: number | undefined;
  if (kind > TABLES) {
    tableBits = tables?.bitsPerFunction ?? reader.fail("tables that read no bits");
    if (tableBits > MAX_TABLE_BITS) reader.fail(`tables of ${tableBits} bits, wanted at most ${MAX_TABLE_BITS}`);
    inputs = tables!.functions * 2 ** tableBits;
  }
  const count = inputs * outputs;
  const digits = float ? undefined : digitsOf(precision);
  const vectors = (float ? 0 : vectorBytes(form, outputs)) + vectorBytes(biasForm, outputs);
  const plain = digits ? Math.ceil(count / digits.perByte) : vectorBytes(form | EACH, count);
  const found = reader.end - reader.at - vectors;
  if (coded ? found >= plain || count > codedLimit(found, sparse) : found !== plain) {
    reader.fail(
      `${outputs} outputs of ${inputs} inputs need ${vectors + plain} bytes, found ${vectors + found}${
        coded ? " with coded weights" : ""
      }`,
    );
  }
  const floats = (what: string, length: number, form: number, smallest = true): Float32Array =>
    reader.floats(what, { count: length, form, most: MAX_MAGNITUDE, smallest });
  const scales = float ? new Float32Array(0) : floats("scale", outputs, form);
  const bias = floats("bias", outputs, biasForm);
  let weights: Float32Array | Int8Array;
  if (float) {
    weights = floats("weight", count, form | EACH, false);
    if ((formOf(weights) & WIDE) !== form) reader.fail("weights not in the smallest form");
  } else {
    weights = readIntegers(reader, { precision, inputs, outputs, sparse, coded, bytes: found });
  }
  return { precision, ...(tableBits && { tableBits }), inputs, outputs, weights, scales, bias };
}

function readIntegers(
  reader: Reader,
  layer: Omit<IntegerWeights, "weights"> & { coded: boolean; bytes: number },
): Int8Array {
  const start = reader.skip(layer.bytes, "weights");
  const bytes = reader.bytes.subarray(start, reader.at);
  const weights = new Int8Array(layer.inputs * layer.outputs);
  if (layer.coded) {
    decodeWeights(bytes, { ...layer, weights });
  } else {
    const bad = unpackDigits(bytes, weights, digitsOf(layer.precision));
    if (bad >= 0) reader.fail("padding not zero", start + bad);
  }
  const canonical = encodeWeights({ ...layer, weights });
  const same = canonical?.length === bytes.length && canonical.every((byte, i) => byte === bytes[i]);
  if (layer.coded ? !same : canonical) {
    reader.fail("weights not in the smallest form", start);
  }
  return weights;
}
