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
  /** Numbers of the features, ascending. */
  readonly features: Int32Array;
  /** [bits x features.length]. */
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
  const widest = Math.max(...blocks.map((block) => block.features.length));
  const inputs = currentRegion().float32(rowsAtOnce * widest);
  const products = currentRegion().float32(rowsAtOnce * bits);
  return {
    bits,
    project(source, { first, count }, out) {
      for (let row = 0; row < count; row += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, count - row);
        const target = out.subarray(row * bits, (row + rows) * bits);
        blocks.forEach((block, index) => {
          const inner = block.features.length;
          gatherBlock(source, (first + row) * features, inputs, { rows, features, block });
          const product = products.subarray(0, rows * bits);
          kernels().matmul(inputs.subarray(0, rows * inner), block.matrix, product, {
            rows,
            columns: bits,
            inner,
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
  const read = block.features;
  for (let i = 0, to = 0; i < rows; i++) {
    const start = from + i * features;
    for (let j = 0; j < read.length; j++, to++) out[to] = source[start + read[j]];
  }
}

/**
 * Cuts the matrix into blocks of features in which no row can leave the whole numbers that float32 holds. Features that no row reads are left out: rows of the
 * family patch that lie close together need a part of the image.
 */
function denseBlocks({ bits, features, row }: Required<Projection>): FeatureBlock[] {
  const entries = new Int8Array(bits * features);
  for (let k = 0; k < bits; k++) row(k, entries.subarray(k * features, (k + 1) * features));
  const blocks: FeatureBlock[] = [];
  const sums = new Float64Array(bits);
  let taken: number[] = [];
  const close = (): void => {
    const matrix = currentRegion().float32(bits * taken.length);
    for (let k = 0, to = 0; k < bits; k++) for (const feature of taken) matrix[to++] = entries[k * features + feature];
    blocks.push({ features: Int32Array.from(taken), matrix });
    sums.fill(0);
    taken = [];
  };
  for (let feature = 0; feature < features; feature++) {
    let read = false, full = false;
    for (let k = 0; k < bits; k++) {
      const most = 255 * Math.abs(entries[k * features + feature]);
      read ||= most > 0;
      full ||= sums[k] + most >= exactLimit;
    }
    if (!read) continue;
    if (full) close();
    taken.push(feature);
    for (let k = 0; k < bits; k++) sums[k] += 255 * Math.abs(entries[k * features + feature]);
  }
  if (taken.length === 0 && blocks.length === 0) taken.push(0);
  if (taken.length > 0) close();
  return blocks;
}

/** Writes the codes of rows of bytes, [count x codeBytes]. */
export type RowEncoder = (data: { features: Uint8Array; count: number }, codes: Uint8Array) => void;

/**
 * Prepares the codes of rows that come block by block: packed bits, each set where the projection lies above its threshold, or without thresholds the projected
 * values, which have to be 0...255.
 */
export function prepareRowEncoder(projector: RowProjector, thresholds: Int32Array | null): RowEncoder {
  const { bits } = projector;
  const stride = (bits + 7) >> 3;
  const values = new Int32Array(rowsAtOnce * bits);
  return (data, codes) => {
    for (let first = 0; first < data.count; first += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, data.count - first);
      projector.project(data.features, { first, count }, values);
      if (thresholds === null) {
        codes.set(values.subarray(0, count * bits), first * bits);
        continue;
      }
      for (let i = 0; i < count; i++) {
        const at = (first + i) * stride;
        packBits(values.subarray(i * bits, (i + 1) * bits), thresholds, codes.subarray(at, at + stride));
      }
    }
  };
}
