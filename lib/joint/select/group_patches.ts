/**
 * The order in which patches are generated: those that lie close together and are about as large read the same pixels, so that a block of them needs a small
 * part of the image. The patches are split as a k-d tree splits points (Bentley 1975), by the coordinate of their rectangles that varies most.
 *
 * @module
 */
import { patchRow, type PatchSpec } from "../../projection/mod.ts";

/** The rectangles of patches: left, top, right and bottom pixel of each. */
interface Rectangles {
  /** [patches x 4] */
  readonly sides: Int32Array;
  /** Places of the patches, in the order that is being made. */
  readonly order: Uint32Array;
}

/**
 * Puts rows of a pool of patches in an order whose blocks each lie close together.
 *
 * @param spec the projection; a selection in it does not count
 * @param rows numbers of rows in the pool
 * @param blockSize rows of a block
 * @returns the rows, ascending in each block
 */
export function groupPatches(spec: PatchSpec, rows: Uint32Array, blockSize: number): Uint32Array {
  const { image: { width, height, channels }, seed, largest } = spec;
  const entries = new Int32Array(Math.min(largest, width) * Math.min(largest, height) * channels);
  const sides = new Int32Array(rows.length * 4);
  rows.forEach((row, i) => {
    const count = patchRow({ seed, row }, entries, spec);
    [entries[0], entries[count - 1]].forEach((entry, corner) => {
      const pixel = Math.floor((entry ^ (entry >> 31)) / channels);
      sides[4 * i + 2 * corner] = pixel % width;
      sides[4 * i + 2 * corner + 1] = Math.floor(pixel / width);
    });
  });
  const order = Uint32Array.from(rows, (_, i) => i);
  split({ sides, order }, blockSize);
  const arranged = Uint32Array.from(order, (i) => rows[i]);
  for (let first = 0; first < arranged.length; first += blockSize) arranged.subarray(first, first + blockSize).sort();
  return arranged;
}

/** Orders by the side that varies most, halves at a whole number of blocks, and does the same to both halves. */
function split({ sides, order }: Rectangles, blockSize: number): void {
  if (order.length <= blockSize) return;
  let widest = 0, side = 0;
  for (let s = 0; s < 4; s++) {
    let least = Infinity, most = -Infinity;
    for (const i of order) {
      least = Math.min(least, sides[4 * i + s]);
      most = Math.max(most, sides[4 * i + s]);
    }
    if (most - least > widest) [widest, side] = [most - least, s];
  }
  order.sort((a, b) => sides[4 * a + side] - sides[4 * b + side] || a - b);
  const middle = Math.ceil(order.length / blockSize / 2) * blockSize;
  split({ sides, order: order.subarray(0, middle) }, blockSize);
  split({ sides, order: order.subarray(middle) }, blockSize);
}
