import { assertEquals, assertGreaterOrEqual, assertNotEquals, assertRejects } from "@std/assert";
import {
  type Dataset,
  type ImageInput,
  type ProjectionOptions,
  Region,
  standardize,
  train,
  TrainingError,
  type TrainOptions,
  useKernels,
} from "../../mod.ts";
import { prepareAugmentation, type StoredRows, takeRows } from "../../lib/data/mod.ts";
import { ProjectionNetwork } from "../../lib/joint/mod.ts";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { parseTable } from "../../lib/data/table.ts";
import { imagesByBatch } from "../../lib/joint/images_by_batch.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(600, { side: 10 }), test = blobs(200, { side: 10, seed: 2 });
const image = data.input as ImageInput, pixels = data.features as Uint8Array;
const augment = { flip: true, shift: 1, rotate: 10, scale: 0.1, shear: 5, elastic: 0.5 };
const projections: ProjectionOptions[] = [
  { functions: 12, bitsPerFunction: 8, thresholds: "median" },
  { functions: 20, family: "patch" },
  { functions: 30, family: "taps", taps: 5 },
  { functions: 6, family: "conv", conv: { filter: 3 }, reads: "counts", head: "ternary" },
];
const small: TrainOptions = {
  data,
  test,
  trainer: { hidden: [16] },
  projections,
  epochs: 6,
  batchSize: 32,
  optimizer: { learningRate: 5e-3 },
  projectionOptimizer: { learningRate: 5e-3 },
};

Deno.test("trainer and projection networks see the same distorted images, coded as the packed model codes them", () => {
  using region = new Region();
  const networks = region.run(() =>
    projections.map((options) => new ProjectionNetwork({ ...options, features: 100, image, classes: 4, seed: 3 }))
  );
  for (const network of networks) {
    network.fitFilters({ features: pixels, count: 600 });
    network.fitThresholds({ features: pixels, count: 600 });
  }
  const classifiers = networks.map((network) =>
    loadPnet(encodePnet(network.pack({ input: { ...image }, labels: data.labelNames })))
  );
  const standardized = standardize(data);
  const varying = region.run(() =>
    imagesByBatch(data, {
      image,
      pixels,
      distortions: augment,
      networks: networks.map((head) => ({ head, codeBytes: head.codeBytes })),
      sources: [0, 1, 2, 3],
      features: (rows) => standardized(rows as Dataset),
      batchSize: 5,
      seed: 3,
    })
  );
  const distort = prepareAugmentation(image, { ...augment, seed: 3 });
  for (const [epoch, rows] of [[0, [4, 599, 0, 17, 3]], [7, [1, 2]]] as const) {
    const inOrder = varying.make!(Uint32Array.from(rows), epoch);
    assertEquals([...inOrder], Array.from(rows, (_, i) => i));
    const distorted = new Uint8Array(rows.length * 100);
    distort(pixels, distorted, { rows, epoch });
    const seen = varying.features.gather(inOrder);
    const expected = standardized({ ...data, features: distorted, count: rows.length }).gather(inOrder);
    assertEquals([seen.shape, seen.data], [expected.shape, expected.data]);
    networks.forEach((network, index) => {
      for (let i = 0; i < rows.length; i++) {
        const found = varying.codes[index].subarray(i * network.codeBytes, (i + 1) * network.codeBytes);
        const sample = distorted.subarray(i * 100, (i + 1) * 100);
        const wanted = network.reads === "counts"
          ? network.encode({ features: sample, count: 1 })
          : classifiers[index].codes(sample);
        assertEquals([...found], [...wanted], `network ${index}, row ${rows[i]}`);
      }
    });
  }
});

