/**
 * How large a `.pnet` file can become, before anything is trained: the size of a stand-in of the same shape whose rows, thresholds and weights are
 * those that pack worst.
 *
 * @module
 */

import { bitsOf, hash32 } from "../projection/mod.ts";
import { digitsOf, type IntegerPrecision } from "./numbers.ts";
import { encodePnet } from "./encode.ts";
import type { HeadLayer, PnetModel } from "./model.ts";

/** The shape of a model: all but what data decide. */
export interface PnetPlan extends Omit<PnetModel, "thresholds" | "head"> {
  /** Rows of the projection (family conv: filters) will be selected from so many; not selected when left out. */
  pool?: number;
  /** The most bits of a stored threshold of a bit, up to 32; 0 when all are zero. */
  thresholdBits: number;
  /** The layers of the head; the inputs follow from what stands before. */
  head: readonly Pick<HeadLayer, "precision" | "tableBits" | "outputs">[];
}

/** Bits of a stored filter threshold. */
const filterThresholdBits = 8;

/** An upper bound of the bytes that a model of this shape takes; see `estimatePnetBytes` in on_demand.ts. */
export function estimatePnetBytes(plan: PnetPlan): number {
  const { pool, thresholdBits, projection } = plan;
  const { functions, bitsPerFunction } = projection;
  const bits = bitsOf(projection);
  const widest = (count: number, width: number): Int32Array =>
    new Int32Array(count).fill(width === 0 ? 0 : 2 ** (width - 1) - 1).fill(-(2 ** Math.max(0, width - 1)), 1);
  const spec = { ...projection };
  if (pool !== undefined) {
    const count = spec.family === "conv" ? functions : bits;
    // One gap that holds all that are left out: no other selection of as many rows has a longer Rice code under any parameter.
    spec.selection = { pool, indices: Uint32Array.from({ length: count }, (_, k) => pool - count + k) };
  }
  if (spec.family === "conv") spec.filterThresholds = widest(functions, filterThresholdBits);
  let inputs = bits;
  const head = plan.head.map((layer): HeadLayer => {
    if (layer.tableBits !== undefined) inputs = functions * 2 ** bitsPerFunction;
    const standIn = standInLayer({ ...layer, inputs });
    inputs = layer.outputs;
    return standIn;
  });
  const thresholds = thresholdBits === 0 ? new Int32Array(bits) : widest(bits, thresholdBits);
  return encodePnet({ ...plan, projection: spec, thresholds, head }).length;
}

/** Weights without any order that a coder could use, and scales and biases that differ from each other. */
function standInLayer(layer: Pick<HeadLayer, "precision" | "tableBits" | "outputs" | "inputs">): HeadLayer {
  const { precision, inputs, outputs } = layer;
  const count = inputs * outputs;
  if (precision === "float") {
    const floats = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i + 0.1);
    return { ...layer, weights: floats(count), scales: new Float32Array(0), bias: floats(outputs) };
  }
  const { least, step, base } = digitsOf(precision as IntegerPrecision);
  const weights = Int8Array.from(
    { length: count },
    (_, i) => least + step * Math.floor(hash32(0, 0, i) * base / 2 ** 32),
  );
  const each = Float32Array.from({ length: outputs }, (_, j) => j % 128);
  return { ...layer, weights, scales: each, bias: each };
}
