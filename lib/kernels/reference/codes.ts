/**
 * Kernels over binary codes and bytes in plain TypeScript: packing, the sums of binary and of table heads, and the gathering of rows as floats.
 *
 * @module
 */

/** See {@linkcode Kernels.packBits}. */
export function packBits(
  values: Float32Array,
  thresholds: Float32Array | Int32Array,
  out: Uint8Array,
  options: { rows: number; bits: number },
): void {
  const { rows, bits } = options;
  for (let i = 0, from = 0, to = 0; i < rows; i++) {
    for (let first = 0; first < bits; first += 8, to++) {
      let byte = 0;
      for (let j = first, end = Math.min(first + 8, bits); j < end; j++, from++) {
        if (values[from] > thresholds[j]) byte |= 1 << (j - first);
      }
      out[to] = byte;
    }
  }
}

/** See {@linkcode Kernels.popcountMatmul}. */
export function popcountMatmul(
  codes: Uint8Array,
  signs: Uint8Array,
  out: Int32Array,
  options: { rows: number; bytes: number; outputs: number },
): void {
  const { rows, bytes, outputs } = options;
  for (let i = 0; i < rows; i++) {
    const code = i * bytes;
    let all = 0;
    for (let k = 0; k < bytes; k++) all += popcount(codes[code + k]);
    for (let j = 0; j < outputs; j++) {
      const sign = j * bytes;
      let positive = 0;
      for (let k = 0; k < bytes; k++) positive += popcount(codes[code + k] & signs[sign + k]);
      out[i * outputs + j] = 2 * positive - all;
    }
  }
}

/** How many bits of a byte are set. */
function popcount(byte: number): number {
  const pairs = byte - (byte >> 1 & 0x55);
  const fours = (pairs & 0x33) + (pairs >> 2 & 0x33);
  return (fours & 0x0f) + (fours >> 4);
}

/** See {@linkcode Kernels.lookupSums}. */
export function lookupSums<Values extends Float32Array | Int32Array>(
  indices: Int32Array,
  tables: Values,
  out: Values,
  options: { rows: number; functions: number; bits: number; outputs: number },
): void {
  const { rows, functions, bits, outputs } = options;
  const entries = 2 ** bits;
  for (let i = 0; i < rows; i++) {
    const to = i * outputs;
    out.fill(0, to, to + outputs);
    for (let t = 0; t < functions; t++) {
      const from = (t * entries + (indices[i * functions + t] & entries - 1)) * outputs;
      for (let j = 0; j < outputs; j++) out[to + j] += tables[from + j];
    }
  }
}

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
