import { assertEquals, assertRejects } from "@std/assert";
import { DataFormatError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { openDataset } from "../../lib/data/open.ts";
import { idxBytes, range, tinySet, withFolder, writeFiles } from "./fixtures.ts";

Deno.test("a folder of IDX files gives either split, compressed or not", async () => {
  const { plain, compressed } = await tinySet();
  for (const [files, suffix] of [[plain, ""], [compressed, ".gz"]] as const) {
    await withFolder(async (folder) => {
      await writeFiles(folder, { files, suffix });
      const train = await openDataset(folder, { split: "train" });
      assertEquals([train.name, train.count, train.input], [
        folder,
        12,
        { kind: "image", width: 3, height: 2, channels: 1 },
      ]);
      assertEquals([...train.features], range(72));
      const test = await openDataset(folder, { split: "test", labelNames: ["2", "1", "0"] });
      assertEquals([test.count, [...test.labels], test.labelNames], [6, [2, 1, 0, 2, 1, 0], ["2", "1", "0"]]);
    });
  }
});

Deno.test("a folder without a whole split is no data set", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/train-images-idx3-ubyte`, idxBytes([1, 1, 1], [0]));
    await assertRejects(
      () => openDataset(folder, { split: "train" }),
      DatasetNotFoundError,
      "wanted train-images-idx3-ubyte and train-labels-idx1-ubyte",
    );
  });
});

Deno.test("a file is a table, with the options of tables", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/t.csv`;
    await Deno.writeTextFile(path, "b,1,2\na,3,4\n");
    const table = await openDataset(path, { split: "test", label: "0", labelNames: ["b"] });
    assertEquals([table.labels, table.labelNames, table.features], [
      Uint16Array.of(0, 1),
      ["b", "a"],
      Uint8Array.of(1, 2, 3, 4),
    ]);
    await assertRejects(() => openDataset(path, { split: "test" }), DataFormatError, `${path}, row 1`);
  });
});

Deno.test("what is neither name nor path names the known sets", async () => {
  for (const source of ["nope", "./nope.csv", ""]) {
    await assertRejects(() => openDataset(source, { split: "train" }), DatasetNotFoundError, "mnist or fashion-mnist");
  }
});

Deno.test("a known name is never served from files that are not it", async () => {
  const { plain } = await tinySet();
  for (const place of ["", "/mnist"]) {
    await withFolder(async (dataDir) => {
      await writeFiles(dataDir + place, { files: plain });
      const error = await assertRejects(() => openDataset("mnist", { split: "test", dataDir }), DataFormatError);
      assertEquals(error.file.startsWith(`${dataDir}${place}/t10k-`), true);
    });
  }
});

Deno.test("PROJECTIONNET_DATA names the data folder", async () => {
  const { plain } = await tinySet();
  const before = Deno.env.get("PROJECTIONNET_DATA");
  await withFolder(async (dataDir) => {
    await writeFiles(dataDir, { files: plain });
    Deno.env.set("PROJECTIONNET_DATA", dataDir);
    try {
      await assertRejects(() => openDataset("fashion-mnist", { split: "test" }), DataFormatError, dataDir);
    } finally {
      if (before === undefined) Deno.env.delete("PROJECTIONNET_DATA");
      else Deno.env.set("PROJECTIONNET_DATA", before);
    }
  });
});
