/**
 * Rows between which distances are computed, many at a time, and the projections by which near ones are looked for.
 *
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import { currentRegion, kernels, Region } from "../../kernels/mod.ts";
import type { TokenLists } from "../../nn/mod.ts";
import { hash32, prepareProjection } from "../../projection/mod.ts";
import { describeInput, quantizeRows } from "../describe_input.ts";
import { prepareRowProjector } from "../encode_rows.ts";
import { standardize } from "../features.ts";

/** What the search for neighbours asks of rows. */
export interface MetricRows {
  /** Number of rows. */
  readonly count: number;
  /** Projections of every row on `levels` random vectors, [count x levels]. */
  project(options: { levels: number; seed: number }): ArrayLike<number>;
  /** Squared distances between all pairs of the given rows, [rows.length x rows.length]. */
  pairwise(rows: Uint32Array, out: Float32Array): void;
  /** Squared distances between one row and others. */
  distances(row: number, others: Uint32Array, out: Float32Array): void;
}

/** Rows of numbers, their distance the Euclidean one after standardisation: all bytes alike, other columns each for itself. Keeps a copy in the current region. */
export function denseMetric(data: Dataset): MetricRows {
  const { count, featureLength: width } = data;
  const all = Uint32Array.from({ length: count }, (_, row) => row);
  const values = currentRegion().float32(count * width);
  const rows = standardize(data)(data), blockRows = 1024;
  using scratch = new Region();
  for (let start = 0; start < count; start += blockRows) {
    scratch.run(() => values.set(rows.gather(all.subarray(start, start + blockRows)).data, start * width));
    scratch.reset();
  }
  const norms = Float64Array.from(all, (row) => {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) sum += values[at] * values[at];
    return sum;
  });
  const bytes = quantizeRows(describeInput(data), data);
  return {
    count,
    project({ levels, seed }): Int32Array {
      const out = new Int32Array(count * levels);
      using region = new Region();
      region.run(() => {
        const shape = { seed, features: width, functions: levels, bitsPerFunction: 1 };
        const projection = prepareProjection({ family: "sign", ...shape });
        prepareRowProjector(projection).project(bytes, { first: 0, count }, out);
      });
      return out;
    },
    pairwise(chosen, out) {
      const size = chosen.length;
      using region = new Region();
      region.run(() => {
        const block = currentRegion().float32(size * width), products = currentRegion().float32(size * size);
        chosen.forEach((row, i) => block.set(values.subarray(row * width, (row + 1) * width), i * width));
        kernels().matmul(block, block, products, { rows: size, columns: size, inner: width, transposeB: true });
        for (let i = 0, at = 0; i < size; i++) {
          const norm = norms[chosen[i]];
          for (let j = 0; j < size; j++, at++) out[at] = Math.max(0, norm + norms[chosen[j]] - 2 * products[at]);
        }
      });
    },
    distances(row, others, out) {
      const start = row * width;
      for (let i = 0; i < others.length; i++) {
        let first = 0, second = 0, third = 0, fourth = 0, j = 0;
        const other = others[i] * width;
        for (; j + 3 < width; j += 4) {
          first += values[start + j] * values[other + j];
          second += values[start + j + 1] * values[other + j + 1];
          third += values[start + j + 2] * values[other + j + 2];
          fourth += values[start + j + 3] * values[other + j + 3];
        }
        for (; j < width; j++) first += values[start + j] * values[other + j];
        out[i] = Math.max(0, norms[row] + norms[others[i]] - 2 * (first + second + third + fourth));
      }
    },
  };
}

/**
 * Rows of features that are there or not, such as those of a text; features count less the more rows have them (their inverse document frequency), and the squared
 * distance is 2 - 2*cosine. A row without features is as far from all others as can be.
 *
 * @param lists the features of each row, numbers below `features`, none twice in a row
 * @param features number of features
 */
export function sparseMetric({ ids, offsets }: TokenLists, features: number): MetricRows {
  const count = offsets.length - 1;
  const frequencies = new Float64Array(features);
  for (const id of ids) frequencies[id]++;
  const weights = frequencies.map((rows) => Math.log((1 + count) / (1 + rows)));
  const scales = Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) sum += weights[ids[at]] ** 2;
    return sum > 0 ? 1 / Math.sqrt(sum) : 0;
  });
  const current = new Float64Array(features);
  const withRow = (row: number, work: () => void): void => {
    for (let at = offsets[row]; at < offsets[row + 1]; at++) current[ids[at]] = weights[ids[at]] ** 2 * scales[row];
    work();
    for (let at = offsets[row]; at < offsets[row + 1]; at++) current[ids[at]] = 0;
  };
  const toCurrent = (row: number): number => {
    let sum = 0;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) sum += current[ids[at]];
    return Math.max(0, 2 - 2 * sum * scales[row]);
  };
  return {
    count,
    project({ levels, seed }): Float64Array {
      const out = new Float64Array(count * levels);
      for (let row = 0; row < count; row++) {
        for (let at = offsets[row]; at < offsets[row + 1]; at++) {
          const id = ids[at], weight = weights[id] * scales[row];
          for (let level = 0; level < levels; level++) {
            out[row * levels + level] += hash32(seed, level, id) & 1 ? weight : -weight;
          }
        }
      }
      return out;
    },
    pairwise(chosen, out) {
      chosen.forEach((row, i) =>
        withRow(row, () => {
          for (let j = 0; j < chosen.length; j++) out[i * chosen.length + j] = toCurrent(chosen[j]);
        })
      );
    },
    distances(row, others, out) {
      withRow(row, () => {
        for (let i = 0; i < others.length; i++) out[i] = toCurrent(others[i]);
      });
    },
  };
}
