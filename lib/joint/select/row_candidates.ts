/**
 * Candidates that project rows of bytes: rows of a projection, or filters of the family conv.
 *
 * @module
 */
import { type StoredRows, takeRows } from "../../data/mod.ts";
import { type ConvSpec, prepareProjection, type ProjectionSpec } from "../../projection/mod.ts";
import { fitFilterThresholds } from "../conv_rows.ts";
import { prepareRowProjector } from "../encode_rows.ts";
import type { QuantileRange } from "../projection_options.ts";
import type { CandidateSource } from "./candidate_pool.ts";
import { groupPatches } from "./group_patches.ts";

/** Training rows with their classes. */
export interface LabelledRows {
  /** [count x features] bytes. */
  readonly features: Uint8Array | StoredRows;
  /** Number of rows. */
  readonly count: number;
  /** Class of each row. */
  readonly labels: ArrayLike<number>;
  /** Number of classes. */
  readonly classes: number;
}

/**
 * The candidates of a projection on some rows.
 *
 * @param spec the projection; its own selection does not matter
 * @param options number of candidates, the training rows and the numbers of those to look at, and the quantile of the filters of the family conv
 * @returns the candidates
 */
export function rowCandidates(
  spec: ProjectionSpec,
  { pool, data, rows, quantile }: {
    pool: number;
    data: Pick<LabelledRows, "features">;
    rows: Uint32Array;
    quantile: QuantileRange;
  },
): CandidateSource {
  const features = takeRows({ features: data.features, featureLength: spec.features }, rows);
  const specOf = (indices: Uint32Array): ProjectionSpec => {
    const selection = { pool, indices };
    if (spec.family !== "conv") return { ...spec, functions: indices.length, bitsPerFunction: 1, selection };
    const filterThresholds = new Int32Array(indices.length);
    const filters: ConvSpec = { ...spec, functions: indices.length, selection, filterThresholds };
    const sample = { features, count: rows.length };
    return { ...filters, filterThresholds: fitFilterThresholds(filters, sample, { quantile }) };
  };
  return {
    groupSize: spec.family === "conv" ? spec.bitsPerFunction : 1,
    arrange(candidates, blockSize) {
      // Patches that lie close together share a block.
      return spec.family === "patch" ? groupPatches(spec, candidates, blockSize) : candidates.slice().sort();
    },
    prepare(candidates) {
      const projector = prepareRowProjector(prepareProjection(specOf(candidates)));
      return (range, out) => projector.project(features, range, out);
    },
  };
}
