/**
 * The joint objective (Ravi 2017, section 3): L = lambda1*D(h_theta, y) + lambda2*D(h_p, h_theta) + lambda3*D(h_p, y) with cross-entropy as D.
 *
 * @module
 */
import { add, crossEntropy, detach, scale, softCrossEntropy, softmax, type Tensor } from "../autodiff/mod.ts";

/** Weights lambda1, lambda2, lambda3 of the objective's three terms. */
export type Lambda = readonly [trainer: number, distillation: number, projection: number];

/** Weights lambda2, lambda3 of one projection network's two terms. */
export type ProjectionLambda = readonly [distillation: number, projection: number];

/** The paper's weights. */
export const paperLambda: Lambda = [1, 0.1, 1];

/** How a projection network learns from the trainer network. */
export interface DistillationOptions {
  /** Both networks' logits are divided by it before they are compared, and the term multiplied by its square (Hinton et al. 2015); 1 as in the paper. */
  readonly temperature?: number;
  /**
   * Whether the lambda2 term's gradient reaches the trainer network as well. Off by default: the trainer then learns as it would alone, whatever
   * networks stand beside it. The paper leaves this open.
   */
  readonly trainerLearns?: boolean;
}

/** D(h_p, h_theta): the cross-entropy of the projection network's logits against the trainer network's, both [rows, classes]. */
export function distillation(
  projectionLogits: Tensor,
  trainerLogits: Tensor,
  options: DistillationOptions = {},
): Tensor {
  const { temperature = 1, trainerLearns = false } = options;
  const teacher = trainerLearns ? trainerLogits : detach(trainerLogits);
  if (temperature === 1) return softCrossEntropy(projectionLogits, softmax(teacher));
  const term = softCrossEntropy(scale(projectionLogits, 1 / temperature), softmax(scale(teacher, 1 / temperature)));
  return scale(term, temperature ** 2);
}

/**
 * One projection network's part of the objective, lambda2*D(h_p, h_theta) + lambda3*D(h_p, y); terms of weight 0 are not computed. Returns null when both
 * are.
 */
export function projectionObjective(
  projectionLogits: Tensor,
  options: DistillationOptions & { trainerLogits: Tensor; labels: ArrayLike<number>; lambda: ProjectionLambda },
): Tensor | null {
  const [lambda2, lambda3] = options.lambda;
  const soft = lambda2 === 0 ? null : scale(distillation(projectionLogits, options.trainerLogits, options), lambda2);
  const hard = lambda3 === 0 ? null : scale(crossEntropy(projectionLogits, options.labels), lambda3);
  return soft !== null && hard !== null ? add(soft, hard) : soft ?? hard;
}
