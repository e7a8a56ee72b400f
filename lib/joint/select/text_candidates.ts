/**
 * Candidates that project texts: rows of signed sums over hashed features.
 *
 * @module
 */
import type { TextNormalization, TextSpec } from "../../projection/mod.ts";
import { prepareTextProjection } from "../../projection/text.ts";
import type { CandidateSource } from "./candidate_pool.ts";

/**
 * The rows of the partitions of a projection on some texts.
 *
 * @param spec the projection with its pool; which rows it has selected does not matter
 * @param options number of candidates, how texts are folded, and the training texts to look at
 * @returns the candidates
 */
export function textCandidates(
  spec: TextSpec,
  { pool, normalization, texts }: {
    pool: number;
    normalization: TextNormalization;
    texts: readonly string[];
  },
): CandidateSource {
  return {
    groupSize: 1,
    arrange: (candidates) => candidates.slice().sort(),
    prepare(indices) {
      const { length: bits } = indices;
      const chosen: TextSpec = { ...spec, functions: bits, bitsPerFunction: 1, selection: { pool, indices } };
      const projection = prepareTextProjection(chosen, normalization);
      return ({ first, count }, out) => {
        for (let i = 0; i < count; i++) {
          projection.project(texts[first + i], out.subarray(i * bits, (i + 1) * bits));
        }
      };
    },
  };
}
