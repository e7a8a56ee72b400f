import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type CheckpointEvent,
  type CheckpointOptions,
  encodePnet,
  fit,
  makeGraph,
  mlpTrainer,
  parseTable,
  parseTexts,
  readCheckpoint,
  Region,
  Sgd,
  tensor,
  train,
  trainNodes,
  type TrainOptions,
  type TrainResult,
  trainTexts,
  trainWithinBudget,
} from "../../../mod.ts";
import { CheckpointError, TrainingError } from "../../../lib/joint/errors.ts";
import type { AnyModel } from "../../../lib/packed/mod.ts";
import { encodeCheckpoint } from "../../../lib/joint/checkpoint/checkpoint_file.ts";
import { readNewestCheckpoint } from "../../../lib/joint/checkpoint/checkpoint_folder.ts";
import { inFolder } from "../../cli/harness.ts";
import { blobs } from "../fixtures.ts";

const data = blobs(240), test = blobs(60, { seed: 2 });
const shared = { data, test, epochs: 2, batchSize: 64, projections: [{ functions: 16 }] };

const nouns = ["alarm", "clock", "timer", "song", "album", "band"];
const lines = nouns.flatMap((noun, i) =>
  ["my", "the", "a new", "some", "that", "one", "this"].map((word) =>
    `${i < 3 ? "time" : "music"}\tplease set ${word} ${noun}`
  )
);
const texts = await parseTexts(new TextEncoder().encode(lines.join("\n")), { file: "intents.tsv" });

const rows = Array.from({ length: 60 }, (_, i) => `${i < 30 ? 9 : 0},${i % 7},${i < 30 ? "a" : "b"}`);
const nodes = {
  data: await parseTable(new TextEncoder().encode(rows.join("\n")), { file: "nodes.csv" }),
  graph: await makeGraph({
    nodes: 60,
    from: Array.from({ length: 58 }, (_, i) => i),
    to: Array.from({ length: 58 }, (_, i) => i + 2),
  }),
};
const split = {
  train: Uint32Array.of(0, 1, 58, 59),
  validation: Uint32Array.of(5, 50),
  test: Uint32Array.of(10, 40),
};

type Run = (options: { checkpoint?: CheckpointOptions; signal?: AbortSignal }) => Promise<TrainResult<AnyModel>>;

