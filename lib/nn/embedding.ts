import { empty, gather, gatherMean, type Tensor } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { glorotUniform } from "./initializers.ts";
import type { Module } from "./module.ts";
import { SequenceLayout, type Sequences, type TokenLists } from "./sequences.ts";

/** Options of {@linkcode Embedding} and {@linkcode EmbeddingBag}. */
export interface EmbeddingOptions {
  /** Rows of the table. */
  readonly buckets: number;
  /** Length of a vector. */
  readonly width: number;
  /** Seed of the first vectors. */
  readonly seed: number;
  /** Name for messages and exports. */
  readonly name?: string;
}

/** A vector for each token: the row of a table that the token's number, as an unsigned integer, selects modulo the number of rows. There is no vocabulary. */
export class Embedding implements Module<TokenLists, Sequences> {
  /** [buckets, width]. */
  readonly weights: Tensor;

  /** A table of fresh vectors of length about 1, in the current region. */
  constructor({ buckets, width, seed, name = "embedding" }: EmbeddingOptions) {
    this.weights = empty([buckets, width], { requiresGradient: true, name: `${name}.weights` });
    glorotUniform(this.weights.data, { inputs: width, outputs: width, seed });
  }

  /** The table. */
  get parameters(): readonly Tensor[] {
    return [this.weights];
  }

  /** Length of a vector. */
  get width(): number {
    return this.weights.shape[1];
  }

  /** The vectors of each row's tokens, as sequences. */
  forward({ offsets, ids }: TokenLists): Sequences {
    const lengths = currentRegion().int32(offsets.length - 1);
    for (let row = 0; row < lengths.length; row++) lengths[row] = offsets[row + 1] - offsets[row];
    const layout = new SequenceLayout(lengths);
    const rows = layout.order(offsets);
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]];
    return { values: gather(this.weights, selectRows(rows, this.weights)), layout };
  }
}

/** The mean of the vectors of a row's tokens, [rows, width]; zero for a row without tokens. */
export class EmbeddingBag implements Module<TokenLists> {
  /** [buckets, width]. */
  readonly weights: Tensor;

  /** As {@linkcode Embedding}. */
  constructor(options: EmbeddingOptions) {
    ({ weights: this.weights } = new Embedding(options));
  }

  /** The table. */
  get parameters(): readonly Tensor[] {
    return [this.weights];
  }

  /** The means. */
  forward({ offsets, ids }: TokenLists): Tensor {
    return gatherMean(this.weights, selectRows(ids, this.weights), { offsets });
  }
}

/** The row of the table for each token, in the current region. */
function selectRows(ids: Int32Array, { shape: [buckets] }: Tensor): Int32Array {
  const rows = currentRegion().int32(ids.length);
  for (let i = 0; i < ids.length; i++) rows[i] = (ids[i] >>> 0) % buckets;
  return rows;
}
