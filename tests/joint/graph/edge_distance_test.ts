import { assertAlmostEquals, assertEquals } from "@std/assert";
import { checkGradients, Tape, Tensor } from "../../../lib/autodiff/mod.ts";
import { edgeDistance, type GraphDistance } from "../../../lib/joint/graph/edge_distance.ts";

const rows = [[0.5, -1, 2], [1.5, 0.25, -0.5], [-2, 1, 0], [0.1, 0.2, 0.3]];
const edges = {
  from: Int32Array.of(0, 1, 2, 3),
  to: Int32Array.of(1, 3, 0, 3),
  weights: Float32Array.of(1, 0.5, 2, 3),
};
const logits = (requiresGradient: boolean): Tensor =>
  new Tensor([4, 3], Float32Array.from(rows.flat()), { requiresGradient });

const softmaxOf = (row: number[]): number[] => {
  const exponentials = row.map(Math.exp), sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
};
const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const references: Record<GraphDistance, (a: number[], b: number[]) => number> = {
  squared: (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0),
  cosine: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  kl: (p, q) => p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]), 0),
  "cross-entropy": (p, q) => -p.reduce((sum, value, i) => sum + value * Math.log(q[i]), 0),
};

for (const distance of Object.keys(references) as GraphDistance[]) {
  for (
    const of of distance === "squared" || distance === "cosine"
      ? ["logits", "probabilities"] as const
      : ["probabilities"] as const
  ) {
    Deno.test(`the ${distance} distance of ${of} over edges is the sum of its definition, with its gradient`, () => {
      const between = of === "logits" ? rows : rows.map(softmaxOf);
      const expected = Array.from(
        edges.weights,
        (weight, i) => weight * references[distance](between[edges.from[i]], between[edges.to[i]]),
      ).reduce((a, b) => a + b);
      assertAlmostEquals(edgeDistance(logits(false), edges, { distance, of }).item(), expected, 1e-4);
      const { largestError } = checkGradients(([x]) => edgeDistance(x, edges, { distance, of }), [logits(true)]);
      if (!(largestError < 5e-3)) throw new Error(`largest error ${largestError}`);
    });
  }
}

Deno.test("the cosine of rows of zeros is finite, and so is its gradient", () => {
  const zeros = new Tensor([2, 3], new Float32Array(6), { requiresGradient: true });
  const tape = new Tape();
  const both = { from: Int32Array.of(0), to: Int32Array.of(1), weights: Float32Array.of(1) };
  const loss = tape.record(() => edgeDistance(zeros, both, { distance: "cosine", of: "logits" }));
  tape.backward(loss);
  assertEquals(loss.item(), 1);
  assertEquals([...zeros.gradient!].every(Number.isFinite), true);
});
