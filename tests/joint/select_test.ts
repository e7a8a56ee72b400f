import { assert, assertEquals, assertGreaterOrEqual, assertNotEquals, assertRejects } from "@std/assert";
import {
  type Dataset,
  type ProjectionOptions,
  selectCandidates,
  type SelectionOptions,
  type SelectProgress,
  train,
  TrainingError,
} from "../../mod.ts";
import { ProjectionNetwork } from "../../lib/joint/mod.ts";
import { fitLinearHead, LinearHead } from "../../lib/joint/select/linear_head.ts";
import { assertClose } from "../close.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(900), test = blobs(400, { seed: 2 });
const rows = {
  features: data.features as Uint8Array,
  count: data.count,
  labels: data.labels,
  classes: data.labelNames.length,
};
const image = { width: 8, height: 8, channels: 1 };
const table: Dataset = { ...data, input: { kind: "table", columns: Array.from({ length: 64 }, (_, i) => `${i}`) } };

function specOf(options: ProjectionOptions) {
  return new ProjectionNetwork({ ...options, features: 64, image, classes: 4, seed: 3 }).projection;
}

const KINDS: ProjectionOptions[] = [
  { family: "gaussian", functions: 6 },
  { family: "sign", functions: 3, bitsPerFunction: 2 },
  { family: "taps", taps: 6, functions: 6 },
  { family: "hadamard", functions: 6 },
  { family: "patch", functions: 6 },
  { family: "conv", functions: 3, conv: { filter: 3, cell: 3 } },
];

Deno.test("a selection is ascending, of the right length, the same again, and another with another seed", async () => {
  for (const kind of KINDS) {
    for (const by of ["greedy", "prune"] as const) {
      const options = { pool: 40, by, data: rows, rule: "median" as const, quantile: 0.8, seed: 5 };
      const selection = await selectCandidates(specOf(kind), options);
      const wanted = kind.family === "conv" ? 3 : 6;
      assertEquals([selection.pool, selection.indices.length], [40, wanted]);
      selection.indices.forEach((index, k, all) => assert(index < 40 && (k === 0 || index > all[k - 1])));
      assertEquals(await selectCandidates(specOf(kind), options), selection);
      if (by === "greedy") continue;
      const other = await selectCandidates({ ...specOf(kind), seed: 77 }, { ...options, seed: 6 });
      assertNotEquals([...other.indices], [...selection.indices], `${kind.family} ${by}`);
    }
  }
});

Deno.test("selected bits do better than the first ones, in every family and on tables", async () => {
  const selections: (SelectionOptions | undefined)[] = [undefined, { pool: 200 }, { pool: 200, by: "prune" }];
  for (const kind of KINDS) {
    const set = kind.family === "patch" || kind.family === "conv" ? data : table;
    const { networks } = await train({
      data: set,
      test: { ...test, input: set.input },
      trainer: { hidden: [8] },
      projections: selections.map((select) => ({ ...kind, select, thresholds: "median" })),
      epochs: 8,
      batchSize: 32,
      projectionOptimizer: { learningRate: 0.02 },
    });
    const [first, greedy, pruned] = networks.map(({ test }) => test!.accuracy);
    const message = `${kind.family}: ${first}, ${greedy}, ${pruned}`;
    assert(greedy >= Math.min(first + 0.05, 0.97), message);
    assert(pruned >= Math.min(first + 0.02, 0.95), message);
    assert(networks[1].model.projection.selection !== undefined);
  }
});

Deno.test("networks with the same code share its selection and thresholds, and are as in trainings of their own", async () => {
  const code = { family: "patch", functions: 6, select: { pool: 40 }, thresholds: "auto" } as const;
  const projections = [code, { ...code, hidden: 4, head: "ternary" }, { ...code, functions: 5 }] as const;
  const shared = { data, trainer: { hidden: [4] }, epochs: 2, batchSize: 64 };
  const run = async (list: readonly ProjectionOptions[]) => {
    let events = 0;
    const { networks } = await train({ ...shared, projections: list, onSelect: () => events++ });
    return { networks, events };
  };
  const { networks, events } = await run(projections);
  const alone = [];
  for (const projection of projections) alone.push(await run([projection]));
  assertEquals(networks.map(({ bytes }) => bytes), alone.map(({ networks }) => networks[0].bytes));
  assertEquals(events, alone[0].events + alone[2].events);
  assertEquals(networks[1].model.projection, networks[0].model.projection);
});

Deno.test("a pool that is too large to keep is scored block by block, with progress", async () => {
  const seen: SelectProgress[] = [];
  const selection = await selectCandidates(specOf({ family: "sign", functions: 8 }), {
    pool: 17_000,
    data: rows,
    rule: "spread",
    quantile: 0.9,
    seed: 1,
    onProgress: (progress) => seen.push(progress),
  });
  assertEquals(selection.indices.length, 8);
  assert(selection.indices[7] < 17_000);
  const surveys = seen.filter(({ generated }) => generated < 1).map(({ generated }) => generated);
  // The first candidates at the start, and the whole pool when a part is chosen.
  assertEquals(surveys.filter((share, i) => i > 0 && share < surveys[i - 1]).length, 1);
  assertEquals(new Set(seen.map(({ wanted, pool }) => `${wanted} of ${pool}`)), new Set(["8 of 17000"]));
  assertGreaterOrEqual(seen.at(-1)!.accuracy!, 0.7);
});

Deno.test("a selection can be aborted, and refuses what it cannot choose from", async () => {
  const options = { pool: 3000, data: rows, rule: "mean" as const, quantile: 0.9, seed: 1 };
  const spec = specOf({ family: "gaussian", functions: 200 });
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => selectCandidates(spec, { ...options, signal }), Error, "enough");
  const refused: [object, string][] = [
    [{ pool: 199 }, "select.pool: at least the 200 that are chosen"],
    [{ pool: 2 ** 24 + 1 }, "at most 16777216 were wanted, 16777217 found"],
    [{ by: "luck" }, "select.by: one of greedy, prune was wanted, luck found"],
  ];
  for (const [more, message] of refused) {
    await assertRejects(() => selectCandidates(spec, { ...options, ...more }), TrainingError, message);
  }
});

Deno.test("the linear head: its residual is one-hot − softmax, and fitting it lowers the loss", () => {
  const head = new LinearHead({ bits: 3, classes: 2 });
  head.weights.set([0.5, -1, 2, 0, 0.25, 1]);
  head.bias.set([0.1, -0.2]);
  const codes = { codes: Uint8Array.of(0b101, 0b010), labels: [1, 0], bits: 3 };
  const { residual, loss } = head.residual(codes);
  const wanted: number[] = [];
  let total = 0;
  [[1, -1, 1], [-1, 1, -1]].forEach((signs, row) => {
    const logits = [0, 1].map((c) => signs.reduce((sum, x, k) => sum + x * head.weights[k * 2 + c], head.bias[c]));
    const powers = logits.map(Math.exp), sum = powers[0] + powers[1];
    powers.forEach((power, c) => wanted.push(Number(codes.labels[row] === c) - power / sum));
    total -= Math.log(powers[codes.labels[row]] / sum);
  });
  assertClose(residual, wanted, { absolute: 1e-5 });
  assertClose([loss], [total / 2], { absolute: 1e-5 });

  const many = {
    codes: new Uint8Array(300).map((_, i) => i * 37),
    labels: Array.from({ length: 300 }, (_, i) => (i * 37 >> 2) & 1),
    bits: 8,
  };
  const fitted = fitLinearHead(many, { classes: 2, epochs: 60, seed: 1 }).residual(many);
  assertEquals(fitted.accuracy, 1);
});
