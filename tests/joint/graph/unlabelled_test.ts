import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { chooseLabelled, makeGraph, parseTexts, selectRows } from "../../../lib/data/mod.ts";
import {
  buildGraph,
  type FitProgress,
  train,
  TrainingError,
  type TrainOptions,
  trainTexts,
} from "../../../lib/joint/mod.ts";
import { hash32 } from "../../../lib/projection/mod.ts";
import { blobs } from "../fixtures.ts";

const data = blobs(400), test = blobs(400, { seed: 2 });
const labelled = chooseLabelled(data, { perClass: 3, seed: 4 });
const shared = {
  data,
  test,
  validation: 0,
  trainer: { hidden: [16] },
  projections: [{ functions: 48 }],
  epochs: 4,
  batchSize: 12,
  lambda: [1, 1, 1],
} as const satisfies Omit<TrainOptions, "unlabelled">;
const { graph } = await buildGraph(data, { neighbours: 5, compare: "values" });
const runWith = (unlabelled: TrainOptions["unlabelled"], rest: Partial<TrainOptions> = {}) =>
  train({ ...shared, labelled, unlabelled, ...rest });

Deno.test("without weights a graph and unlabelled rows change nothing: the supervised run, bit for bit", async () => {
  const supervised = await runWith(undefined);
  const silent = await runWith({ graph, alpha: 0, weight: 0, propagate: undefined });
  assertEquals(silent.networks[0].bytes, supervised.networks[0].bytes);
  assertEquals(silent.trainer.state, supervised.trainer.state);
  const loud = await runWith({ graph, alpha: 0.1, weight: 0 });
  assertEquals(loud.networks[0].bytes.every((byte, i) => byte === supervised.networks[0].bytes[i]), false);
});

Deno.test("labels of rows that are not labelled are never looked at", async () => {
  const hidden = { ...data, labels: data.labels.map((label, row) => labelled.includes(row) ? label : 3 - label) };
  const options = { graph, propagate: {}, alpha: 0.1 };
  const [first, second] = [await runWith(options), await runWith(options, { data: hidden })];
  assertEquals(second.networks[0].bytes, first.networks[0].bytes);
});

Deno.test("a graph helps where labels are few, and a random one does not", async () => {
  const accuracy = async (unlabelled: TrainOptions["unlabelled"]): Promise<number> => {
    const seeds = [1, 2, 3];
    const runs = seeds.map(async (seed) => {
      const drawn = chooseLabelled(data, { perClass: 2, seed });
      const learnt = unlabelled && { ...unlabelled, batchSize: 32 };
      return (await runWith(learnt, { labelled: drawn, seed, epochs: unlabelled ? 12 : 100 })).networks[0].test!
        .accuracy;
    });
    return (await Promise.all(runs)).reduce((a, b) => a + b) / seeds.length;
  };
  const edges = graph.edges, end = (which: number) => Array.from({ length: edges }, (_, i) => (i * which) % 400);
  const random = await makeGraph({ nodes: 400, from: end(7919), to: end(6007) });
  const alone = await accuracy(undefined), joined = await accuracy({ graph, propagate: {} });
  assertGreaterOrEqual(joined, alone + 0.05);
  assertGreaterOrEqual(alone + 0.03, await accuracy({ graph: random, propagate: {} }));
});

Deno.test("the graph loss draws the outputs of neighbours together, of the network that it is on", async () => {
  const distance = async (on: "trainer" | "projection"): Promise<Float32Array> => {
    const { trainer } = await runWith({ graph, alpha: 1, weight: 0, on, kinds: [1, 2, 0.5], neighbours: 2 });
    return trainer.state[0].data;
  };
  const supervised = (await runWith(undefined)).trainer.state[0].data;
  assertEquals(await distance("projection"), supervised);
  assertEquals((await distance("trainer")).some((value, i) => value !== supervised[i]), true);
});

