/**
 * Reads a head layer of a `.pnet` file (FORMAT.md, sections 5 and 6).
 *
 * @module
 */

import { digitsOf, EACH, unpackDigits, vectorBytes } from "./numbers.ts";
import { CODED, MAX_MAGNITUDE, MAX_TABLE_BITS, PRECISIONS, TABLES } from "./format.ts";
import type { HeadLayer } from "./model.ts";
import type { Reader } from "./reader.ts";
import { codedLimit, decodeWeights } from "./weight_coder.ts";

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
      `${outputs} outputs of ${inputs} inputs need ${vectors + plain} bytes, found ${vectors + found}`,
    );
  }
  const floats = (what: string, length: number, form: number): Float32Array =>
    reader.floats(what, { count: length, form, most: MAX_MAGNITUDE });
  const scales = float ? new Float32Array(0) : floats("scale", outputs, form);
  const bias = floats("bias", outputs, biasForm);
  let weights: Float32Array | Int8Array;
  if (float) weights = floats("weight", count, form | EACH);
  else {
    const start = reader.skip(found, "weights");
    const bytes = reader.bytes.subarray(start, reader.at);
    weights = new Int8Array(count);
    if (coded) decodeWeights(bytes, { precision, inputs, outputs, weights, sparse });
    else unpackDigits(bytes, weights, digitsOf(precision));
  }
  return { precision, ...(tableBits && { tableBits }), inputs, outputs, weights, scales, bias };
}
