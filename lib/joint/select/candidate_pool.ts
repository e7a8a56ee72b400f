/**
 * The pool that rows are selected from: candidates are regenerated from their numbers, block by block, and only their bits on a sample of the training rows are
 * kept, of as many as are asked for.
 *
 * @module
 */
import { Region } from "../../kernels/mod.ts";
import { fitThresholds, type ThresholdRule } from "../../projection/mod.ts";
import { BitColumns } from "./bit_columns.ts";

/** What candidates see of the training rows. */
export interface CandidateSource {
  /** Bits of a candidate: 1, or the cells of the family conv, whose candidates are filters. */
  readonly groupSize: number;
  /** Puts candidates in an order in which blocks of so many are generated fast. */
  arrange(candidates: Uint32Array, blockSize: number): Uint32Array;
  /** Prepares the projection of candidates, in the current region: rows of the sample from `first` on -> [count x candidates x groupSize]. */
  prepare(candidates: Uint32Array): (range: { first: number; count: number }, out: Int32Array) => void;
}

/** What a pool is made of. */
export interface CandidatePoolOptions {
  /** Number of candidates. */
  readonly pool: number;
  /** Class of each row of the sample. */
  readonly labels: Uint16Array;
  /** Where bits are cut. */
  readonly rule: ThresholdRule;
}

/** Bits that are generated at a time, and rows of each; the thresholds are estimated from the first rows. */
const block = { bits: 512, rows: 1024 };

/** Candidates on a sample of the training rows. */
export class CandidatePool {
  /** Number of candidates. */
  readonly pool: number;
  /** Bits of a candidate. */
  readonly groupSize: number;
  /** Number of rows looked at. */
  readonly samples: number;
  /** Class of each of them. */
  readonly labels: Uint16Array;

  readonly #source: CandidateSource;
  readonly #rule: ThresholdRule;

  /** Candidates of a source. */
  constructor(source: CandidateSource, { pool, labels, rule }: CandidatePoolOptions) {
    this.#source = source;
    this.#rule = rule;
    this.pool = pool;
    this.groupSize = source.groupSize;
    this.samples = labels.length;
    this.labels = labels;
  }

  /** Candidates that are generated at a time. */
  get #blockSize(): number {
    return Math.max(1, Math.floor(block.bits / this.groupSize));
  }

  /** Puts candidates in the order in which {@linkcode CandidatePool.blocks} generates them fastest. */
  arrange(candidates: Uint32Array): Uint32Array {
    return this.#source.arrange(candidates, this.#blockSize);
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
      const projectRows = this.#source.prepare(indices);
      const bits = indices.length * this.groupSize;
      const columns = new BitColumns({ samples, count: bits });
      const values = new Int32Array(block.rows * bits);
      const project = (first: number, count: number): Int32Array => {
        projectRows({ first, count }, values);
        return values.subarray(0, count * bits);
      };
      const numbers = Uint32Array.from(
        { length: bits },
        (_, k) => indices[Math.floor(k / this.groupSize)] * this.groupSize + k % this.groupSize,
      );
      const first = project(0, Math.min(block.rows, this.samples));
      const thresholds = fitThresholds(this.#rule, first, { bits, width: 32, numbers });
      columns.fill(first.subarray(0, Math.min(block.rows, samples) * bits), { sample: 0, column: 0 }, thresholds);
      for (let sample = block.rows; sample < samples; sample += block.rows) {
        columns.fill(project(sample, Math.min(block.rows, samples - sample)), { sample, column: 0 }, thresholds);
      }
      return columns;
    });
  }
}