/** Every kind of run, after how many checkpoints it is stopped again and again, and seconds between them. */
const runs: Record<string, [run: Run, every: number, seconds?: number]> = {
  "mlp, selection, heads beside one another": [
    (more) =>
      train({
        ...shared,
        projections: [
          { functions: 16, select: { pool: 60 }, hidden: 8, normalize: true, head: "ternary" },
          { functions: 16, select: { pool: 60 }, dropout: 0.1 },
          { functions: 4, bitsPerFunction: 3, head: "table" },
        ],
        trainer: { hidden: [12], dropout: 0.2 },
        ...more,
      }),
    2,
  ],
  "cnn on distorted images": [
    (more) => train({ ...shared, trainer: { kind: "cnn", hidden: [4] }, augment: { shift: 1, rotate: 10 }, ...more }),
    3,
  ],
  "lstm": [(more) => train({ ...shared, trainer: { kind: "lstm", hidden: [6], dropout: 0.2 }, ...more }), 4],
  "a trunk": [
    (more) =>
      train({
        ...shared,
        trainer: { kind: "cnn", hidden: [4] },
        projectFrom: { stage: "hidden" },
        projections: [{ functions: 16 }, { functions: 8 }],
        ...more,
      }),
    3,
  ],
  "filters that count": [
    (more) =>
      train({
        ...shared,
        projections: [{ family: "conv", functions: 4, reads: "counts", select: { pool: 10 }, head: "int4" }],
        ...more,
      }),
    3,
  ],
  "patience": [(more) => train({ ...shared, epochs: 9, patience: 2, ...more }), 7],
  "no validation data": [(more) => train({ ...shared, validation: 0, ...more }), 4],
  "few labels": [
    (more) => train({ ...shared, batchSize: 16, labelled: Array.from({ length: 40 }, (_, i) => 3 * i), ...more }),
    4,
  ],
  "nodes of a graph": [
    (more) =>
      trainNodes({
        nodes,
        split,
        unlabelled: { alpha: 0.1, batchSize: 16 },
        projections: [{ functions: 32 }],
        epochs: 3,
        ...more,
      }),
    4,
  ],
  "texts, pruned": [
    (more) =>
      trainTexts({
        data: texts,
        projections: [{ functions: 512, maxBytes: 600 }],
        epochs: 10,
        batchSize: 16,
        reject: 0.05,
        ...more,
      }),
    6,
  ],
  "texts with mistakes, selected signs": [
    (more) =>
      trainTexts({
        data: texts,
        trainer: { kind: "bag", hidden: [4], buckets: 64 },
        distort: 0.2,
        balance: 0.5,
        projections: [{ functions: 32, entries: "sign", select: { pool: 80 } }],
        epochs: 2,
        batchSize: 16,
        ...more,
      }),
    2,
  ],
  "a search within a budget": [
    (more) =>
      trainWithinBudget({
        data,
        test,
        budget: 100,
        minutes: 30,
        epochs: 1,
        trainer: { hidden: [4] },
        recipes: [
          { options: { family: "sign", head: "ternary" } },
          { options: { family: "taps", taps: 4, head: "int4", select: { pool: 60 } } },
        ],
        ...more,
      }),
    3,
    0.04,
  ],
};

/** Everything of a result but times. */
function outcome(result: TrainResult<AnyModel>): string {
  const times = ["seconds", "examplesPerSecond", "microsecondsPerSample"];
  return JSON.stringify(
    result,
    (key, value) =>
      times.includes(key) ? undefined : ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value,
  );
}

