/**
 * The head of a model, laid out for speed and computed as FORMAT.md, "Arithmetic", prescribes to the last bit.
 *
 * @module
 */

import { type ColumnProduct, type ColumnTerms, columnTerms, prepareColumnProduct } from "../projection/mod.ts";
import { digitsOf, type IntegerPrecision } from "./numbers.ts";
import type { HeadLayer } from "./model.ts";

/** Computes logits from the inputs that are not zero, in ascending order: the bits that are set, each with the value 1, or counts. */
export type Head = (bits: ColumnTerms, logits: Float32Array) => void;

const fround = Math.fround;

/**
 * Prepares a head of one or two layers.
 *
 * @param layers as in the model
 * @returns the head; it reuses its buffers and is not reentrant
 */
export function prepareHead(layers: HeadLayer[]): Head {
  const first = layers[0].tableBits === undefined ? prepareBitLayer(layers[0]) : prepareTables(layers[0]);
  return joinHead(first, layers);
}

/**
 * Puts the second layer, if there is one, behind the first.
 *
 * @param first computes the outputs of the first layer
 * @param layers as in the model
 * @returns the head
 */
export function joinHead(first: Head, layers: HeadLayer[]): Head {
  if (layers.length === 1) return first;
  const hidden = new Float32Array(layers[0].outputs);
  const indices = new Int32Array(hidden.length + 3);
  const values = new Float32Array(hidden.length + 3);
  const second = prepareFloatLayer(layers[1]);
  return (bits, logits) => {
    first(bits, hidden);
    let count = 0;
    for (let i = 0; i < hidden.length; i++) {
      if (hidden[i] > 0) {
        indices[count] = i;
        values[count++] = hidden[i];
      }
    }
    second(indices, values, count, logits);
  };
}

function prepareBitLayer(layer: HeadLayer): Head {
  if (layer.precision !== "float") return prepareIntegerLayer(layer);
  const product = prepareFloatLayer(layer);
  const values = new Float32Array(layer.inputs + 3);
  return (terms, out) => {
    for (let i = 0; i < terms.count; i++) values[i] = terms.values[i];
    product(terms.indices, values, terms.count, out);
  };
}

/** Tables: of each d bits the one row that they select. */
function prepareTables(layer: HeadLayer): Head {
  const tableBits = layer.tableBits!;
  const sum = prepareIntegerLayer(layer);
  const rows = columnTerms(layer.inputs >>> tableBits);
  rows.count = rows.values.fill(1).length - 3;
  return ({ indices, count }, out) => {
    for (let t = 0; t < rows.count; t++) rows.indices[t] = t << tableBits;
    for (let i = 0; i < count; i++) {
      const t = Math.floor(indices[i] / tableBits);
      rows.indices[t] += 1 << (indices[i] - t * tableBits);
    }
    sum(rows, out);
  };
}

/**
 * Sums of columns of integer weights, scaled. Binary weights go the same way: in plain TypeScript, which has no instruction for them, population
 * counts take a quarter longer than the columns, four of whose weights share a word.
 */
function prepareIntegerLayer({ precision, inputs, outputs, weights, scales, bias }: HeadLayer): Head {
  const { least, step, base } = digitsOf(precision as IntegerPrecision);
  const product: ColumnProduct = prepareColumnProduct({
    rows: outputs,
    columns: inputs,
    scale: step,
    offset: -least,
    largest: base - 1,
    row: (j, out) => out.set((weights as Int8Array).subarray(j * inputs, (j + 1) * inputs)),
  });
  const sums = new Int32Array(outputs);
  return (bits, out) => {
    product(bits, sums);
    for (let j = 0; j < outputs; j++) out[j] = fround(scales[j] * fround(sums[j])) + bias[j];
  };
}

/** Product in float32, one rounding for each multiplication and addition, terms in ascending order; arrays with room for three more terms. */
type FloatProduct = (indices: Int32Array, values: Float32Array, count: number, out: Float32Array) => void;

function prepareFloatLayer(layer: HeadLayer): FloatProduct {
  const { inputs, outputs, scales, bias } = layer;
  const columns = new Float32Array(inputs * outputs);
  for (let j = 0; j < outputs; j++) {
    for (let i = 0; i < inputs; i++) columns[i * outputs + j] = layer.weights[j * inputs + i];
  }
  return (indices, values, count, out) => {
    out.fill(0);
    for (let i = count; i & 3; i++) indices[i] = values[i] = 0;
    for (let i = 0; i < count; i += 4) {
      const v0 = values[i], v1 = values[i + 1], v2 = values[i + 2], v3 = values[i + 3];
      const c0 = indices[i] * outputs, c1 = indices[i + 1] * outputs;
      const c2 = indices[i + 2] * outputs, c3 = indices[i + 3] * outputs;
      for (let j = 0; j < outputs; j++) {
        let sum = fround(out[j] + fround(v0 * columns[c0 + j]));
        sum = fround(sum + fround(v1 * columns[c1 + j]));
        sum = fround(sum + fround(v2 * columns[c2 + j]));
        out[j] = sum + fround(v3 * columns[c3 + j]);
      }
    }
    for (let j = 0; j < outputs; j++) out[j] = (scales.length ? fround(scales[j] * out[j]) : out[j]) + bias[j];
  };
}
