import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import type { Dataset, StoredDataset } from "../../lib/data/dataset.ts";
import { DataFormatError } from "../../lib/data/errors.ts";
import { openDataset } from "../../lib/data/open.ts";
import { selectRows, splitDataset } from "../../lib/data/split.ts";
import { stampOf, storedRows } from "../../lib/data/stored_rows.ts";
import { samplesOf, spreadRows, takeRows } from "../../lib/data/take_rows.ts";
import { cifar100Files, cifar10Files, unpack } from "./cifar_fixtures.ts";
import { gzipped, idxBytes, range, withFolder } from "./fixtures.ts";

const SOME = [[], [0], [2, 1, 0, 3, 3], [3, 0, 3, 0], [1, 2]];

async function writeIdx(folder: string, count: number, side = 3): Promise<void> {
  const pixels = range(count * side * side).map((i) => (i * 37 + (i >> 3)) & 255);
  await Deno.writeFile(`${folder}/train-images-idx3-ubyte`, idxBytes([count, side, side], pixels));
  await Deno.writeFile(`${folder}/train-labels-idx1-ubyte`, idxBytes([count], range(count).map((i) => i % 3)));
}

async function openBoth(path: string, options: { split: "train" | "test"; label?: string } = { split: "train" }) {
  const loaded = await openDataset(path, options), stored = await openDataset(path, { ...options, loadLimit: 0 });
  const { features: _loaded, ...facts } = loaded, { features: _stored, ...same } = stored;
  assertEquals(same, facts);
  assertEquals("read" in stored.features, true);
  return { loaded, stored: stored as StoredDataset };
}

function assertSameRows(stored: StoredDataset | Dataset, loaded: Dataset, rows: readonly number[]): void {
  assertEquals(takeRows(stored, rows), takeRows(loaded, rows), `rows ${rows}`);
}

Deno.test("stored rows of IDX files are those that are loaded, in any order, selected, split and block by block", async () => {
  await withFolder(async (folder) => {
    await writeIdx(folder, 3000);
    const { loaded, stored } = await openBoth(folder);
    for (const rows of [...SOME, [2999, 5, 1500, 1501, 1499], range(3000).reverse()]) {
      assertSameRows(stored, loaded, rows);
    }
    assertEquals(samplesOf(stored, 7, 300), samplesOf(loaded, 7, 300));
    const chosen = [9, 8, 2000, 8];
    const [some, same] = [selectRows(stored, chosen), selectRows(loaded, chosen)];
    assertEquals([some.count, some.labels], [same.count, same.labels]);
    assertSameRows(some, same, [3, 0, 2, 1]);
    const [parts, others] = [stored, loaded].map((data) => splitDataset(data, { fraction: 0.3, seed: 5 }));
    for (const part of ["train", "validation"] as const) {
      assertEquals(parts[part].labels, others[part].labels);
      assertSameRows(parts[part], others[part] as Dataset, range(parts[part].count));
    }
    assertEquals([...spreadRows(3000, 4)], [0, 750, 1500, 2250]);
    assertEquals([...spreadRows(3, 4)], [0, 1, 2]);
  });
});

Deno.test("stored rows of CIFAR's records are those that are loaded, over several files, fine and coarse", async () => {
  await withFolder(async (folder) => {
    await unpack(folder, cifar100Files());
    for (const label of ["fine", "coarse"]) {
      for (const path of [folder, `${folder}/train.bin`]) {
        const { loaded, stored } = await openBoth(path, { split: "train", label });
        for (const rows of SOME) assertSameRows(stored, loaded, rows);
      }
    }
  });
  await withFolder(async (folder) => {
    await unpack(folder, cifar10Files());
    const { loaded, stored } = await openBoth(folder);
    assertSameRows(stored, loaded, range(loaded.count));
    assertSameRows(stored, loaded, range(loaded.count).reverse());
    // All batches together are more than the limit, none alone.
    const [batch] = await Promise.all([Deno.stat(`${folder}/data_batch_1.bin`)]);
    assertEquals("read" in (await openDataset(folder, { split: "train", loadLimit: batch.size })).features, true);
    assertEquals("read" in (await openDataset(folder, { split: "test", loadLimit: batch.size })).features, false);
  });
});

