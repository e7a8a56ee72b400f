/**
 * The end of a layer's arithmetic (FORMAT.md): the sum is scaled where the precision has scales, rounded, and the bias added.
 *
 * @module
 */

import type { F32x4, I32 } from "../../kernels/wasm/assembler/mod.ts";
import type { HeadLayer } from "../model.ts";
import type { Layout } from "./layout.ts";

/** Addresses of the vectors that finish a layer. */
export interface Factors {
  /** Absent for float layers. */
  readonly scales?: number;
  /** Biases. */
  readonly bias: number;
}

/**
 * Places a layer's scales and biases.
 *
 * @param layout gets them
 * @param layer the layer
 * @returns their addresses
 */
export function placeFactors(layout: Layout, { precision, scales, bias }: HeadLayer): Factors {
  return precision === "float"
    ? { bias: layout.place(bias) }
    : { scales: layout.place(scales), bias: layout.place(bias) };
}

/**
 * The results of four outputs.
 *
 * @param at number of the first, times 4
 * @param sums their sums
 * @param factors of the layer
 * @returns scale * sum + bias, each operation rounded
 */
export function finish(at: I32, sums: F32x4, { scales, bias }: Factors): F32x4 {
  const scaled = scales === undefined ? sums : at.loadF32x4(scales).multiply(sums);
  return scaled.add(at.loadF32x4(bias));
}
