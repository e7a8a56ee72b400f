import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DataFormatError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { openDataset, type OpenOptions } from "../../lib/data/open.ts";
import {
  cifar100Files,
  cifar10Files,
  cifarPixel,
  cifarRecord,
  tarBytes,
  type TarFile,
  unpack,
} from "./cifar_fixtures.ts";
import { concatenated, gzipped, range, text, withFolder } from "./fixtures.ts";

/** The pixels of images, the channels of a pixel together. */
function pixels(seeds: readonly number[]): number[] {
  return seeds.flatMap((seed) =>
    range(3072).map((i) => cifarPixel(seed, { pixel: Math.floor(i / 3), channel: i % 3 }))
  );
}

async function withArchive(files: readonly TarFile[], body: (path: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = `${folder}/cifar-100-binary.tar.gz`;
    await Deno.writeFile(path, await gzipped(tarBytes(files)));
    await body(path);
  });
}

async function refusal(files: readonly TarFile[], options: Partial<OpenOptions> = {}): Promise<Error> {
  let error: Error | undefined;
  await withArchive(files, async (path) => {
    error = await assertRejects(() => openDataset(path, { split: "train", ...options }), Error);
  });
  return error!;
}

const replaced = (name: string, change: Partial<TarFile>): TarFile[] =>
  cifar100Files().map((file) => file.path.endsWith(name) ? { ...file, ...change } : file);

Deno.test("CIFAR-100: an archive, its folder and a single file give the same images, fine or coarse", async () => {
  await withFolder(async (folder) => {
    const files = cifar100Files();
    await unpack(folder, files);
    await Deno.writeFile(`${folder}/a.tar.gz`, await gzipped(tarBytes(files)));
    await Deno.writeFile(`${folder}/a.tar`, tarBytes(files));
    for (const path of [`${folder}/a.tar.gz`, `${folder}/a.tar`, folder, `${folder}/train.bin`]) {
      const fine = await openDataset(path, { split: "train" });
      assertEquals([fine.name, fine.count, fine.featureLength], [path, 4, 3072]);
      assertEquals(fine.input, { kind: "image", width: 32, height: 32, channels: 3 });
      assertEquals([[...fine.labels], fine.labelNames], [[0, 1, 2, 0], ["fern", "oak", "fox"]]);
      assertEquals([...fine.features], pixels([0, 1, 2, 3]));
      assertEquals([fine.labelField, fine.split], ["fine", path.endsWith(".bin") ? undefined : "train"]);
      const coarse = await openDataset(path, { split: "train", label: "coarse" });
      assertEquals([[...coarse.labels], coarse.labelNames, coarse.labelField], [
        [0, 0, 1, 0],
        ["plants", "animals"],
        "coarse",
      ]);
    }
    const test = await openDataset(folder, { split: "test", labelNames: ["fox", "elk", "oak"] });
    assertEquals([[...test.labels], test.labelNames, test.split], [[0, 2], ["fox", "elk", "oak"], "test"]);
    assertEquals([...test.features], pixels([50, 51]));
  });
});

Deno.test("CIFAR-10: the batches are joined in the order of their numbers", async () => {
  await withFolder(async (folder) => {
    const files = cifar10Files();
    await unpack(folder, files);
    await Deno.writeFile(`${folder}/cifar-10-binary.tar.gz`, await gzipped(tarBytes(files)));
    for (const path of [`${folder}/cifar-10-binary.tar.gz`, folder]) {
      const train = await openDataset(path, { split: "train" });
      assertEquals([[...train.labels], train.labelNames.length, train.labelNames[9]], [range(5), 10, "a9"]);
      assertEquals([...train.features], pixels(range(5)));
      assertEquals([train.labelField, train.split], [undefined, "train"]);
      assertEquals([...(await openDataset(path, { split: "test" })).labels], [5]);
    }
    await Deno.remove(`${folder}/data_batch_4.bin`);
    await assertRejects(
      () => openDataset(folder, { split: "train" }),
      DatasetNotFoundError,
      "data_batch_4.bin is missing",
    );
  });
});