Deno.test("compressed files and small ones are loaded, whatever the limit", async () => {
  await withFolder(async (folder) => {
    await writeIdx(folder, 10);
    const images = `${folder}/train-images-idx3-ubyte`;
    const { size } = await Deno.stat(images);
    assertEquals("read" in (await openDataset(folder, { split: "train", loadLimit: size })).features, false);
    assertEquals("read" in (await openDataset(folder, { split: "train", loadLimit: size - 1 })).features, true);
    await Deno.writeFile(`${images}.gz`, await gzipped(await Deno.readFile(images)));
    await Deno.remove(images);
    assertEquals("read" in (await openDataset(folder, { split: "train", loadLimit: 0 })).features, false);
  });
});

Deno.test("a damaged file is refused with the words of the one that is loaded", async () => {
  const changes: ((bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>)[] = [
    (bytes) => bytes.slice(0, -1),
    (bytes) => bytes.slice(0, 9),
    (bytes) => Uint8Array.from([...bytes, 0]),
    (bytes) => bytes.with(2, 0x0d) as Uint8Array<ArrayBuffer>,
    (bytes) => bytes.with(3, 2) as Uint8Array<ArrayBuffer>,
    (bytes) => bytes.with(4, 255) as Uint8Array<ArrayBuffer>,
    (bytes) => bytes.with(7, 9) as Uint8Array<ArrayBuffer>,
  ];
  await withFolder(async (folder) => {
    await writeIdx(folder, 10);
    const path = `${folder}/train-images-idx3-ubyte`, whole = await Deno.readFile(path);
    for (const change of changes) {
      await Deno.writeFile(path, change(whole));
      const { message } = await assertRejects(() => openDataset(folder, { split: "train" }), DataFormatError);
      const stored = await assertRejects(() => openDataset(folder, { split: "train", loadLimit: 0 }), DataFormatError);
      assertEquals(stored.message, message);
    }
  });
  await withFolder(async (folder) => {
    await unpack(folder, cifar100Files());
    const path = `${folder}/train.bin`, whole = await Deno.readFile(path);
    await Deno.writeFile(path, whole.subarray(0, -1));
    const error = await assertRejects(() => openDataset(folder, { split: "train", loadLimit: 0 }), DataFormatError);
    assertStringIncludes(error.message, "wanted one or more records of 3074 bytes (CIFAR-100)");
    await Deno.writeFile(path, whole.with(3074 * 2 + 1, 99));
    const { byte } = await assertRejects(() => openDataset(folder, { split: "train", loadLimit: 0 }), DataFormatError);
    assertEquals(byte, 3074 * 2 + 1);
  });
});

Deno.test("a file that is changed, shortened, replaced or removed while it is read is a typed error with file and place", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/train-images-idx3-ubyte`;
    const open = async (): Promise<StoredDataset> => {
      await writeIdx(folder, 50);
      return await openDataset(folder, { split: "train", loadLimit: 0 }) as StoredDataset;
    };
    const refusal = (data: StoredDataset): DataFormatError => {
      const error = assertThrows(() => takeRows(data, [40, 30]), DataFormatError);
      assertEquals([error.file, error.byte], [file, 16 + 30 * 9]);
      return error;
    };
    let data = await open();
    await Deno.truncate(file, 16 + 35 * 9);
    assertStringIncludes(refusal(data).message, "the file went from 466 bytes to 331 since the data were opened");
    data = await open();
    await Deno.utime(file, 1000, 1000);
    assertStringIncludes(refusal(data).message, "the file was written since the data were opened");
    data = await open();
    await Deno.remove(file);
    assertStringIncludes(refusal(data).message, "cannot be read any more");
  });
});

Deno.test("a file that is shorter than its records, and rows that are not there, are refused", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/records`;
    await Deno.writeFile(file, Uint8Array.from(range(10)));
    const layout = { recordLength: 2, rowLength: 2, unpack: () => {} };
    const rows = storedRows([{ file, stamp: stampOf(await Deno.stat(file)), start: 1, count: 6 }], layout);
    const error = assertThrows(() => rows.read([2, 4, 3], new Uint8Array(6)), DataFormatError);
    assertEquals(
      error.message,
      `${file}, byte 10: the file ends in record 4, which was there when the data were opened`,
    );
    assertThrows(() => rows.read([6], new Uint8Array(2)), RangeError, "row 6 was asked for, and there are 6");
    assertThrows(() => rows.read([1], new Uint8Array(3)), RangeError, "room for 1 rows of 2 bytes");
  });
});
