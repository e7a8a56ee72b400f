/**
 * The pool that rows are selected from: candidates are regenerated from their numbers, block by block, and only their bits on a sample of the training rows are
 * kept, of as many as are asked for.
 *
 * @module
 */
import { epochOrder } from "../../data/mod.ts";
import { Region } from "../../kernels/mod.ts";
import {
  type ConvSpec,
  fitThresholds,
  prepareProjection,
  type ProjectionSpec,
  type ThresholdRule,
} from "../../projection/mod.ts";
import { fitFilterThresholds } from "../conv_rows.ts";
import { prepareRowProjector } from "../encode_rows.ts";
import type { QuantileRange } from "../projection_options.ts";
import { BitColumns } from "./bit_columns.ts";
import { groupPatches } from "./group_patches.ts";

/** Training rows with their classes. */
export interface LabelledRows {
  /** [count x features] bytes. */
  readonly features: Uint8Array;
  /** Number of rows. */
  readonly count: number;
  /** Class of each row. */
  readonly labels: ArrayLike<number>;
  /** Number of classes. */
  readonly classes: number;
}

/** What a pool is made of. */
export interface CandidatePoolOptions {
  /** Number of candidates. */
  readonly pool: number;
  /** Training rows. */
  readonly data: LabelledRows;
  /** Number of training rows to look at. */
  readonly samples: number;
  /** Where bits are cut. */
  readonly rule: ThresholdRule;
  /** Quantile of the filters of the family conv. */
  readonly quantile: QuantileRange;
  /** Seed of the sample. */
  readonly seed: number;
}

/** Bits that are generated at a time, and rows of each; the thresholds are estimated from the first rows. */
const block = { bits: 512, rows: 1024 };

/** Candidates on a sample of the training rows. */
export class CandidatePool {
  /** Number of candidates. */
  readonly pool: number;
  /** Bits of a candidate: 1, or the cells of the family conv, whose candidates are filters. */
  readonly groupSize: number;
  /** Number of rows looked at. */
  readonly samples: number;
  /** Class of each of them. */
  readonly labels: Uint16Array;

  readonly #spec: ProjectionSpec;
  readonly #features: Uint8Array;
  readonly #options: CandidatePoolOptions;

  /** Takes the sample. */
  constructor(spec: ProjectionSpec, options: CandidatePoolOptions) {
    const { data, pool, seed } = options;
    this.#spec = spec;
    this.#options = options;
    this.pool = pool;
    this.groupSize = spec.family === "conv" ? spec.bitsPerFunction : 1;
    this.samples = Math.min(options.samples, data.count);
    const rows = epochOrder(data.count, { seed, epoch: 0 }).subarray(0, this.samples);
    const { features } = spec;
    this.labels = Uint16Array.from(rows, (row) => data.labels[row]);
    this.#features = new Uint8Array(this.samples * features);
    rows.forEach((row, i) =>
      this.#features.set(data.features.subarray(row * features, (row + 1) * features), i * features)
    );
  }

  /** Candidates that are generated at a time. */
  get #blockSize(): number {
    return Math.max(1, Math.floor(block.bits / this.groupSize));
  }

  /** Puts candidates in the order in which {@linkcode CandidatePool.blocks} generates them fastest: patches that lie close together share a block. */
  arrange(candidates: Uint32Array): Uint32Array {
    if (this.#spec.family !== "patch") return candidates.slice().sort();
    return groupPatches(this.#spec, candidates, this.#blockSize);
  }

  /**
   * Generates the bits of candidates block by block.
   *
   * @param candidates their numbers, as {@linkcode CandidatePool.arrange} gives them
   * @param samples number of rows, from the first of the sample on
   * @returns for each block its first candidate's place in the list, and columns: the bits of a candidate side by side
   */
  *blocks(candidates: Uint32Array, samples = this.samples): Generator<{ first: number; columns: BitColumns }> {
    const step = this.#blockSize;
    for (let first = 0; first < candidates.length; first += step) {
      yield { first, columns: this.#generate(candidates.subarray(first, first + step), samples) };
    }
  }

  #generate(indices: Uint32Array, samples: number): BitColumns {
    using region = new Region();
    return region.run(() => {
      const projector = prepareRowProjector(prepareProjection(this.#specOf(indices)));
      const { bits } = projector;
      const columns = new BitColumns({ samples, count: bits });
      const values = new Int32Array(block.rows * bits);
      const project = (first: number, count: number): Int32Array => {
        projector.project(this.#features, { first, count }, values);
        return values.subarray(0, count * bits);
      };
      const numbers = Uint32Array.from(
        { length: bits },
        (_, k) => indices[Math.floor(k / this.groupSize)] * this.groupSize + k % this.groupSize,
      );
      const first = project(0, Math.min(block.rows, this.samples));
      const thresholds = fitThresholds(this.#options.rule, first, { bits, width: 32, numbers });
      columns.fill(first.subarray(0, Math.min(block.rows, samples) * bits), { sample: 0, column: 0 }, thresholds);
      for (let sample = block.rows; sample < samples; sample += block.rows) {
        columns.fill(project(sample, Math.min(block.rows, samples - sample)), { sample, column: 0 }, thresholds);
      }
      return columns;
    });
  }

  /** The projection of some candidates. */
  #specOf(indices: Uint32Array): ProjectionSpec {
    const selection = { pool: this.pool, indices };
    if (this.#spec.family !== "conv") {
      return { ...this.#spec, functions: indices.length, bitsPerFunction: 1, selection };
    }
    const filterThresholds = new Int32Array(indices.length);
    const spec: ConvSpec = { ...this.#spec, functions: indices.length, selection, filterThresholds };
    const sample = { features: this.#features, count: this.samples };
    return { ...spec, filterThresholds: fitFilterThresholds(spec, sample, { quantile: this.#options.quantile }) };
  }
}
