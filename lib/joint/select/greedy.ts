/**
 * Greedy selection: candidates are scored against what the linear head on the bits so far leaves unexplained, the best are added, the head is fitted again. Of
 * a pool that is too large to keep, the first candidates give a quarter of the selection; then the whole pool is scored against what that leaves unexplained. At
 * the end the weakest are exchanged for better ones a few times.
 *
 * @module
 */
import type { CandidatePool } from "./candidate_pool.ts";
import { chooseNext } from "./forward_step.ts";
import { LinearHead } from "./linear_head.ts";
import type { SelectContext } from "./select.ts";
import { findSurvivors, keepsAll, type Survivors } from "./survivors.ts";

/** Additions until all are chosen, exchanges after that, and the share of candidates that the first exchange replaces. */
const rounds = { additions: 16, exchanges: 6, share: 0.2 };
/** Passes over the sample in each fit. */
const epochs = 3;

/**
 * Chooses `wanted` candidates.
 *
 * @param pool the candidates
 * @param context number wanted, classes, seed and progress
 * @returns their numbers, ascending
 */
export async function selectGreedily(pool: CandidatePool, context: SelectContext): Promise<Uint32Array> {
  const { wanted, classes, seed } = context;
  const { labels, groupSize } = pool;
  const head = new LinearHead({ bits: 0, classes });
  head.bias.set(logPriors(labels, classes));
  const nothing = { codes: new Uint8Array(0), labels, bits: 0 };
  let state: ReturnType<LinearHead["residual"]> = head.residual(nothing);
  let chosen: number[] = [];
  const report = (generated: number): Promise<void> =>
    context.pause({
      chosen: chosen.length,
      generated,
      ...(chosen.length > 0 ? { accuracy: state.accuracy } : {}),
    });
  const survey = (residual?: Float32Array, keep?: readonly number[]): Promise<Survivors> =>
    findSurvivors(pool, {
      residual,
      classes,
      wanted,
      keep: new Set(keep),
      between: (done, all) => report(done / all),
    });
  const bitsOf = (places: readonly number[]): number[] =>
    places.flatMap((place) => Array.from({ length: groupSize }, (_, i) => place * groupSize + i));
  let survivors = await survey();
  const refit = (): void => {
    const bits = bitsOf(chosen);
    const data = { codes: survivors.columns.codes(bits), labels, bits: bits.length };
    head.fit(data, { epochs, seed });
    state = head.residual(data);
  };
  const add = (count: number): void => {
    const before = bitsOf(chosen).length;
    const step = { ...survivors, groupSize, residual: state.residual, classes };
    chosen.push(...chooseNext(step, new Set(chosen), count));
    head.rearrange(bitsOf(chosen).map((_, k) => k < before ? k : -1));
    refit();
  };

  const portion = Math.max(1, Math.ceil(wanted / rounds.additions));
  let surveyed = keepsAll(pool, wanted);
  while (chosen.length < wanted) {
    if (!surveyed && chosen.length >= wanted / 4) {
      const numbers = chosen.map((place) => survivors.candidates[place]);
      survivors = await survey(state.residual, numbers);
      chosen = numbers.map((number) => survivors.candidates.indexOf(number));
      surveyed = true;
    }
    add(Math.min(portion, wanted - chosen.length));
    await report(1);
  }
  let best = { chosen: chosen.slice(), loss: state.loss };
  for (let round = 0; round < rounds.exchanges && wanted > 1 && wanted < survivors.candidates.length; round++) {
    const out = Math.ceil(wanted * rounds.share * (1 - round / rounds.exchanges));
    const kept = strongest(head, { groupSize, means: survivors.means, chosen }, wanted - out);
    head.rearrange(bitsOf(kept));
    chosen = kept.map((place) => chosen[place]);
    refit();
    add(out);
    if (state.loss < best.loss) best = { chosen: chosen.slice(), loss: state.loss };
    await report(1);
  }
  return Uint32Array.from(best.chosen, (place) => survivors.candidates[place]).sort();
}

/** The bias of a head that knows only how frequent each class is. */
function logPriors(labels: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float32Array(classes).fill(1);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts.map((count) => Math.log(count / (labels.length + classes)));
}

/**
 * The places of the candidates whose weights matter most: by the sum over their bits of |weights|^2*variance.
 *
 * @param head fitted on their bits
 * @param candidates bits of each, the mean of each column, and the candidates in the order of the head's inputs
 * @param count how many
 * @returns places in the order of the head's inputs, ascending
 */
export function strongest(
  head: LinearHead,
  candidates: { groupSize: number; means: Float64Array; chosen: readonly number[] },
  count: number,
): number[] {
  const { groupSize, means, chosen } = candidates;
  const classes = head.bias.length;
  const strength = chosen.map((candidate, place) => {
    let sum = 0;
    for (let i = 0; i < groupSize; i++) {
      const row = head.weights.subarray((place * groupSize + i) * classes, (place * groupSize + i + 1) * classes);
      // A constant added to all of a bit's weights changes no probability.
      const mean = row.reduce((a, b) => a + b, 0) / classes;
      sum += row.reduce((a, b) => a + (b - mean) ** 2, 0) * (1 - means[candidate * groupSize + i] ** 2);
    }
    return sum;
  });
  return chosen.map((_, place) => place).sort((a, b) => strength[b] - strength[a] || a - b).slice(0, count).sort((
    a,
    b,
  ) => a - b);
}
