/**
 * The graph term of the objective: sum over edges of w_uv * dist(h_u, h_v) (Ravi 2017, section 3.3; "Neural Graph Learning", Bui et al. 2018).
 *
 * @module
 */
import {
  add,
  divide,
  exp,
  gather,
  logSoftmax,
  multiply,
  scale,
  softmax,
  sqrt,
  square,
  subtract,
  sum,
  Tensor,
} from "../../autodiff/mod.ts";

/** How far the outputs of two nodes lie apart; the last two are of their probabilities. */
export type GraphDistance = "squared" | "cosine" | "kl" | "cross-entropy";

/** Edges between rows of a batch. */
export interface BatchEdges {
  /** One end of each edge, a row. */
  readonly from: Int32Array;
  /** The other end. */
  readonly to: Int32Array;
  /** The weight of each. */
  readonly weights: Float32Array;
}

/** Keeps the cosine of rows of zeros finite. */
const epsilon = 1e-12;

/**
 * The sum over edges of their weight times the distance between the outputs of their ends. With u = `from`, v = `to`, h the logits and p = softmax(h): `squared`
 * |x_u - x_v|^2, `cosine` 1 - cos(x_u, x_v), `kl` sum p_u*log(p_u / p_v), `cross-entropy` -sum p_u*log p_v; x is h or p, as `of` says. The gradient reaches both
 * ends.
 *
 * @param logits [rows, classes]
 * @param edges the edges
 * @param options the distance (`squared` when left out), and what it is measured between (`probabilities` when left out)
 * @returns one value
 */
export function edgeDistance(
  logits: Tensor,
  { from, to, weights }: BatchEdges,
  { distance = "squared", of = "probabilities" }: { distance?: GraphDistance; of?: "logits" | "probabilities" } = {},
): Tensor {
  const weighted = (distances: Tensor): Tensor => sum(multiply(distances, new Tensor([weights.length], weights)));
  const overColumns = (x: Tensor): Tensor => sum(x, { axis: 1 });
  if (distance === "kl" || distance === "cross-entropy") {
    const logs = logSoftmax(logits), near = gather(logs, from), far = gather(logs, to);
    const difference = distance === "kl" ? subtract(near, far) : scale(far, -1);
    return weighted(overColumns(multiply(exp(near), difference)));
  }
  const outputs = of === "logits" ? logits : softmax(logits);
  const near = gather(outputs, from), far = gather(outputs, to);
  if (distance === "squared") return weighted(overColumns(square(subtract(near, far))));
  const floor = new Tensor([1], Float32Array.of(epsilon));
  const norms = sqrt(add(multiply(overColumns(square(near)), overColumns(square(far))), floor));
  const cosines = divide(overColumns(multiply(near, far)), norms);
  const one = new Tensor([1], Float32Array.of(1));
  return weighted(subtract(one, cosines));
}
