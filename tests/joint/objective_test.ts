import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  distillation,
  paperLambda,
  type ProjectionLambda,
  projectionObjective,
  Tape,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertClose } from "../close.ts";

const student = [[0.5, -1, 2], [0.1, 0.2, -0.3]], teacher = [[2, 0, 1], [-1, 1, 3]];
const labels = [2, 0];

function softmax(row: number[]): number[] {
  const powers = row.map(Math.exp), total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

/** D(p, q) = −Σ q·log p, the mean over rows. */
function crossEntropy(p: number[][], q: number[][]): number {
  return p.reduce((sum, row, i) => sum - row.reduce((s, value, j) => s + q[i][j] * Math.log(value), 0), 0) / p.length;
}

const hard = crossEntropy(student.map(softmax), labels.map((label) => [0, 1, 2].map((j) => j === label ? 1 : 0)));
const soft = crossEntropy(student.map(softmax), teacher.map(softmax));

function objective(lambda: ProjectionLambda, options = {}): Tensor {
  return projectionObjective(tensor(student), { trainerLogits: tensor(teacher), labels, lambda, ...options })!;
}

Deno.test("the projection network's part of the objective is λ2·D(h_p, h_θ) + λ3·D(h_p, y)", () => {
  assertEquals(paperLambda, [1, 0.1, 1]);
  assertAlmostEquals(objective([0.1, 1]).item(), 0.1 * soft + hard, 1e-6);
  assertAlmostEquals(objective([0, 2]).item(), 2 * hard, 1e-6);
  assertAlmostEquals(objective([3, 0]).item(), 3 * soft, 1e-6);
  assertEquals(
    projectionObjective(tensor(student), { trainerLogits: tensor(teacher), labels, lambda: [0, 0] }),
    null,
  );
});

Deno.test("a temperature softens both sides and keeps the gradient's size", () => {
  const cool = (rows: number[][]) => rows.map((row) => softmax(row.map((value) => value / 4)));
  const term = distillation(tensor(student), tensor(teacher), { temperature: 4 });
  assertAlmostEquals(term.item(), 16 * crossEntropy(cool(student), cool(teacher)), 1e-4);
});

Deno.test("the λ2 term's gradient reaches the trainer only when asked", () => {
  for (const trainerLearns of [false, true]) {
    const p = tensor(student, { requiresGradient: true }), t = tensor(teacher, { requiresGradient: true });
    const tape = new Tape();
    tape.backward(tape.record(() => distillation(p, t, { trainerLearns })));
    const probabilities = student.map(softmax), targets = teacher.map(softmax);
    assertClose(p.gradient!, probabilities.flatMap((row, i) => row.map((value, j) => (value - targets[i][j]) / 2)), {
      absolute: 1e-6,
    });
    assertEquals(t.gradient === null, !trainerLearns);
  }
});
