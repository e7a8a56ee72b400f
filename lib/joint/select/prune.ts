/**
 * Selection by pruning: a linear head is trained on the whole pool, the candidates with the smallest weights are dropped, and so on in stages.
 *
 * @module
 */
import type { CandidatePool } from "./candidate_pool.ts";
import { strongest } from "./greedy.ts";
import { LinearHead } from "./linear_head.ts";
import type { SelectContext } from "./select.ts";
import { findSurvivors } from "./survivors.ts";

/** Stages from the pool to the selection, each with the same ratio, and passes over the sample in each. */
const stages = 6, epochs = 6;

/**
 * Chooses `wanted` candidates; a pool that is too large to keep is first reduced to those that explain most alone.
 *
 * @param pool the candidates
 * @param context number wanted, classes, seed and progress
 * @returns their numbers, ascending
 */
export async function selectByPruning(pool: CandidatePool, context: SelectContext): Promise<Uint32Array> {
  const { wanted, classes, seed } = context;
  const { labels, groupSize } = pool;
  const blank = new LinearHead({ bits: 0, classes }).residual({ codes: new Uint8Array(0), labels, bits: 0 });
  const { candidates, columns, means } = await findSurvivors(pool, {
    residual: blank.residual,
    classes,
    wanted,
    keep: new Set(),
    between: (done, all) => context.pause({ chosen: 0, generated: done / all }),
  });
  let chosen = Array.from(candidates, (_, place) => place);
  const head = new LinearHead({ bits: chosen.length * groupSize, classes });
  const ratio = (wanted / chosen.length) ** (1 / stages);
  for (let stage = 1; chosen.length > wanted; stage++) {
    const bits = chosen.flatMap((place) => Array.from({ length: groupSize }, (_, i) => place * groupSize + i));
    const data = { codes: columns.codes(bits), labels, bits: bits.length };
    head.fit(data, { epochs, seed });
    const { accuracy } = head.residual(data);
    const left = stage === stages ? wanted : Math.max(wanted, Math.ceil(candidates.length * ratio ** stage));
    const kept = strongest(head, { groupSize, means, chosen }, left);
    head.rearrange(kept.flatMap((place) => Array.from({ length: groupSize }, (_, i) => place * groupSize + i)));
    chosen = kept.map((place) => chosen[place]);
    await context.pause({ chosen: chosen.length, generated: 1, accuracy });
  }
  return Uint32Array.from(chosen, (place) => candidates[place]).sort();
}
