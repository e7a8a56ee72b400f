/**
 * Sequences of unequal lengths as one matrix: packed step by step without padding, so that nothing has to be masked (see autodiff/ops/lstm.ts).
 *
 * @module
 */
import { gather, reshape, type Tensor } from "../autodiff/mod.ts";
import { currentRegion, ShapeError } from "../kernels/mod.ts";

/** Lists of tokens of any lengths, one after the other. A token is any 32-bit integer, such as the hash of a word. */
export interface TokenLists {
  /** Row i is `offsets[i]` to before `offsets[i + 1]` of the tokens: one number more than there are rows, from 0 to the number of tokens. */
  readonly offsets: Int32Array;
  /** The tokens of all rows. */
  readonly ids: Int32Array;
}

/** A batch of sequences. */
export interface Sequences {
  /** The elements [elements of all sequences, width], in the order of `layout`. */
  readonly values: Tensor;
  /** Where each element stands. */
  readonly layout: SequenceLayout;
}

/** Where the elements of a batch's sequences stand: from the longest sequence to the shortest the first elements, then the second ones, and so on. */
export class SequenceLayout {
  /** Number of elements of all sequences. */
  readonly elements: number;
  /** How many sequences have each step. */
  readonly sizes: Int32Array;
  /** Length of the sequence in each row of the batch. */
  readonly lengths: Int32Array;
  readonly #starts: Int32Array;
  readonly #ranks: Int32Array;

  /** Lays out a sequence of each length, in the current region; of equal lengths the first row comes first. Throws `ShapeError` for no length. */
  constructor(lengths: ArrayLike<number>) {
    const region = currentRegion();
    this.lengths = region.int32(lengths.length);
    let longest = 0;
    for (let row = 0; row < lengths.length; row++) {
      const length = lengths[row];
      if (!Number.isInteger(length) || length < 0) {
        throw new ShapeError(`sequences: a length of at least 0 was wanted, ${length} for row ${row} found`);
      }
      this.lengths[row] = length;
      longest = Math.max(longest, length);
    }
    // Sequences of more than n elements are those before the ones of n elements: their number is the size of step n.
    const sizes = this.sizes = region.int32(longest).fill(0);
    for (const length of this.lengths) if (length > 0) sizes[length - 1]++;
    for (let step = longest - 2; step >= 0; step--) sizes[step] += sizes[step + 1];
    const starts = this.#starts = region.int32(longest), next = region.int32(longest + 1);
    let elements = 0;
    for (let step = 0; step < longest; step++) {
      starts[step] = elements;
      next[step] = sizes[step];
      elements += sizes[step];
    }
    next[longest] = 0;
    this.elements = elements;
    this.#ranks = region.int32(lengths.length);
    for (let row = 0; row < lengths.length; row++) this.#ranks[row] = next[this.lengths[row]]++;
  }

  /** The row of the matrix that holds an element of the sequence in row `row` of the batch. */
  position(row: number, step: number): number {
    return this.#starts[step] + this.#ranks[row];
  }

  /** For each row of the matrix the number of its element, where that of step s in row i of the batch is `starts[i] + s`; in the current region. */
  order(starts: ArrayLike<number>): Int32Array {
    const order = currentRegion().int32(this.elements);
    for (let row = 0; row < this.lengths.length; row++) {
      for (let step = 0; step < this.lengths[row]; step++) order[this.position(row, step)] = starts[row] + step;
    }
    return order;
  }
}

/**
 * Packs x [rows, steps, width], of which each row has as many elements as `lengths` says (all when left out); what is behind them is not looked at and
 * gets no gradient. Throws `ShapeError` when a row has no such number of elements.
 */
export function packSequences(x: Tensor, lengths?: ArrayLike<number>): Sequences {
  if (x.rank !== 3) {
    throw new ShapeError(`packSequences: [rows, steps, width] was wanted, [${x.shape.join(", ")}] found`);
  }
  const [rows, steps, width] = x.shape;
  const layout = new SequenceLayout(lengths ?? currentRegion().int32(rows).fill(steps));
  if (layout.lengths.length !== rows || layout.sizes.length > steps) {
    throw new ShapeError(
      `packSequences: ${rows} lengths of at most ${steps} were wanted, ${layout.lengths.length} of at most ${layout.sizes.length} found`,
    );
  }
  const starts = currentRegion().int32(rows);
  for (let row = 0; row < rows; row++) starts[row] = row * steps;
  return { values: gather(reshape(x, [rows * steps, width]), layout.order(starts)), layout };
}
