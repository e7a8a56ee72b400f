/**
 * Counts of the family conv for many images at once: the windows of a few images become the columns of a float matrix, all filters are applied by one matrix
 * product, and what exceeds a filter's threshold is counted cell by cell. Sums are whole numbers below 2^24, which float32 holds exactly.
 *
 * @module
 */
import { spreadRows, type StoredRows, takeRows } from "../data/mod.ts";
import { currentRegion, kernels } from "../kernels/mod.ts";
import {
  compactThresholds,
  convCells,
  convFilter,
  convOffsets,
  type ConvSpec,
  sourceRow,
  spreadQuantile,
} from "../projection/mod.ts";
import type { RowProjector } from "./encode_rows.ts";
import type { QuantileRange } from "./projection_options.ts";

const exactLimit = 2 ** 24;
/** Columns of a product: enough to keep the kernels busy, few enough to stay in the cache. */
const columnsAtOnce = 4096;
/** Most responses of a filter from which its threshold is estimated. */
const thresholdSample = 2 ** 17;

/** The responses of filters to some images. */
interface ConvResponses {
  /** Most images at a time. */
  readonly images: number;
  /** Positions of an image. */
  readonly positions: number;
  /** Computes [filters x (count x positions)] for images that begin at the given features; the array is reused. */
  compute(source: Uint8Array, starts: readonly number[]): Float32Array;
}

/** Prepares the product in the current region. */
function prepareResponses(spec: ConvSpec): ConvResponses {
  const { functions } = spec;
  const { windows, taps } = convOffsets(spec);
  const positions = windows.length;
  const images = Math.max(1, Math.floor(columnsAtOnce / positions));
  const filters = currentRegion().float32(functions * taps.length);
  const entries = new Int8Array(taps.length);
  for (let j = 0; j < functions; j++) {
    convFilter(spec, j, entries);
    filters.set(entries, j * taps.length);
  }
  const columns = currentRegion().float32(taps.length * images * positions);
  const products = currentRegion().float32(functions * images * positions);
  return {
    images,
    positions,
    compute(source, starts) {
      const width = starts.length * positions;
      for (let t = 0, to = 0; t < taps.length; t++) {
        for (const start of starts) {
          const from = start + taps[t];
          for (let p = 0; p < positions; p++) columns[to++] = source[from + windows[p]];
        }
      }
      const out = products.subarray(0, functions * width);
      kernels().matmul(filters, columns.subarray(0, taps.length * width), out, {
        rows: functions,
        columns: width,
        inner: taps.length,
      });
      return out;
    },
  };
}

/** Prepares the counts of many images in the current region, or gives null when float32 does not hold the sums. */
export function prepareConvRows(spec: ConvSpec): RowProjector | null {
  const { functions, features, bitsPerFunction, filter, image, filterThresholds } = spec;
  if (255 * filter * filter * image.channels >= exactLimit) return null;
  const responses = prepareResponses(spec);
  const { positions } = responses;
  const cells = convCells(spec);
  const across = Math.max(...cells.map(({ right }) => right));
  const bits = functions * bitsPerFunction;
  return {
    bits,
    project(source, { first, count }, out) {
      for (let row = 0; row < count; row += responses.images) {
        const rows = Math.min(responses.images, count - row);
        const starts = Array.from({ length: rows }, (_, i) => (first + row + i) * features);
        const found = responses.compute(source, starts);
        for (let j = 0, at = 0; j < functions; j++) {
          const threshold = filterThresholds[j];
          for (let i = 0; i < rows; i++, at += positions) {
            const to = (row + i) * bits + j * bitsPerFunction;
            for (let c = 0; c < bitsPerFunction; c++) out[to + c] = countAbove(found, threshold, at, cells[c], across);
          }
        }
      }
    },
  };
}

/** Number of responses above the threshold in a cell of the image whose responses begin at `at`. */
function countAbove(
  found: Float32Array,
  threshold: number,
  at: number,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
  across: number,
): number {
  let count = 0;
  for (let v = top; v < bottom; v++) {
    for (let p = at + v * across + left, end = at + v * across + right; p < end; p++) {
      count += Number(found[p] > threshold);
    }
  }
  return count;
}

/**
 * Thresholds of filters at quantiles of their responses.
 *
 * @param spec the projection; its own thresholds do not count
 * @param data images to learn from; a part of them, spread evenly, is enough
 * @param options quantile of the responses, 0...1, or the two that those of the filters spread between, and bits of a stored threshold
 */
export function fitFilterThresholds(
  spec: ConvSpec,
  data: { features: Uint8Array | StoredRows; count: number },
  { quantile, width = 8 }: { quantile: QuantileRange; width?: number },
): Int32Array {
  const responses = prepareResponses(spec);
  const { positions } = responses;
  const chosen = spreadRows(data.count, Math.max(1, Math.floor(thresholdSample / positions)));
  const sample = takeRows({ features: data.features, featureLength: spec.features }, chosen);
  const images = chosen.length;
  const all = Array.from({ length: spec.functions }, () => new Float32Array(images * positions));
  for (let first = 0; first < images; first += responses.images) {
    const count = Math.min(responses.images, images - first);
    const starts = Array.from({ length: count }, (_, i) => (first + i) * spec.features);
    const found = responses.compute(sample, starts);
    const columns = count * positions;
    all.forEach((values, j) => values.set(found.subarray(j * columns, (j + 1) * columns), first * positions));
  }
  const exact = Int32Array.from(all, (values, j) => {
    const own = typeof quantile === "number" ? quantile : spreadQuantile(sourceRow(spec, j), quantile);
    return nthSmallest(values, Math.floor((values.length - 1) * own));
  });
  return compactThresholds(exact, width);
}

/** The value that would stand at place `n` were the values sorted; they change places (quickselect, Hoare 1961). */
function nthSmallest(values: Float32Array, n: number): number {
  for (let from = 0, to = values.length - 1; from < to;) {
    const pivot = values[(from + to) >>> 1];
    let low = from, high = to;
    while (low <= high) {
      while (values[low] < pivot) low++;
      while (values[high] > pivot) high--;
      if (low > high) break;
      const value = values[low];
      values[low++] = values[high];
      values[high--] = value;
    }
    if (n <= high) to = high;
    else if (n >= low) from = low;
    else break;
  }
  return values[n];
}
