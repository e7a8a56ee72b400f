/**
 * What the trainer network sees, gathered batch by batch from compact storage: the features of a data set as standardised floats, or lists of tokens.
 *
 * @module
 */
import type { Dataset, StoredDataset, StoredRows } from "../data/mod.ts";
import { empty, type Tensor } from "../autodiff/mod.ts";
import { currentRegion, kernels } from "../kernels/mod.ts";
import type { TokenLists } from "../nn/mod.ts";

/** The inputs of a trainer network, made when they are asked for. */
export interface FeatureRows<Input = Tensor> {
  /** Lengths of the rows where they differ; the rows of a training batch then have similar ones. */
  readonly lengths?: ArrayLike<number>;
  /** The given rows as a batch, in the current region: floats are [rows, width]. */
  gather(rows: Uint32Array): Input;
}

/** How features x become the inputs (x * factor + offset) of a trainer network: one factor and offset for all, or one for each column. */
export interface Standardization {
  /** [1] or [features]; 0 for what does not vary. */
  readonly factors: Float64Array;
  /** As many. */
  readonly offsets: Float64Array;
}

/**
 * Standardises data as `training` asks: bytes (pixels) by one mean and deviation of all, floats by those of each column. A column without spread
 * becomes zero.
 */
export function standardize(training: Dataset | StoredDataset): (data: Dataset) => FeatureRows {
  return standardizeBy(measureStandardization(training));
}

/** What brings the features of `training` to mean 0 and deviation 1. */
export function measureStandardization(training: Dataset | StoredDataset): Standardization {
  const { features, featureLength, count } = training;
  return features instanceof Float32Array
    ? measureColumns(features, { columns: featureLength, count })
    : measureBytes({ features, featureLength, count });
}

/** Rows of bytes, wherever they are. */
interface Bytes {
  readonly features: Uint8Array | StoredRows;
  readonly featureLength: number;
  readonly count: number;
}

function measureBytes(training: Bytes): Standardization {
  const { mean, deviation } = momentsOf(training);
  const factor = deviation > 0 ? 1 / deviation : 0;
  return { factors: Float64Array.of(factor), offsets: Float64Array.of(-mean * factor) };
}

/** Bytes q as the whole numbers q - zeroPoint times unit, which comes as close to standardising as whole numbers do. */
export function centreBytes(
  training: Bytes,
): { zeroPoint: number; unit: number; rows: (data: Dataset) => FeatureRows } {
  const { mean, deviation } = momentsOf(training);
  const zeroPoint = Math.round(mean), unit = Math.fround(deviation > 0 ? 1 / deviation : 1);
  const scaling = { factors: Float64Array.of(unit), offsets: Float64Array.of(-zeroPoint * unit) };
  return { zeroPoint, unit, rows: standardizeBy(scaling) };
}

/** Bytes of stored rows that are looked at at a time. */
const BLOCK = 1 << 20;

/** All rows in order, as the bytes of consecutive blocks of them: one block of what is in memory. */
export function* rowBlocks(
  { features, featureLength, count }: Bytes,
): Generator<Uint8Array> {
  if (features instanceof Uint8Array) return yield features;
  const most = Math.max(1, Math.floor(BLOCK / featureLength));
  const block = new Uint8Array(Math.min(most, count) * featureLength);
  for (let first = 0; first < count; first += most) {
    const rows = Uint32Array.from({ length: Math.min(most, count - first) }, (_, i) => first + i);
    const bytes = block.subarray(0, rows.length * featureLength);
    features.read(rows, bytes);
    yield bytes;
  }
}

function momentsOf(training: Bytes): { mean: number; deviation: number } {
  // Whole numbers below 2^53: the sums are exact in whatever blocks the rows come.
  let sum = 0, squares = 0, length = 0;
  for (const block of rowBlocks(training)) {
    for (let i = 0; i < block.length; i++) {
      sum += block[i];
      squares += block[i] * block[i];
    }
    length += block.length;
  }
  const mean = sum / length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / length - mean * mean)) };
}

function measureColumns(
  features: Float32Array,
  { columns, count }: { columns: number; count: number },
): Standardization {
  const factors = new Float64Array(columns), offsets = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    let sum = 0, squares = 0;
    for (let at = column; at < features.length; at += columns) sum += features[at];
    const mean = sum / count;
    for (let at = column; at < features.length; at += columns) squares += (features[at] - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    factors[column] = deviation > 0 ? 1 / deviation : 0;
    offsets[column] = -mean * factors[column];
  }
  return { factors, offsets };
}

/** Standardises data as was measured before. */
export function standardizeBy({ factors, offsets }: Standardization): (data: Dataset) => FeatureRows {
  return ({ features, featureLength: columns }) =>
    denseRows(
      columns,
      features instanceof Uint8Array && factors.length === 1
        ? (rows, out) => kernels().gatherBytes(features, rows, out, { columns, factor: factors[0], offset: offsets[0] })
        : (rows, out) => gatherColumns(features, rows, out, { factors, offsets }),
    );
}

function denseRows(width: number, write: (rows: Uint32Array, out: Float32Array) => void): FeatureRows {
  return {
    gather(rows): Tensor {
      const batch = empty([rows.length, width], { name: "features" });
      write(rows, batch.data);
      return batch;
    },
  };
}

function gatherColumns(
  features: Uint8Array | Float32Array,
  rows: Uint32Array,
  out: Float32Array,
  { factors, offsets }: { factors: ArrayLike<number>; offsets: ArrayLike<number> },
): void {
  const width = out.length / rows.length;
  for (let i = 0, to = 0; i < rows.length; i++) {
    for (let j = 0, from = rows[i] * width; j < width; j++, to++) {
      const column = j % factors.length;
      out[to] = features[from + j] * factors[column] + offsets[column];
    }
  }
}

/** Lists of tokens, for a trainer network that begins with an embedding. */
export function tokenRows({ offsets, ids }: TokenLists): FeatureRows<TokenLists> {
  const lengths = Int32Array.from({ length: offsets.length - 1 }, (_, row) => offsets[row + 1] - offsets[row]);
  return {
    lengths,
    gather(rows): TokenLists {
      const region = currentRegion(), bounds = region.int32(rows.length + 1);
      bounds[0] = 0;
      for (let i = 0; i < rows.length; i++) bounds[i + 1] = bounds[i] + lengths[rows[i]];
      const gathered = region.int32(bounds[rows.length]);
      for (let i = 0; i < rows.length; i++) {
        gathered.set(ids.subarray(offsets[rows[i]], offsets[rows[i] + 1]), bounds[i]);
      }
      return { offsets: bounds, ids: gathered };
    },
  };
}
