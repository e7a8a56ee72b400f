/**
 * The conv family: a random projection of every small window of the image rather than of the whole. A filter of -1 and +1 is laid on every position; where
 * its sum exceeds the filter's threshold it responds; the projected value is the number of responses in a cell of positions. The filters are regenerated
 * from the seed like the rows of any other family ({@linkcode signRow}), so that only their thresholds take room in a file.
 *
 * @module
 */

import { signRow } from "./rows.ts";
import { convLayout, type ConvSpec, sourceRow } from "./spec.ts";

/**
 * Generates one filter. Tap (y*filter + x)*channels + c belongs to channel c of the pixel x to the right of and y below the filter's position.
 *
 * @param spec the projection
 * @param filter its number in the code, 0...functions - 1
 * @param out [filter^2 x channels] receives -1 and +1
 */
export function convFilter(spec: ConvSpec, filter: number, out: Int8Array): void {
  signRow({ seed: spec.seed, row: sourceRow(spec, filter) }, out);
}

/**
 * The starts of the windows in the image and of the rows of pixels in a window, as offsets of features.
 *
 * @param spec the projection
 * @returns [positions] and [filter^2 x channels] offsets; feature = window + tap
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
 * Prepares the filters and the sums. A pixel that is not zero is added to all windows that it lies in, for several filters at once: a float64 holds 52 bits
 * exactly, so the sums over the taps +1 of four filters (two or one when they can grow large) stand side by side in one number. The sum over all taps of a
 * window, S, gives a filter's sum as 2*(sum over taps +1) - S.
 *
 * @param spec the projection
 * @returns the product: writes the count of filter j in cell i to `out[j*cells + i]`
 */
export function prepareConvProduct(spec: ConvSpec): (x: ArrayLike<number>, out: Int32Array) => void {
  const { functions, filterThresholds: thresholds, bitsPerFunction: cells, image, filter, stride, cell, cellStride } =
    spec;
  const { width, height, channels } = image;
  const { positionsAcross, positionsDown, cellsAcross, cellsDown } = convLayout(spec);
  const positions = positionsAcross * positionsDown;
  const greatest = 255 * filter * filter * channels;
  const lanes = greatest < 0x2000 ? 4 : greatest < 0x4000000 ? 2 : 1;
  const words = Math.ceil(functions / lanes);
  const taps = packTaps(spec, lanes);
  const across = placements({ size: filter, stride, side: width, count: positionsAcross });
  const down = placements({ size: filter, stride, side: height, count: positionsDown });
  // Cells lie on the positions as windows lie on the pixels.
  const cellsOver = placements({ size: cell, stride: cellStride, side: positionsAcross, count: cellsAcross });
  const cellsBelow = placements({ size: cell, stride: cellStride, side: positionsDown, count: cellsDown });
  const sums = new Float64Array(positions * words);
  const totals = new Int32Array(positions);
  const responses = new Uint8Array(words * lanes);
  const known = { words, lanes, thresholds, responses };
  const atZero = Uint8Array.from(thresholds, (threshold) => Number(0 > threshold));
  const anyAtZero = atZero.includes(1);
  const counts = new Int32Array(cells * functions);

  return (x, out) => {
    sums.fill(0);
    totals.fill(0);
    counts.fill(0);
    for (let row = 0, feature = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++, feature++) {
          const value = x[feature];
          if (value === 0) continue;
          for (let i = down.start[row]; i < down.start[row + 1]; i++) {
            const firstPosition = down.window[i] * positionsAcross, firstTap = down.offset[i] * filter;
            for (let j = across.start[column]; j < across.start[column + 1]; j++) {
              const position = firstPosition + across.window[j];
              totals[position] += value;
              const to = position * words, from = ((firstTap + across.offset[j]) * channels + channel) * words;
              for (let w = 0; w < words; w++) sums[to + w] += value * taps[from + w];
            }
          }
        }
      }
    }
    for (let v = 0, position = 0; v < positionsDown; v++) {
      for (let u = 0; u < positionsAcross; u++, position++) {
        const total = totals[position];
        if (total === 0 && !anyAtZero) continue;
        if (total > 0) unpackLanes(sums, position * words, total, known);
        const found = total > 0 ? responses : atZero;
        for (let b = cellsBelow.start[v]; b < cellsBelow.start[v + 1]; b++) {
          for (let a = cellsOver.start[u]; a < cellsOver.start[u + 1]; a++) {
            let at = (cellsBelow.window[b] * cellsAcross + cellsOver.window[a]) * functions;
            for (let j = 0; j < functions; j++) counts[at++] += found[j];
          }
        }
      }
    }
    for (let j = 0, to = 0; j < functions; j++) {
      for (let cell = 0; cell < cells; cell++, to++) out[to] = counts[cell * functions + j];
    }
  };
}

/** The taps +1 as ones, [taps x words], `lanes` filters side by side in a number. */
function packTaps(spec: ConvSpec, lanes: number): Float64Array {
  const words = Math.ceil(spec.functions / lanes);
  const entries = new Int8Array(spec.filter * spec.filter * spec.image.channels);
  const packed = new Float64Array(entries.length * words);
  for (let j = 0; j < spec.functions; j++) {
    convFilter(spec, j, entries);
    const unit = 2 ** (52 / lanes * (j % lanes));
    for (let t = 0, at = Math.floor(j / lanes); t < entries.length; t++, at += words) {
      if (entries[t] > 0) packed[at] += unit;
    }
  }
  return packed;
}

interface Lanes {
  words: number;
  lanes: number;
  thresholds: Int32Array;
  responses: Uint8Array;
}

/** Writes which filters respond at a position: 2*sum > threshold + total. */
function unpackLanes(
  sums: Float64Array,
  from: number,
  total: number,
  { words, lanes, thresholds, responses }: Lanes,
): void {
  for (let w = 0, j = 0; w < words; w++) {
    const sum = sums[from + w];
    if (lanes === 1) {
      responses[j] = Number(2 * sum > thresholds[j++] + total);
      continue;
    }
    const high = (sum / 0x4000000) | 0, low = (sum - high * 0x4000000) | 0;
    if (lanes === 2) {
      responses[j] = Number(2 * low > thresholds[j++] + total);
      responses[j] = Number(2 * high > thresholds[j++] + total);
    } else {
      responses[j] = Number(2 * (low & 0x1fff) > thresholds[j++] + total);
      responses[j] = Number(2 * (low >>> 13) > thresholds[j++] + total);
      responses[j] = Number(2 * (high & 0x1fff) > thresholds[j++] + total);
      responses[j] = Number(2 * (high >>> 13) > thresholds[j++] + total);
    }
  }
}

/** Lists of what belongs to each place of a side: from `start[i]` to before `start[i + 1]`. */
interface Placements {
  start: Int32Array;
  window: Int32Array;
  offset: Int32Array;
}

/** The windows along one side that hold a place, and where in the window it lies. */
function placements({ size, stride, side, count }: Record<"size" | "stride" | "side" | "count", number>): Placements {
  const start = new Int32Array(side + 1);
  const window = new Int32Array(count * size), offset = new Int32Array(count * size);
  let found = 0;
  for (let place = 0; place < side; place++) {
    for (let i = Math.max(0, Math.ceil((place - size + 1) / stride)); i < count && i * stride <= place; i++) {
      window[found] = i;
      offset[found++] = place - i * stride;
    }
    start[place + 1] = found;
  }
  return { start, window, offset };
}