/** Stops a run again and again after so many checkpoints, until it ends. */
async function stopped(run: Run, { folder, every, seconds = 0 }: { folder: string; every: number; seconds?: number }) {
  for (let stops = 0;; stops++) {
    const controller = new AbortController();
    let written = 0;
    const onEvent = (event: CheckpointEvent): void => {
      if (event.kind === "failed") throw event.error;
      if (event.kind === "written" && ++written >= every) controller.abort(new RangeError("stop"));
    };
    try {
      const checkpoint = { folder, seconds, resume: true, onEvent };
      return { stops, result: await run({ checkpoint, signal: controller.signal }) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

for (const [name, [run, every, seconds]] of Object.entries(runs)) {
  Deno.test(`stopped and resumed again and again, a run ends as one that was not: ${name}`, () =>
    inFolder(async (folder) => {
      const { stops, result } = await stopped(run, { folder, every, seconds });
      assert(stops >= 2, `${stops} stops`);
      assertEquals(outcome(result), outcome(await run({})));
    }));
}

Deno.test("a finished run that is resumed gives the same again, and its networks are in the checkpoint", () =>
  inFolder(async (base) => {
    // Texts are calibrated after the last checkpoint, unless there are no validation data.
    const untouched: Run = (more) =>
      trainTexts({ data: texts, validation: 0, projections: [{ functions: 64, hidden: 4 }], epochs: 2, ...more });
    const kinds = ["mlp, selection, heads beside one another", "a trunk", "filters that count"];
    for (const [index, run] of [...kinds.map((name) => runs[name][0]), untouched].entries()) {
      const checkpoint = { folder: `${base}/${index}` };
      const result = await run({ checkpoint });
      assertEquals(outcome(await run({ checkpoint: { ...checkpoint, resume: true } })), outcome(result));
      const read = await readCheckpoint(checkpoint.folder);
      for (const [at, { bytes, bestEpoch, validationAccuracy }] of result.networks.entries()) {
        assertEquals(await encodePnet(read.model(at)), bytes);
        const { bestEpoch: epoch, validationAccuracy: accuracy } = read.fitting!.networks[at + 1];
        assertEquals([epoch, accuracy], [bestEpoch, validationAccuracy]);
      }
      assertStringIncludes(
        (await assertRejects(() => Promise.resolve().then(() => read.model(7)), CheckpointError)).message,
        "number 8 was asked for",
      );
      const { description, state } = result.trainer;
      if (description !== undefined) assertEquals(read.trainer(), { ...description, state });
      else await assertRejects(() => Promise.resolve().then(() => read.trainer()), CheckpointError, "no form outside");
    }
  }));

Deno.test("a checkpoint of a right checksum whose parts are others is refused with a typed error", () =>
  inFolder(async (folder) => {
    const options = { ...shared, epochs: 1, projections: [{ functions: 8 }] };
    await train({ ...options, checkpoint: { folder } });
    const { document } = (await readNewestCheckpoint(folder))!;
    const { fitting } = document as { fitting: Record<string, unknown> };
    for (const [key, value] of Object.entries(fitting)) {
      if (["name", "about", "loss", "seconds"].includes(key)) continue;
      for (const other of [null, -1, 0.5, [], [null], { length: 2 }]) {
        if (key === "networks" && Array.isArray(other) && other.length === 1) continue;
        fitting[key] = other;
        await Deno.writeFile(`${folder}/checkpoint-99999999.pnck`, await encodeCheckpoint(document as object));
        const resumed = (): Promise<TrainResult> => train({ ...options, checkpoint: { folder, resume: true } });
        await assertRejects(resumed, CheckpointError, "the checkpoint", `${key} ${JSON.stringify(other)}`);
      }
      fitting[key] = value;
    }
  }));

Deno.test("a checkpoint of another run is refused with what differs; one that is there is not written over", () =>
  inFolder(async (folder) => {
    const checkpoint = { folder, context: { note: 1 } };
    await train({ ...shared, checkpoint });
    const resume = { ...checkpoint, resume: true };
    const refused: [Partial<TrainOptions>, CheckpointError["problem"], string][] = [
      [{ checkpoint }, "present", "--resume"],
      [{ checkpoint: { ...resume, seconds: NaN } }, "storage", "checkpoint.seconds"],
      [{ epochs: 3 }, "run", "options.epochs is 2 in the checkpoint and 3 in this run"],
      [{ trainer: { hidden: [7] } }, "run", "options.trainer is left out in the checkpoint"],
      [{ seed: 2 }, "run", "options.seed"],
      [{ projections: [{ functions: 17 }] }, "run", "options.projections.0.functions is 16"],
      [{ data: blobs(240, { seed: 3 }) }, "run", "data.sha256"],
      [{ test: undefined }, "run", "test is {"],
      [{ checkpoint: { ...resume, context: { note: 2 } } }, "run", "context.note is 1"],
    ];
    for (const [change, problem, message] of refused) {
      const error = await assertRejects(() => train({ ...shared, checkpoint: resume, ...change }), CheckpointError);
      assertEquals(error.problem, problem);
      assertStringIncludes(error.message, message);
    }
  }));

Deno.test("a torn newest checkpoint leaves the one before, and the run still ends the same", () =>
  inFolder(async (folder) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const controller = new AbortController();
    let written = 0;
    const onEvent = ({ kind }: CheckpointEvent): void => {
      if (kind === "written" && ++written === 5) controller.abort(new RangeError("stop"));
    };
    const first = train({ ...shared, signal: controller.signal, checkpoint: { folder, seconds: 0, onEvent } });
    await first.catch(() => resolve());
    await promise;
    const newest = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().at(-1)!;
    await Deno.truncate(`${folder}/${newest}`, 1000);
    const events: CheckpointEvent[] = [];
    const result = await train({
      ...shared,
      checkpoint: {
        folder,
        resume: true,
        onEvent(event) {
          // It would count as one of the two that are kept.
          if (events.push(event) === 1) assertThrows(() => Deno.statSync(`${folder}/${newest}`), Deno.errors.NotFound);
        },
      },
    });
    const [resumed] = events;
    assert(resumed.kind === "resumed" && resumed.damaged.length === 1 && resumed.damaged[0].includes(newest));
    assertEquals(outcome(result), outcome(await train(shared)));
  }));

Deno.test("without a listener a checkpoint that cannot be written ends the run, with one it goes on", () =>
  inFolder(async (base) => {
    const folder = `${base}/state`;
    // Rows whose reading takes the folder away.
    const trainerReads: TrainOptions["trainerReads"] = {
      width: 3,
      data: {
        gather(rows: Uint32Array) {
          Deno.mkdirSync(folder, { recursive: true });
          Deno.removeSync(folder, { recursive: true });
          return tensor(Array.from(rows, (row) => [row % 2, 1, row % 3]));
        },
      },
    };
    const options = {
      ...shared,
      test: undefined,
      validation: 0,
      labelled: Array.from({ length: 100 }, (_, row) => row),
      trainerReads,
    };
    const error = await assertRejects(
      () => train({ ...options, checkpoint: { folder, seconds: 0 } }),
      CheckpointError,
      "could not be written",
    );
    assertEquals(error.problem, "storage");
    let failed = 0;
    const onEvent = ({ kind }: CheckpointEvent): void => void (failed += Number(kind === "failed"));
    const { networks: [network] } = await train({ ...options, checkpoint: { folder, seconds: 0, onEvent } });
    assert(failed > 1);
    assertEquals(network.bytes, (await train(options)).networks[0].bytes);
  }));

Deno.test("fit goes on from its own checkpoints; optimisers without a state, and other networks, are refused", () =>
  inFolder(async (folder) => {
    const features = (width: number) => ({
      gather: (rows: Uint32Array) =>
        tensor(Array.from(rows, (row) => Array.from({ length: width }, (_, i) => Math.sin(row * (i + 1))))),
    });
    const run = (
      { hidden = [6], ...checkpoint }: Partial<CheckpointOptions> & { hidden?: number[] },
      signal?: AbortSignal,
      strip = false,
    ) => {
      const region = new Region();
      const [network, optimizer] = region.run(() => {
        const network = mlpTrainer({ inputs: 5, classes: 3, hidden, seed: 1 });
        return [network, new Sgd(network.parameters, { learningRate: 0.1, momentum: 0.9 })] as const;
      });
      return fit(network, {
        training: {
          count: 50,
          labels: Array.from({ length: 50 }, (_, i) => i * i % 3),
          features: features(5),
          codes: [],
        },
        networks: [],
        optimizers: [strip ? { learningRate: 0.1, parameters: network.parameters, step() {} } : optimizer],
        epochs: 3,
        batchSize: 10,
        seed: 1,
        checkpoint: checkpoint.folder === undefined ? undefined : { folder, ...checkpoint },
        signal,
      }).then(() => network.parameters.map(({ data }) => [...data]));
    };
    const controller = new AbortController();
    let written = 0;
    const onEvent = ({ kind }: CheckpointEvent): void => {
      if (kind === "written" && ++written === 7) controller.abort(new RangeError("stop"));
    };
    await run({ folder, seconds: 0, onEvent }, controller.signal).catch(() => {});
    assertEquals(await run({ folder, resume: true }), await run({}));
    await assertRejects(() => run({ folder: `${folder}/x` }, undefined, true), TrainingError, "state and restore");
    await assertRejects(
      () => run({ folder, resume: true, hidden: [7] }),
      CheckpointError,
      "trainer.0.weights [5, 7] was wanted",
    );
    await assertRejects(() => run({ folder, resume: true, hidden: [6, 6] }), CheckpointError, "of other networks");
  }));
