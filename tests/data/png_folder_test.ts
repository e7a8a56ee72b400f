import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DataFormatError, DatasetNotFoundError, openDataset, selectRows } from "../../mod.ts";
import { decodePng } from "../../lib/data/png.ts";
import { colourPng, encodePng } from "./png_fixtures.ts";

const greyPng = (width: number, height: number, value: number): Promise<Uint8Array<ArrayBuffer>> =>
  encodePng({ width, height, depth: 8, colourType: 0, sample: () => value });

/** Runs `test` with a folder of these files. */
async function withFiles(
  files: Record<string, Uint8Array>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a folder of PNG images: one folder a class, in the order of names, grey among colours as RGB", async () => {
  const [red, blue, grey] = [await colourPng(3, 2, 10), await colourPng(3, 2, 90), await greyPng(3, 2, 77)];
  const files = {
    "dog/b.PNG": blue,
    "dog/a.png": grey,
    "cat/x.png": red,
    "cat/.hidden": red,
    ".git/x.png": red,
    "notes.txt": red,
  };
  await withFiles(files, async (folder) => {
    await Deno.mkdir(`${folder}/empty`);
    const data = await openDataset(folder, { split: "test" });
    assertEquals(data.input, { kind: "image", width: 3, height: 2, channels: 3 });
    assertEquals([data.count, data.featureLength, data.name, data.split], [3, 18, folder, undefined]);
    assertEquals([data.labelNames, [...data.labels]], [["cat", "dog"], [0, 1, 1]]);
    assertEquals(data.files, ["cat/x.png", "dog/a.png", "dog/b.PNG"]);
    const rows = [0, 1, 2].map((row) => [...data.features.subarray(row * 18, (row + 1) * 18)]);
    const pixels = async (bytes: Uint8Array) => [...(await decodePng(bytes, { file: "" })).pixels];
    assertEquals(rows, [await pixels(red), new Array(18).fill(77), await pixels(blue)]);
    assertEquals(selectRows(data, [2, 0]).files, ["dog/b.PNG", "cat/x.png"]);

    const known = await openDataset(folder, { split: "test", labelNames: ["dog", "bird", "cat"] });
    assertEquals([known.labelNames, [...known.labels]], [["dog", "bird", "cat"], [2, 0, 0]]);
  });
});

Deno.test("a folder of PNG images with folders train and test; grey images have one channel", async () => {
  const files = {
    "train/a/1.png": await greyPng(2, 2, 1),
    "train/b/2.png": await greyPng(2, 2, 2),
    "test/b/3.png": await greyPng(2, 2, 3),
  };
  await withFiles(files, async (folder) => {
    const train = await openDataset(folder, { split: "train" });
    assertEquals([train.count, train.split, train.labelNames, train.input], [
      2,
      "train",
      ["a", "b"],
      { kind: "image", width: 2, height: 2, channels: 1 },
    ]);
    const test = await openDataset(folder, { split: "test", labelNames: train.labelNames });
    assertEquals([test.files, [...test.labels], [...test.features]], [["b/3.png"], [1], [3, 3, 3, 3]]);
    await Deno.remove(`${folder}/test`, { recursive: true });
    await assertRejects(() => openDataset(folder, { split: "test" }), DatasetNotFoundError, "has no folder test");
  });
});

Deno.test("images of other sizes are refused by name, or brought to one size", async () => {
  const files = { "a/1.png": await greyPng(4, 4, 8), "a/2.png": await greyPng(2, 3, 9) };
  await withFiles(files, async (folder) => {
    const error = await assertRejects(() => openDataset(folder, { split: "train" }), DataFormatError);
    assertStringIncludes(error.message, `${folder}/a/2.png: an image of 2x3, wanted 4x4 as ${folder}/a/1.png is`);
    const { input, features } = await openDataset(folder, { split: "train", size: { width: 3, height: 1 } });
    assertEquals(input, { kind: "image", width: 3, height: 1, channels: 1 });
    assertEquals([...features], [8, 8, 8, 9, 9, 9]);
  });
});

Deno.test("what is no PNG image is refused by name", async () => {
  const image = await greyPng(1, 1, 0);
  await withFiles({ "a/1.png": image, "a/2.jpg": image }, async (folder) => {
    await assertRejects(
      () => openDataset(folder, { split: "train" }),
      DataFormatError,
      `${folder}/a/2.jpg: no PNG image`,
    );
  });
  await withFiles({ "a/1.png": image, "b/2.png": image.subarray(0, 40) }, async (folder) => {
    await assertRejects(() => openDataset(folder, { split: "train" }), DataFormatError, `${folder}/b/2.png`);
  });
  await withFiles({ "a.png": image }, async (folder) => {
    await assertRejects(
      () => openDataset(folder, { split: "train" }),
      DatasetNotFoundError,
      "folders of PNG images, one a class",
    );
  });
});