Deno.test("rows to choose by are taken from the labelled ones, and codes are chosen on all", async () => {
  const many = chooseLabelled(data, { perClass: 40, seed: 1 });
  const { networks } = await runWith({ graph, propagate: {}, batchSize: 32 }, {
    epochs: 12,
    labelled: many,
    validation: 0.25,
    projections: [{ functions: 24, select: { pool: 60 }, thresholds: "auto" }],
  });
  const { validationAccuracy, test: measured } = networks[0];
  assertGreaterOrEqual(validationAccuracy!, 0.7);
  assertGreaterOrEqual(measured!.accuracy, 0.7);
});

Deno.test("texts learn from texts without labels", async () => {
  const lines = Array.from({ length: 120 }, (_, i) => {
    // Each text shares a word with the next one of its class, and none with most others.
    const kind = i % 2, word = (n: number) => hash32(kind, 1, (i >> 1) % 20 + n).toString(36);
    return `${kind === 0 ? "dry" : "wet"}\t${word(0)} ${word(1)} day`;
  });
  const texts = await parseTexts(new TextEncoder().encode(lines.join("\n")), { file: "weather.tsv" });
  const options = {
    data: texts,
    labelled: chooseLabelled(texts, { perClass: 2, seed: 1 }),
    validation: 0,
    test: selectRows(texts, Uint32Array.from({ length: 60 }, (_, i) => 60 + i)),
    projections: [{ functions: 256 }],
    epochs: 12,
  };
  const alone = await trainTexts(options);
  const { graph } = await buildGraph(texts, { neighbours: 8 });
  const joined = await trainTexts({ ...options, unlabelled: { graph, propagate: {}, batchSize: 16 } });
  assertGreaterOrEqual(joined.networks[0].test!.accuracy, alone.networks[0].test!.accuracy + 0.05);
  const silent = await trainTexts({ ...options, unlabelled: { graph, weight: 0, batchSize: 256 } });
  assertEquals(silent.networks[0].bytes, alone.networks[0].bytes);
});

Deno.test("an epoch has a step for each batch of all rows, and each step its labelled ones", async () => {
  const ends: FitProgress[] = [];
  await runWith({ graph, propagate: {}, batchSize: 32 }, { batchSize: 5, onProgress: (event) => ends.push(event) });
  // 400 rows in 13 batches, 12 labelled ones in 3: the labelled ones are read 4 times an epoch.
  const { step, steps, epochs } = ends.at(-1)!;
  assertEquals([step, steps, epochs], [48, 48, 4]);
});

Deno.test("options of unlabelled rows that do not fit are refused by name", async () => {
  const small = await makeGraph({ nodes: 3, from: [0], to: [1] });
  const cases: [Partial<TrainOptions>, string][] = [
    [{ labelled: [] }, "labelled: at least one row was wanted"],
    [{ labelled: [0, 400] }, "labelled: different rows of the 400 were wanted, 400 found"],
    [{ labelled: [5, 5] }, "5 again found"],
    [{ labelled: undefined, unlabelled: {} }, "unlabelled: needs `labelled`"],
    [{ unlabelled: { alpha: 1 } }, "alpha needs a graph"],
    [{ unlabelled: { propagate: {} } }, "propagate needs a graph"],
    [{ unlabelled: { graph: small } }, "a node for each of the 400 rows of blobs was wanted, 3 found"],
    [{ unlabelled: { graph, alpha: -1 } }, "unlabelled: a number of at least 0 was wanted, -1 found"],
    [{ unlabelled: { graph, neighbours: 0 } }, "unlabelled.neighbours"],
    [{ unlabelled: { batchSize: 0.5 } }, "unlabelled.batchSize"],
    [{ unlabelled: { graph, propagate: { reach: 1 } } }, "propagate.reach"],
    [{ unlabelled: { graph, propagate: { steps: 0 } } }, "propagate.steps"],
    [{ trainer: { kind: "lstm" }, trainerReads: { width: 3, data: { gather: () => test as never } } }, "trainerReads"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => train({ ...shared, labelled, ...options }), TrainingError, message);
  }
});
