/**
 * Layers of small integer weights in WebAssembly: the weights of the set bits are added, or multiplied with counts and added, exactly, then scaled as FORMAT.md,
 * "Arithmetic", says.
 *
 * @module
 */

import {
  type Code,
  type FunctionReference,
  I16x8,
  I32,
  i32,
  type I32x4,
  i32x4,
  I8x16,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import type { HeadLayer } from "../model.ts";
import { type CodeArea, GROUP } from "./code_area.ts";
import { finish, placeFactors } from "./finish.ts";
import type { Layout } from "./layout.ts";

/** Outputs that share the loads of the bits. */
const OUTPUTS = 4;
/** Bytes of a row of which the sums of pairs, at most 256 in magnitude, add up within 16 bits. */
const EXACT = 16 * 127;

/** Where the inputs of a layer of whole-number weights stand. */
export type IntegerInputs =
  | {
    /** They are the bits of a code. */
    bits: CodeArea;
  }
  | {
    /** They are bytes at this address, with zeros up to a whole multiple of {@linkcode GROUP}. */
    counts: number;
  };

/**
 * Adds the function that computes a layer of whole-number weights.
 *
 * @param module gets the function: (address of the outputs, in vectors of four)
 * @param layout gets the weights
 * @param layer the layer
 * @param from where its inputs stand
 * @returns the function
 */
export function defineIntegerLayer(
  module: ModuleBuilder,
  layout: Layout,
  layer: HeadLayer,
  from: IntegerInputs,
): FunctionReference {
  const { inputs, outputs } = layer;
  const stride = GROUP * Math.ceil(inputs / GROUP);
  const rows = OUTPUTS * Math.ceil(outputs / OUTPUTS);
  const table = new Int8Array(rows * stride);
  for (let j = 0; j < outputs; j++) {
    table.set((layer.weights as Int8Array).subarray(j * inputs, (j + 1) * inputs), j * stride);
  }
  const weights = layout.place(table);
  const factors = placeFactors(layout, layer);

  return module.function({ out: I32 }, (code, { out }) => {
    const row = code.let(i32(weights));
    code.for(0, i32(4 * rows), 4 * OUTPUTS, (at) => {
      const totals = Array.from({ length: OUTPUTS }, () => code.let(i32x4(0, 0, 0, 0)));
      if ("bits" in from) addBits(code, row, { totals, stride, masks: from.bits.masks });
      else addCounts(code, row, { totals, stride, counts: from.counts });
      code.store(out.add(at), finish(at, addAcross(code, totals).toFloats(), factors));
      code.increase(row, OUTPUTS * stride);
    });
  });
}

interface Totals {
  /** Of each output, to be added to. */
  totals: I32x4[];
  /** Bytes in a row of weights. */
  stride: number;
}

function addBits(code: Code, row: I32, { totals, stride, masks }: Totals & { masks: number }): void {
  const addRange = (start: I32 | number, end: I32): void => {
    const sums = totals.map(() => code.let(I16x8.zero()));
    code.for(start, end, GROUP, (k) => {
      const mask = code.let(I8x16.load(k, masks)), entries = code.let(row.add(k));
      sums.forEach((sum, j) => {
        code.set(sum, sum.add(I8x16.load(entries, j * stride).and(mask).pairSums()));
      });
    });
    totals.forEach((total, j) => code.set(total, total.add(sums[j].pairSums())));
  };
  if (stride <= EXACT) addRange(0, i32(stride));
  else code.for(0, i32(stride), EXACT, (start) => addRange(start, code.let(start.add(EXACT).minimum(stride))));
}

function addCounts(code: Code, row: I32, { totals, stride, counts }: Totals & { counts: number }): void {
  code.for(0, i32(stride), 8, (k) => {
    const values = code.let(I16x8.loadU8(k, counts)), entries = code.let(row.add(k));
    totals.forEach((total, j) => code.set(total, total.add(I16x8.loadS8(entries, j * stride).dot(values))));
  });
}

/** The sum of the lanes of each of four vectors, as the lanes of one. */
function addAcross(code: Code, vectors: readonly I32x4[]): I32x4 {
  const pick = (x: I32x4, y: I32x4, lanes: number[]): I32x4 => x.asFloats().shuffle(y.asFloats(), lanes).bits();
  const pairs = (x: I32x4, y: I32x4): I32x4 => code.let(pick(x, y, [0, 2, 4, 6]).add(pick(x, y, [1, 3, 5, 7])));
  const [a, b, c, d] = vectors;
  return pairs(pairs(a, b), pairs(c, d));
}
