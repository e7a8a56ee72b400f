/**
 * The conv family: a random projection of every small window of the image rather than of the whole. A filter of −1 and +1 is laid on every position; where
 * its sum exceeds the filter's threshold it responds; the projected value is the number of responses in a cell of positions. The filters are regenerated
 * from the seed like the rows of any other family ({@linkcode signRow}), so that only their thresholds take room in a file.
 *
 * @module
 */

import { columnTerms, prepareColumnProduct } from "./column_product.ts";
import { signRow } from "./sign.ts";
import { convLayout, type ConvSpec, sourceRow } from "./spec.ts";

/**
 * Generates one filter. Tap (y·filter + x)·channels + c belongs to channel c of the pixel x to the right of and y below the filter's position.
 *
 * @param spec the projection
 * @param filter its number in the code, 0…functions − 1
 * @param out [filter² × channels] receives −1 and +1
 */
export function convFilter(spec: ConvSpec, filter: number, out: Int8Array): void {
  signRow({ seed: spec.seed, row: sourceRow(spec, filter) }, out);
}

/**
 * The starts of the windows in the image and of the rows of pixels in a window, as offsets of features.
 *
 * @param spec the projection
 * @returns [positions] and [filter² × channels] offsets; feature = window + tap
 */
export function convOffsets(spec: ConvSpec): { windows: Int32Array; taps: Int32Array } {
  const { image: { width, channels }, filter, stride } = spec;
  const { positionsAcross, positionsDown } = convLayout(spec);
  const windows = new Int32Array(positionsAcross * positionsDown);
  for (let p = 0; p < windows.length; p++) {
    const y = Math.floor(p / positionsAcross), x = p % positionsAcross;
    windows[p] = (y * width + x) * stride * channels;
  }
  const row = filter * channels;
  const taps = Int32Array.from({ length: filter * row }, (_, t) => Math.floor(t / row) * width * channels + t % row);
  return { windows, taps };
}

/** A rectangle of positions, the last ones excluded. */
export interface ConvCell {
  /** First position from the left. */
  left: number;
  /** Position after the last from the left. */
  right: number;
  /** First position from the top. */
  top: number;
  /** Position after the last from the top. */
  bottom: number;
}

/**
 * The cells of a convolution, row by row from the top.
 *
 * @param spec the projection
 * @returns [bitsPerFunction] cells, clipped
 */
export function convCells(spec: ConvSpec): ConvCell[] {
  const { cell, cellStride } = spec;
  const { positionsAcross, positionsDown, cellsAcross, cellsDown } = convLayout(spec);
  return Array.from({ length: cellsAcross * cellsDown }, (_, i) => {
    const left = i % cellsAcross * cellStride, top = Math.floor(i / cellsAcross) * cellStride;
    return {
      left,
      right: Math.min(left + cell, positionsAcross),
      top,
      bottom: Math.min(top + cell, positionsDown),
    };
  });
}

/**
 * Prepares the filters and the sums. At each position the taps on pixels that are not zero go through a {@linkcode ColumnProduct} with all filters at
 * once; positions whose window is empty are counted without.
 *
 * @param spec the projection
 * @returns the product: writes the count of filter j in cell i to `out[j·cells + i]`
 */
export function prepareConvProduct(spec: ConvSpec): (x: ArrayLike<number>, out: Int32Array) => void {
  const { functions, filterThresholds: thresholds, bitsPerFunction } = spec;
  const { windows, taps } = convOffsets(spec);
  const { positionsAcross, cellsAcross } = convLayout(spec);
  const terms = columnTerms(taps.length);
  const { indices, values } = terms;
  const sums = new Int32Array(functions);
  const responses = new Uint8Array(functions);
  const atZero = Uint8Array.from(thresholds, (threshold) => Number(0 > threshold));
  const product = prepareColumnProduct({
    rows: functions,
    columns: taps.length,
    scale: 2,
    offset: 1,
    largest: 1,
    row: (j, out) => convFilter(spec, j, out),
  });
  // The cells that a row or a column of positions belongs to are consecutive.
  const across = membership(spec, positionsAcross), down = membership(spec, windows.length / positionsAcross);

  return (x, out) => {
    out.fill(0, 0, functions * bitsPerFunction);
    for (let p = 0, column = 0, row = 0; p < windows.length; p++) {
      const window = windows[p];
      let count = 0;
      for (let t = 0; t < taps.length; t++) {
        const value = x[window + taps[t]];
        indices[count] = t;
        values[count] = value;
        count += Number(value > 0);
      }
      let found = atZero;
      if (count > 0) {
        terms.count = count;
        product(terms, sums);
        for (let j = 0; j < functions; j++) responses[j] = Number(sums[j] > thresholds[j]);
        found = responses;
      }
      for (let v = down.first[row]; v <= down.last[row]; v++) {
        for (let u = across.first[column]; u <= across.last[column]; u++) {
          for (let j = 0, at = v * cellsAcross + u; j < functions; j++, at += bitsPerFunction) out[at] += found[j];
        }
      }
      if (++column === positionsAcross) {
        column = 0;
        row++;
      }
    }
  };
}

/** The first and the last cell of each position along one side. */
function membership({ cell, cellStride }: ConvSpec, positions: number): { first: Int32Array; last: Int32Array } {
  const cells = Math.ceil(Math.max(0, positions - cell) / cellStride) + 1;
  const first = Int32Array.from({ length: positions }, (_, p) => Math.max(0, Math.ceil((p - cell + 1) / cellStride)));
  const last = Int32Array.from({ length: positions }, (_, p) => Math.min(cells - 1, Math.floor(p / cellStride)));
  return { first, last };
}
