/**
 * Lookup tables in WebAssembly: of each table the row that its d bits select is added, exactly, then the sums are scaled as FORMAT.md, "Arithmetic", says.
 *
 * @module
 */

import {
  type FunctionReference,
  I16x8,
  I32,
  i32,
  i32x4,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import type { HeadLayer } from "../model.ts";
import type { CodeArea } from "./code_area.ts";
import { finish, placeFactors } from "./finish.ts";
import type { Layout } from "./layout.ts";

/** Outputs that are summed at once. */
const OUTPUTS = 8;

/**
 * Adds the function that computes a layer of lookup tables.
 *
 * @param module gets the function: (address of the outputs, in vectors of four)
 * @param layout gets the tables
 * @param layer the layer
 * @param area where the code stands
 * @returns the function
 */
export function defineTableLayer(
  module: ModuleBuilder,
  layout: Layout,
  layer: HeadLayer,
  area: CodeArea,
): FunctionReference {
  const { inputs, outputs } = layer;
  const tableBits = layer.tableBits!, tables = inputs >>> tableBits;
  const width = OUTPUTS * Math.ceil(outputs / OUTPUTS);
  const table = new Int8Array(inputs * width);
  for (let j = 0; j < outputs; j++) {
    for (let i = 0; i < inputs; i++) table[i * width + j] = layer.weights[j * inputs + i];
  }
  const rows = layout.place(table);
  const factors = placeFactors(layout, layer);
  // The address of the row of each table.
  const selected = layout.reserve(4 * tables);
  const sums = layout.reserve(4 * width);

  return module.function({ out: I32 }, (code, { out }) => {
    const bit = code.let(i32(0)), start = code.let(i32(rows));
    code.for(0, i32(4 * tables), 4, (at) => {
      const bits = bit.shiftRight(3).loadI32(area.packed).shiftRight(bit.and(7)).and(2 ** tableBits - 1);
      code.storeI32(at, start.add(bits.multiply(width)), selected);
      code.increase(bit, tableBits);
      code.increase(start, width << tableBits);
    });
    code.for(0, i32(width), OUTPUTS, (first) => {
      const low = code.let(i32x4(0, 0, 0, 0)), high = code.let(i32x4(0, 0, 0, 0));
      code.for(0, i32(4 * tables), 4, (at) => {
        const weights = code.let(I16x8.loadS8(at.loadI32(selected).add(first)));
        code.set(low, low.add(weights.low()));
        code.set(high, high.add(weights.high()));
      });
      const place = code.let(first.shiftLeft(2));
      code.store(place, low, sums);
      code.store(place, high, sums + 16);
    });
    code.for(0, i32(4 * outputs), 16, (at) => {
      code.store(out.add(at), finish(at, at.loadF32x4(sums).bits().toFloats(), factors));
    });
  });
}
