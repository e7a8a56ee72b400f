/**
 * Codes of many rows at once. A dense projection becomes a float matrix product over blocks of features so narrow that every sum is a whole number
 * below 2^24, which float32 holds exactly in whatever order it is added: the bits are those of the plain integer projection.
 *
 * @module
 */
import { currentRegion, kernels } from "../kernels/mod.ts";
import { packBits, type Projection } from "../projection/mod.ts";
import { prepareConvRows } from "./conv_rows.ts";

const rowsAtOnce = 256;
const exactLimit = 2 ** 24;

/** Projects rows of bytes, many at a time. */
export interface RowProjector {
  /** Number of values a row. */
  readonly bits: number;
  /** Writes the dot products of `count` rows from row `first` on, [count x bits]. */
  project(features: Uint8Array, rows: { first: number; count: number }, out: Int32Array): void;
}

interface FeatureBlock {
  readonly start: number;
  readonly width: number;
  /** [bits x width]. */
  readonly matrix: Float32Array;
}

/** Prepares a projection for many rows. A dense one keeps its matrix in the current region. */
export function prepareRowProjector(projection: Projection): RowProjector {
  const { bits, features, spec } = projection;
  if (spec.family === "conv") {
    const rows = prepareConvRows(spec);
    if (rows !== null) return rows;
  }
  if (projection.row === undefined) {
    return {
      bits,
      project(source, { first, count }, out) {
        for (let i = 0; i < count; i++) {
          const start = (first + i) * features;
          projection.project(source.subarray(start, start + features), out.subarray(i * bits, (i + 1) * bits));
        }
      },
    };
  }
  const blocks = denseBlocks(projection as Required<Projection>);
  const widest = Math.max(...blocks.map(({ width }) => width));
  const inputs = currentRegion().float32(rowsAtOnce * widest);
  const products = currentRegion().float32(rowsAtOnce * bits);
  return {
    bits,
    project(source, { first, count }, out) {
      for (let row = 0; row < count; row += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, count - row);
        const target = out.subarray(row * bits, (row + rows) * bits);
        blocks.forEach((block, index) => {
          gatherBlock(source, (first + row) * features, inputs, { rows, features, block });
          const product = products.subarray(0, rows * bits);
          kernels().matmul(inputs.subarray(0, rows * block.width), block.matrix, product, {
            rows,
            columns: bits,
            inner: block.width,
            transposeB: true,
          });
          if (index === 0) { for (let i = 0; i < product.length; i++) target[i] = product[i]; }
          else for (let i = 0; i < product.length; i++) target[i] += product[i];
        });
      }
    },
  };
}

function gatherBlock(
  source: Uint8Array,
  from: number,
  out: Float32Array,
  { rows, features, block }: { rows: number; features: number; block: FeatureBlock },
): void {
  for (let i = 0, to = 0; i < rows; i++) {
    for (let at = from + i * features + block.start, end = at + block.width; at < end; at++, to++) out[to] = source[at];
  }
}

/** Cuts the matrix into blocks of features in which no row can leave the whole numbers that float32 holds. */
function denseBlocks({ bits, features, row }: Required<Projection>): FeatureBlock[] {
  const entries = new Int8Array(bits * features);
  for (let k = 0; k < bits; k++) row(k, entries.subarray(k * features, (k + 1) * features));
  const blocks: FeatureBlock[] = [];
  const sums = new Float64Array(bits);
  let start = 0;
  for (let feature = 0; feature <= features; feature++) {
    let full = feature === features;
    for (let k = 0; k < bits && !full; k++) {
      full = sums[k] + 255 * Math.abs(entries[k * features + feature]) >= exactLimit;
    }
    if (full) {
      const width = feature - start;
      const matrix = currentRegion().float32(bits * width);
      for (let k = 0; k < bits; k++) {
        matrix.set(entries.subarray(k * features + start, k * features + feature), k * width);
      }
      blocks.push({ start, width, matrix });
      sums.fill(0);
      start = feature;
    }
    if (feature < features) {
      for (let k = 0; k < bits; k++) sums[k] += 255 * Math.abs(entries[k * features + feature]);
    }
  }
  return blocks;
}

/** The packed codes of all rows, [count x ceil(bits / 8)]: bit k is set where the projection lies above its threshold. */
export function encodeRows(
  projector: RowProjector,
  thresholds: Int32Array,
  data: { features: Uint8Array; count: number },
): Uint8Array {
  const { bits } = projector;
  const stride = (bits + 7) >> 3;
  const codes = new Uint8Array(data.count * stride);
  const values = new Int32Array(rowsAtOnce * bits);
  for (let first = 0; first < data.count; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, data.count - first);
    projector.project(data.features, { first, count }, values);
    for (let i = 0; i < count; i++) {
      const at = (first + i) * stride;
      packBits(values.subarray(i * bits, (i + 1) * bits), thresholds, codes.subarray(at, at + stride));
    }
  }
  return codes;
}

/** The counts of all rows, [count x bits], for a projection whose values are 0...255. */
export function encodeCounts(projector: RowProjector, data: { features: Uint8Array; count: number }): Uint8Array {
  const { bits } = projector;
  const counts = new Uint8Array(data.count * bits);
  const values = new Int32Array(rowsAtOnce * bits);
  for (let first = 0; first < data.count; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, data.count - first);
    projector.project(data.features, { first, count }, values);
    counts.set(values.subarray(0, count * bits), first * bits);
  }
  return counts;
}
