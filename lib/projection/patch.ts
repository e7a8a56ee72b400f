/**
 * The patch family: each row is a rectangle of −1 and +1 of random size at a random place of the image. Neighbouring pixels belong together, so that a bit
 * of a small region says more of an image than one of pixels drawn from everywhere.
 *
 * @module
 */

import type { RowAddress } from "./gaussian.ts";
import { hashColumn, rowKey } from "./hash.ts";
import type { PatchSpec } from "./spec.ts";

/** ⌊h·range / 2^32⌋ exactly; the range is below 2^23. */
function scaleHash(h: number, range: number): number {
  return Math.floor(((h >>> 16) * range + Math.floor((h & 0xffff) * range / 0x10000)) / 0x10000);
}

/**
 * Writes the entries of one row, pixel by pixel. With h_c = `hash32(seed, row, c)` and scale(h, m) = ⌊h·m / 2^32⌋, the patch is
 * smallest + scale(h_0, min(largest, width) − smallest + 1) pixels wide, as high with h_1 and the height, begins at the column scale(h_2, width − its width + 1) and at
 * the row scale(h_3, height − its height + 1). Entry i, counted row by row with the channels of a pixel together, is +1 when bit i mod 32 (lowest first) of
 * h_(4 + ⌊i / 32⌋) is set, else −1.
 *
 * @param address seed and row
 * @param out room for the largest patch: `feature` for an entry +1, `~feature` for −1
 * @param options image, smallest and largest side
 * @returns number of entries written
 */
export function patchRow(
  address: RowAddress,
  out: Int32Array,
  options: Pick<PatchSpec, "image" | "smallest" | "largest">,
): number {
  const { image: { width, height, channels }, smallest, largest } = options;
  const key = rowKey(address.seed, address.row);
  const across = smallest + scaleHash(hashColumn(key, 0), Math.min(largest, width) - smallest + 1);
  const down = smallest + scaleHash(hashColumn(key, 1), Math.min(largest, height) - smallest + 1);
  const left = scaleHash(hashColumn(key, 2), width - across + 1);
  const top = scaleHash(hashColumn(key, 3), height - down + 1);
  let count = 0, h = 0;
  for (let y = top; y < top + down; y++) {
    const from = (y * width + left) * channels;
    for (let feature = from; feature < from + across * channels; feature++, h >>>= 1) {
      if ((count & 31) === 0) h = hashColumn(key, 4 + (count >>> 5));
      out[count++] = feature ^ ((h & 1) - 1);
    }
  }
  return count;
}
