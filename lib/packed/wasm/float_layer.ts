/**
 * Layers in float32 in WebAssembly. Four outputs stand in a vector, so that each is summed in the one order that FORMAT.md prescribes; inputs that are
 * zero are left out, which changes no sum.
 *
 * @module
 */

import {
  type Code,
  f32,
  type FunctionReference,
  I32,
  i32,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import type { HeadLayer } from "../model.ts";
import type { CodeArea } from "./code_area.ts";
import { finish, placeFactors } from "./finish.ts";
import type { Layout } from "./layout.ts";

/** Outputs that are summed at once, in as many registers as hide the time of an addition. */
const OUTPUTS = 32;

/** Where the inputs of a float layer stand. */
export type FloatInputs =
  | {
    /** They are the bits of a code. */
    bits: CodeArea;
  }
  | {
    /** They are bytes at this address. */
    counts: number;
  }
  | {
    /** They are float32 numbers at this address; those that are not positive count as zero. */
    hidden: number;
  };

/**
 * Adds the function that computes a layer in float32.
 *
 * @param module gets the function: (address of the outputs, in vectors of four)
 * @param layout gets the weights
 * @param layer the layer
 * @param inputs where its inputs stand
 * @returns the function
 */
export function defineFloatLayer(
  module: ModuleBuilder,
  layout: Layout,
  layer: HeadLayer,
  inputs: FloatInputs,
): FunctionReference {
  const width = 4 * Math.ceil(layer.outputs / 4);
  const table = new Float32Array(layer.inputs * width);
  for (let j = 0; j < layer.outputs; j++) {
    for (let i = 0; i < layer.inputs; i++) table[i * width + j] = layer.weights[j * layer.inputs + i];
  }
  const columns = layout.place(table);
  const factors = placeFactors(layout, layer);
  // For each input that is not zero its column's address and its value.
  const terms = layout.reserve(8 * layer.inputs + 8);

  return module.function({ out: I32 }, (code, { out }) => {
    const list = { terms, columns, stride: 4 * width, count: layer.inputs };
    const end = "bits" in inputs
      ? listBits(code, inputs.bits, list)
      : "counts" in inputs
      ? listPositive(code, list, (k) => k.loadU8(inputs.counts).floatBits())
      : listPositive(code, list, (k) => k.shiftLeft(2).loadI32(inputs.hidden));
    const sumColumns = (first: I32, vectors: number): void => {
      const sums = Array.from({ length: vectors }, () => code.let(f32(0).splat()));
      code.for(0, end, 8, (term) => {
        const column = code.let(term.loadI32(terms).add(first)), value = code.let(term.splatF32(terms + 4));
        sums.forEach((sum, i) => {
          const weight = column.loadF32x4(16 * i);
          code.set(sum, sum.add("bits" in inputs ? weight : value.multiply(weight)));
        });
      });
      const to = code.let(out.add(first));
      sums.forEach((sum, i) => code.store(to, finish(first.add(16 * i), sum, factors), 16 * i));
    };
    const whole = Math.floor(width / OUTPUTS) * OUTPUTS;
    if (whole > 0) code.for(0, i32(4 * whole), 4 * OUTPUTS, (first) => sumColumns(first, OUTPUTS / 4));
    if (width > whole) sumColumns(code.let(i32(4 * whole)), (width - whole) / 4);
  });
}

interface Terms {
  terms: number;
  columns: number;
  stride: number;
}

/** Lists the columns of the bits that are set; gives the length of the list in bytes. */
function listBits(code: Code, area: CodeArea, { terms, columns, stride }: Terms): I32 {
  const end = code.let(i32(0)), column = code.let(i32(columns));
  code.for(0, i32(area.bits), 16, (k) => {
    const word = code.let(k.shiftRight(3).loadU16(area.packed));
    code.while(word, () => {
      code.storeI32(end, column.add(word.trailingZeros().multiply(stride)), terms);
      code.increase(end, 8);
      code.set(word, word.and(word.subtract(1)));
    });
    code.increase(column, 16 * stride);
  });
  return end;
}

/** Lists the columns of the inputs that are positive, with the inputs' bits; gives the length of the list in bytes. */
function listPositive(
  code: Code,
  { terms, columns, stride, count }: Terms & { count: number },
  inputAt: (k: I32) => I32,
): I32 {
  const end = code.let(i32(0)), column = code.let(i32(columns));
  code.for(0, i32(count), 1, (k) => {
    const value = code.let(inputAt(k));
    code.storeI32(end, column, terms);
    code.storeI32(end, value, terms + 4);
    // As integers, positive floats are those from 1 up to infinity.
    code.increase(end, value.subtract(1).below(0x7f800000).shiftLeft(3));
    code.increase(column, stride);
  });
  return end;
}
