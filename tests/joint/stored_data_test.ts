import { assertEquals, assertRejects } from "@std/assert";
import {
  DataFormatError,
  loadTexts,
  openDataset,
  train,
  TrainingError,
  type TrainOptions,
  type TrainTextOptions,
  trainTexts,
  trainWithinBudget,
  useKernels,
} from "../../mod.ts";
import { idxBytes, withFolder } from "../data/fixtures.ts";
import { blobs } from "./fixtures.ts";

const SMALL = {
  trainer: { hidden: [16] },
  epochs: 2,
  batchSize: 32,
} satisfies Partial<TrainOptions>;

async function writeBlobs(folder: string): Promise<void> {
  for (const [stem, count, seed] of [["train", 500, 1], ["t10k", 150, 2]] as const) {
    const { features, labels } = blobs(count, { side: 10, seed });
    await Deno.writeFile(`${folder}/${stem}-images-idx3-ubyte`, idxBytes([count, 10, 10], features));
    await Deno.writeFile(`${folder}/${stem}-labels-idx1-ubyte`, idxBytes([count], labels));
  }
}

async function openBlobs(folder: string, loadLimit?: number) {
  const data = await openDataset(folder, { split: "train", loadLimit });
  const test = await openDataset(folder, { split: "test", loadLimit, labelNames: data.labelNames });
  return { data, test };
}

/** All of a result but times. */
function facts({ networks, trainer, epochs }: Awaited<ReturnType<typeof train>>) {
  return {
    trainer,
    epochs,
    networks: networks.map(({ test, ...rest }) => ({ ...rest, test: { ...test, microsecondsPerSample: 0 } })),
  };
}

Deno.test("training on stored images gives, byte for byte, what it gives on those in memory, on 1 and 2 threads", async () => {
  const trainings: Omit<TrainOptions, "data">[] = [
    {
      projections: [
        { functions: 12, bitsPerFunction: 8 },
        { functions: 12, bitsPerFunction: 8, hidden: 8, head: "ternary" },
        { functions: 20, family: "patch", select: { pool: 60 }, thresholds: "auto" },
        { functions: 5, family: "conv", conv: { filter: 3 }, reads: "counts" },
      ],
    },
    {
      projections: [{ functions: 40, family: "taps", taps: 5, thresholds: "median" }],
      augment: { flip: true, shift: 1, rotate: 10, elastic: 0.5 },
    },
    { projections: [{ functions: 30 }, { functions: 20, thresholds: "zero" }], projectFrom: { stage: "hidden" } },
    { projections: [{ functions: 30 }], trainer: { kind: "cnn", hidden: [4] }, validation: 0 },
    { projections: [{ functions: 30 }], trainer: { kind: "lstm", hidden: [6] }, labelled: [...Array(200).keys()] },
  ];
  await withFolder(async (folder) => {
    await writeBlobs(folder);
    const loaded = await openBlobs(folder), stored = await openBlobs(folder, 0);
    try {
      for (const threads of [1, 2]) {
        useKernels({ threads });
        for (const options of trainings) {
          const expected = await train({ ...SMALL, ...loaded, ...options });
          assertEquals(facts(await train({ ...SMALL, ...stored, ...options })), facts(expected));
        }
      }
    } finally {
      useKernels({ threads: 1 });
      useKernels();
    }
    const beside = { ...SMALL, projections: [{ functions: 30 }] };
    assertEquals(
      facts(await train({ ...beside, data: stored.data, validation: stored.test })),
      facts(await train({ ...beside, data: loaded.data, validation: loaded.test })),
    );
    const budget = { ...SMALL, budget: 200, minutes: 0.0001 };
    const [found, expected] = [
      await trainWithinBudget({ ...budget, ...stored }),
      await trainWithinBudget({ ...budget, ...loaded }),
    ];
    assertEquals(found.networks[0].bytes, expected.networks[0].bytes);
  });
});

Deno.test("what needs all rows in memory refuses stored ones by name; a file that changes in the training stops it", async () => {
  await withFolder(async (folder) => {
    await writeBlobs(folder);
    const { data } = await openBlobs(folder, 0);
    const options = { ...SMALL, data, projections: [{ functions: 30 }] };
    const teacher = { name: "t", parameters: 1, logits: () => Promise.resolve(new Float32Array(2000)) };
    for (
      const [name, extra] of Object.entries({
        teacher: { teacher, trainer: undefined },
        unlabelled: { labelled: [1, 2], unlabelled: {} },
      })
    ) {
      const error = await assertRejects(() => train({ ...options, ...extra }), TrainingError);
      assertEquals(error.message, `${name}: needs all rows in memory, and those of ${folder} stay in their files`);
    }
    const file = `${folder}/train-images-idx3-ubyte`;
    const error = await assertRejects(
      () => train({ ...options, onProgress: ({ endOfEpoch }) => endOfEpoch && Deno.truncateSync(file, 40_000) }),
      DataFormatError,
    );
    assertEquals([error.file, error.message.includes("went from 50016 bytes to 40000")], [file, true]);
  });
});

Deno.test("training on stored texts gives, byte for byte, what it gives on those in memory", async () => {
  const words = ["alarm", "clock", "timer", "song", "album", "band", "please", "the", "a", "now"];
  const line = (i: number): string => {
    const text = Array.from({ length: 2 + i % 5 }, (_, k) => words[(i * 7 + k * k * (i % 4 + 1)) % 10]).join(" ");
    return JSON.stringify({ text, label: i % 3 === 0 ? "time" : ["music", 7][i % 2] });
  };
  const trainings: Omit<TrainTextOptions, "data">[] = [
    { projections: [{ functions: 300, maxBytes: 400 }], reject: 0.1, trainer: { buckets: 512 } },
    {
      projections: [{ functions: 64, entries: "sign", select: { pool: 200 }, thresholds: "median" }],
      trainer: { kind: "lstm", buckets: 512, hidden: [6] },
    },
    { projections: [{ functions: 300 }, { functions: 200 }], crop: 0.5, distort: 0.3, trainer: { buckets: 512 } },
  ];
  await withFolder(async (folder) => {
    const path = `${folder}/texts.jsonl`;
    await Deno.writeTextFile(path, Array.from({ length: 240 }, (_, i) => line(i)).join("\n"));
    const loaded = { data: await loadTexts(path) }, stored = { data: await loadTexts(path, { loadLimit: 0 }) };
    for (const options of trainings) {
      const epochs = { epochs: 3, batchSize: 20 };
      const expected = await trainTexts({ ...epochs, ...loaded, test: loaded.data, ...options });
      const found = await trainTexts({ ...epochs, ...stored, test: stored.data, ...options });
      for (const [i, network] of found.networks.entries()) {
        const { test, ...rest } = network, { test: wanted, ...others } = expected.networks[i];
        assertEquals([rest, test!.confusion], [others, wanted!.confusion]);
      }
      assertEquals(found.trainer, expected.trainer);
    }
    await assertRejects(
      () => trainTexts({ ...stored, projections: [{ functions: 64 }], labelled: [0, 1], unlabelled: {} }),
      TrainingError,
      `unlabelled: needs all texts in memory, and those of ${path} stay in their file`,
    );
  });
});