Deno.test("images as they are, in memory or read, have the same codes whether these are kept or computed again", () => {
  using region = new Region();
  const networks = region.run(() =>
    projections.map((options) => new ProjectionNetwork({ ...options, features: 100, image, classes: 4, seed: 3 }))
  );
  const reads: number[][] = [];
  const read = (rows: ArrayLike<number>, out: Uint8Array): void => {
    reads.push(Array.from(rows));
    out.set(takeRows(data, rows) as Uint8Array);
  };
  const make = (source: Uint8Array | StoredRows, keptBytes?: number) =>
    region.run(() =>
      imagesByBatch(data, {
        pixels: source,
        image,
        networks: networks.map((head) => ({ head, codeBytes: head.codeBytes })),
        sources: [0, 1, 2, 3],
        features: (rows) => standardize(data)(rows as Dataset),
        batchSize: 4,
        seed: 3,
        keptBytes,
      })
    );
  const all = [make(pixels), make(pixels, 0), make({ read }), make({ read }, 0)];
  const batches = [[5, 9, 7], [9, 5], [1, 9, 5, 7], [599]];
  for (const rows of batches) {
    const samples = takeRows(data, rows) as Uint8Array;
    for (const made of all) {
      const places = made.make(Uint32Array.from(rows), 1);
      assertEquals(made.features.gather(places).data, standardize(data)(data).gather(Uint32Array.from(rows)).data);
      networks.forEach((network, index) => {
        const codes = made.codes[index].subarray(0, rows.length * network.codeBytes);
        assertEquals(codes, network.encode({ features: samples, count: rows.length }));
      });
    }
  }
  assertEquals(reads, batches.flatMap((rows) => [rows, rows]));
});

Deno.test("augmented training learns, writes the same files for the same seed and any number of threads, and others without", async () => {
  const files = async (options: Partial<TrainOptions>) => {
    const result = await train({ ...small, epochs: 2, ...options });
    return result.networks.map(({ bytes }) => bytes);
  };
  try {
    const first = await files({ augment });
    for (const threads of [1, 2]) {
      useKernels({ threads });
      assertEquals(await files({ augment }), first);
    }
    const others = [await files({}), await files({ augment, seed: 2 }), await files({ augment: { shift: 1 } })];
    for (const other of others) other.forEach((bytes, index) => assertNotEquals(bytes, first[index]));
    assertEquals(await files({ augment: {} }), others[0]);
  } finally {
    useKernels({ threads: 1 });
    useKernels();
  }
  const { trainer, networks } = await train({ ...small, augment: { shift: 1, rotate: 10, elastic: 0.5 } });
  assertGreaterOrEqual(trainer.testAccuracy!, 0.9);
  assertGreaterOrEqual(networks[0].test!.accuracy, 0.8);
});

Deno.test("a network learns the same from distorted images alone and beside another with the same code", async () => {
  const options = { ...small, augment, epochs: 2 };
  const alone = await train({ ...options, projections: [{ ...projections[3], hidden: 5 }] });
  const beside = await train({ ...options, projections: [projections[3], { ...projections[3], hidden: 5 }] });
  assertEquals(beside.networks[1].bytes, alone.networks[0].bytes);
});

Deno.test("augmentation changes nothing but the training images: codes, validation and test stay", async () => {
  const still = { learningRate: 1e-9 };
  const options = { ...small, epochs: 1, optimizer: still, projectionOptimizer: still };
  const [plain, augmented] = [await train(options), await train({ ...options, augment: { shift: 5 } })];
  assertEquals(augmented.trainer.validationAccuracy, plain.trainer.validationAccuracy);
  assertEquals(augmented.trainer.testAccuracy, plain.trainer.testAccuracy);
  augmented.networks.forEach(({ model, test }, index) => {
    assertEquals(model.thresholds, plain.networks[index].model.thresholds);
    assertEquals(model.projection, plain.networks[index].model.projection);
    assertEquals(test!.accuracy, plain.networks[index].test!.accuracy);
  });
});

Deno.test("augmentation is refused for tables, float images and strengths out of range, before anything is trained", async () => {
  const table = parseTable(new TextEncoder().encode("1,2,a\n3,4,b\n5,6,a\n7,8,b\n"), { file: "few.csv" });
  const wrong: [Partial<TrainOptions>, string][] = [
    [{ data: table, test: undefined }, "augment: images of bytes were wanted, and few.csv is a table"],
    [{ data: { ...data, features: Float32Array.from(pixels) } }, "and blobs is images of floats"],
    [{ augment: { shift: 0.5 } }, "augment: shift: a whole number in 0...1024 was wanted, 0.5 found"],
  ];
  for (const [options, message] of wrong) {
    await assertRejects(() => train({ ...small, augment, ...options }), TrainingError, message);
  }
});