Deno.test("a single file under any name is known by its size, and has numbers without names beside it", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/some.bin`, cifarRecord([3, 7], 0));
    const fine = await openDataset(`${folder}/some.bin`, { split: "test" });
    assertEquals([[...fine.labels], fine.labelNames.length, fine.labelNames[7]], [[7], 8, "7"]);
    assertEquals([...(await openDataset(`${folder}/some.bin`, { split: "test", label: "coarse" })).labels], [3]);
    await Deno.writeFile(`${folder}/other.bin`, cifarRecord([4], 1));
    assertEquals([...(await openDataset(`${folder}/other.bin`, { split: "test" })).features], pixels([1]));
    await Deno.writeFile(`${folder}/both.bin`, new Uint8Array(3073 * 3074));
    await assertRejects(
      () => openDataset(`${folder}/both.bin`, { split: "test" }),
      DataFormatError,
      "an official name",
    );
    await Deno.writeFile(`${folder}/neither.bin`, new Uint8Array(3075));
    await assertRejects(() => openDataset(`${folder}/neither.bin`, { split: "test" }), DataFormatError, "3075 bytes");
  });
});

Deno.test("a split that is not there is said so", async () => {
  const files = cifar100Files().filter(({ path }) => !path.endsWith("test.bin"));
  await withArchive(files, async (path) => {
    assertEquals((await openDataset(path, { split: "train" })).count, 4);
    await assertRejects(
      () => openDataset(path, { split: "test" }),
      DatasetNotFoundError,
      "wanted test.bin of CIFAR-100",
    );
  });
  assertStringIncludes((await refusal([])).message, "wanted train.bin of CIFAR-100 or data_batch_1.bin of CIFAR-10");
});

Deno.test("wrong records, names and labels are refused with file and place", async () => {
  const cases: [TarFile[], Partial<OpenOptions>, string][] = [
    [
      replaced("train.bin", { bytes: new Uint8Array(3074 + 5) }),
      {},
      "cifar-100-binary/train.bin: the file has 3079 bytes",
    ],
    [replaced("train.bin", { bytes: new Uint8Array(0) }), {}, "the file has 0 bytes, wanted one or more records"],
    [
      replaced("train.bin", { bytes: concatenated([cifarRecord([0, 1], 0), cifarRecord([0, 3], 1)]) }),
      {},
      "train.bin, byte 3075: the label of image 1 is 3, wanted a class number in 0...2",
    ],
    [
      replaced("fine_label_names.txt", { bytes: text("fern\n\nfox\n") }),
      {},
      "fine_label_names.txt, row 2: found an empty",
    ],
    [replaced("fine_label_names.txt", { bytes: text("fern\noak\nfern\n") }), {}, 'row 3: found "fern" again'],
    [replaced("fine_label_names.txt", { bytes: new Uint8Array(70_000) }), {}, "the names have 70000 bytes"],
    [cifar100Files(), { label: "species" }, 'the label "species" of CIFAR-100: wanted "coarse" or "fine"'],
    [[...cifar100Files(), ...cifar100Files()], {}, "holds test.bin twice"],
    [[...cifar100Files(), ...cifar10Files()], {}, "wanted one set"],
    [replaced("train.bin", { type: "2" }), {}, "holds no CIFAR records of the train split"],
    [replaced("train.bin", { size: "17777777777 " }), {}, "more than its"],
  ];
  for (const [files, options, message] of cases) assertStringIncludes((await refusal(files, options)).message, message);
});

Deno.test("a damaged or truncated archive is a DataFormatError, wherever the damage is", async () => {
  await withArchive(cifar100Files(), async (path) => {
    const bytes = await Deno.readFile(path);
    const flipped = (position: number) => {
      const changed = bytes.slice();
      changed[position] ^= 16;
      return changed;
    };
    const lengths = [10, 300, bytes.length >> 1, bytes.length - 1].map((length) => bytes.slice(0, length));
    for (const damaged of [...lengths, flipped(bytes.length >> 1), flipped(bytes.length - 6), text("no archive")]) {
      await Deno.writeFile(path, damaged);
      const error = await assertRejects(() => openDataset(path, { split: "train" }), DataFormatError);
      assertEquals(error.file, path);
    }
  });
});
