/**
 * The mask of dropout in plain TypeScript.
 *
 * @module
 */
import { hashColumn, rowKey } from "../../projection/mod.ts";

/** See {@linkcode Kernels.dropoutMask}. */
export function dropoutMask(
  out: Float32Array,
  options: { seed: number; step: number; limit: number; kept: number },
): void {
  const { seed, step, limit, kept } = options;
  const key = rowKey(seed, step);
  for (let i = 0; i < out.length; i++) out[i] = hashColumn(key, i) < limit ? 0 : kept;
}
