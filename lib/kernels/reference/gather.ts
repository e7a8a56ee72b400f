/**
 * Batches gathered from compact storage, in plain TypeScript.
 *
 * @module
 */

/** See {@linkcode Kernels.gatherBytes}. */
export function gatherBytes(
  source: Uint8Array,
  rows: Uint32Array,
  out: Float32Array,
  options: { columns: number; factor: number; offset: number },
): void {
  const { columns, factor, offset } = options;
  for (let i = 0, to = 0; i < rows.length; i++) {
    const from = rows[i] * columns;
    for (let j = 0; j < columns; j++, to++) out[to] = source[from + j] * factor + offset;
  }
}

/** See {@linkcode Kernels.gatherSigns}. */
export function gatherSigns(
  codes: Uint8Array,
  rows: Uint32Array,
  out: Float32Array,
  options: { bits: number },
): void {
  const { bits } = options;
  const stride = (bits + 7) >> 3;
  for (let i = 0, to = 0; i < rows.length; i++) {
    const from = rows[i] * stride;
    for (let j = 0; j < bits; j++, to++) out[to] = (codes[from + (j >> 3)] >> (j & 7) & 1) * 2 - 1;
  }
}
