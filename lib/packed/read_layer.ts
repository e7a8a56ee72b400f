/**
 * Reads a head layer of a `.pnet` file (FORMAT.md, sections 5 and 6).
 *
 * @module
 */

import { EACH, formOf, vectorBytes, WIDE } from "./float_vector.ts";
import { MAX_MAGNITUDE, PRECISIONS } from "./format.ts";
import type { HeadLayer } from "./model.ts";
import type { Reader } from "./reader.ts";

/** The shape of a layer. */
export interface LayerShape {
  /** Number of inputs. */
  inputs: number;
  /** Number of outputs. */
  outputs: number;
}

/**
 * Reads a layer.
 *
 * @param reader stands at the byte with the precision
 * @param shape what the sections before it imply
 * @returns the layer
 */
export function readLayer(reader: Reader, shape: LayerShape): HeadLayer {
  const { inputs, outputs } = shape;
  const forms = reader.byte("precision and forms", 63);
  const precision = PRECISIONS[forms & 3] ?? reader.fail("precision is 3, wanted 0…2");
  const form = (forms >> 2) & 3;
  const count = inputs * outputs;
  const float = precision === "float";
  if (float && form & EACH) reader.fail("float weights in an unknown form");
  const weightBytes = float ? vectorBytes(form | EACH, count) : precision === "int8" ? count : Math.ceil(count / 5);
  const wanted = (float ? 0 : vectorBytes(form, outputs)) + vectorBytes(forms >> 4, outputs) + weightBytes;
  if (wanted !== reader.end - reader.at) {
    reader.fail(`${outputs} outputs of ${inputs} inputs need ${wanted} bytes, found ${reader.end - reader.at}`);
  }
  const floats = (what: string, length: number, form: number, smallest = true): Float32Array =>
    reader.floats(what, { count: length, form, most: MAX_MAGNITUDE, smallest });
  const scales = float ? new Float32Array(0) : floats("scale", outputs, form);
  const bias = floats("bias", outputs, forms >> 4);
  let weights: Float32Array | Int8Array;
  if (float) {
    weights = floats("weight", count, form | EACH, false);
    if ((formOf(weights) & WIDE) !== form) reader.fail("weights not in the smallest form");
  } else if (precision === "int8") {
    weights = new Int8Array(reader.bytes.slice(reader.skip(count, "weights"), reader.at).buffer);
  } else {
    weights = readTernary(reader, count);
  }
  return { precision, inputs, outputs, weights, scales, bias };
}

/** Five digits to base 3 in a byte, the first in the lowest place. */
function readTernary(reader: Reader, count: number): Int8Array {
  const weights = new Int8Array(count);
  for (let i = 0; i < count; i += 5) {
    let digits = reader.byte("five ternary weights", 242);
    for (let k = i; k < i + 5 && k < count; k++) {
      weights[k] = digits % 3 - 1;
      digits = Math.floor(digits / 3);
    }
    if (digits) reader.fail("padding not zero");
  }
  return weights;
}
