/**
 * Probabilities that tell how often answers are right, and the bound below which an answer is better not given: both chosen on validation data.
 *
 * @module
 */
import type { Classification } from "../packed/mod.ts";

/**
 * The number that logits are best divided by (temperature scaling: Guo et al. 2017): the mean negative log-likelihood of the labels is least.
 *
 * @param answers of a model to validation data
 * @param labels of that data; a row whose label the model does not know is left out
 * @returns a number from 1/16 to 16, to a part in 100; 1 when there is no row
 */
export function fitTemperature(answers: readonly Classification[], labels: ArrayLike<number>): number {
  const loss = (temperature: number): number => {
    let sum = 0;
    answers.forEach(({ logits }, row) => {
      const label = labels[row];
      if (label >= logits.length) return;
      let largest = -Infinity, total = 0;
      for (const logit of logits) largest = Math.max(largest, logit / temperature);
      for (const logit of logits) total += Math.exp(logit / temperature - largest);
      sum += Math.log(total) + largest - logits[label] / temperature;
    });
    return sum;
  };
  if (loss(1) === 0) return 1;
  // The loss is convex in 1 / temperature, so it has one valley in the logarithm too: golden section search.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(1 / 16), high = Math.log(16);
  let left = high - ratio * (high - low), right = low + ratio * (high - low);
  let lossLeft = loss(Math.exp(left)), lossRight = loss(Math.exp(right));
  while (high - low > 0.01) {
    if (lossLeft <= lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - ratio * (high - low);
      lossLeft = loss(Math.exp(left));
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + ratio * (high - low);
      lossRight = loss(Math.exp(right));
    }
  }
  return Math.exp((low + high) / 2);
}

/**
 * The greatest q for which at most a share of the answers has a probability below q / 256.
 *
 * @param answers of a model to validation data
 * @param share of the answers that may be rejected, 0...1
 * @returns 1...255, or undefined when even 1 rejects too many
 */
export function fitRejection(answers: readonly Classification[], share: number): number | undefined {
  const most = Math.floor(share * answers.length);
  for (let q = 255; q > 0; q--) {
    let rejected = 0;
    for (const { probability } of answers) rejected += Number(probability * 256 < q);
    if (rejected <= most) return q;
  }
}
