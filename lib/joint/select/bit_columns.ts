/**
 * Bits of many candidates on the same samples, one packed column a bit: 32 samples in a word, so that a candidate on 10,000 samples takes 1.2 kB and the
 * overlap of two candidates is a count of ones.
 *
 * @module
 */
import { kernels, Region } from "../../kernels/mod.ts";

/** Columns that are turned into floats at a time, and samples of each. */
const tile = { columns: 256, samples: 2048 };

/** Packed columns; bit s mod 32 of word floor(s / 32) of a column belongs to sample s. */
export class BitColumns {
  /** Number of samples. */
  readonly samples: number;
  /** Words in a column. */
  readonly words: number;
  /** Number of columns. */
  readonly count: number;
  /** [count x words] */
  readonly data: Uint32Array;

  /** Columns of zeros. */
  constructor({ samples, count }: { samples: number; count: number }) {
    this.samples = samples;
    this.words = (samples + 31) >>> 5;
    this.count = count;
    this.data = new Uint32Array(count * this.words);
  }

  /** One column. */
  column(index: number): Uint32Array {
    return this.data.subarray(index * this.words, (index + 1) * this.words);
  }

  /**
   * Fills in bits of consecutive samples for consecutive columns.
   *
   * @param values [samples x thresholds.length] projected values
   * @param place first sample, a multiple of 32, and first column
   * @param thresholds of the columns
   */
  fill(values: Int32Array, { sample, column }: { sample: number; column: number }, thresholds: Int32Array): void {
    const bits = thresholds.length;
    const rows = values.length / bits;
    for (let from = 0; from < rows; from += 32) {
      const to = Math.min(rows, from + 32), word = (sample + from) >>> 5;
      for (let k = 0; k < bits; k++) {
        const threshold = thresholds[k];
        let packed = 0;
        for (let row = from, at = from * bits + k; row < to; row++, at += bits) {
          packed |= Number(values[at] > threshold) << (row - from);
        }
        this.data[(column + k) * this.words + word] = packed;
      }
    }
  }

  /** The mean of each column as +-1, over all samples. */
  means(): Float64Array {
    return Float64Array.from({ length: this.count }, (_, i) => 2 * countOnes(this.column(i)) / this.samples - 1);
  }

  /** The products [count x columns] of the columns as +-1 with a matrix [samples x columns]. */
  multiply(matrix: Float32Array, columns: number): Float32Array {
    const out = new Float32Array(this.count * columns);
    using region = new Region();
    const signs = region.float32(tile.columns * tile.samples);
    const factor = region.float32(matrix.length);
    factor.set(matrix);
    const product = region.float32(tile.columns * columns);
    for (let first = 0; first < this.count; first += tile.columns) {
      const rows = Math.min(tile.columns, this.count - first);
      for (let sample = 0; sample < this.samples; sample += tile.samples) {
        const inner = Math.min(tile.samples, this.samples - sample);
        for (let i = 0, to = 0; i < rows; i++) {
          const at = (first + i) * this.words + (sample >>> 5);
          for (let s = 0; s < inner; s++, to++) signs[to] = ((this.data[at + (s >>> 5)] >>> (s & 31)) & 1) * 2 - 1;
        }
        kernels().matmul(
          signs.subarray(0, rows * inner),
          factor.subarray(sample * columns, (sample + inner) * columns),
          product.subarray(0, rows * columns),
          { rows, columns, inner, accumulate: sample > 0 },
        );
      }
      out.set(product.subarray(0, rows * columns), first * columns);
    }
    return out;
  }

  /** The columns of the given numbers as codes, [samples x ceil(indices.length / 8)]. */
  codes(indices: ArrayLike<number>): Uint8Array {
    const stride = (indices.length + 7) >>> 3;
    const codes = new Uint8Array(this.samples * stride);
    for (let k = 0; k < indices.length; k++) {
      const column = this.column(indices[k]), shift = k & 7;
      for (let s = 0, at = k >>> 3; s < this.samples; s++, at += stride) {
        codes[at] |= ((column[s >>> 5] >>> (s & 31)) & 1) << shift;
      }
    }
    return codes;
  }
}

/** The ones of a word (Warren, Hacker's Delight, section 5-1). */
function onesOf(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Number of ones. */
export function countOnes(words: Uint32Array): number {
  let ones = 0;
  for (let i = 0; i < words.length; i++) ones += onesOf(words[i]);
  return ones;
}

/** Number of samples among the first 32*words in which the column at `at` of `data` differs from another. */
export function countDifferent(data: Uint32Array, at: number, other: Uint32Array, words: number): number {
  let ones = 0;
  for (let i = 0; i < words; i++) ones += onesOf(data[at + i] ^ other[i]);
  return ones;
}
