import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { joinIdxImages, loadIdxImages } from "../../lib/data/idx_images.ts";
import { gzipped, idxBytes, range, withFolder } from "./fixtures.ts";

const images = { file: "images", dimensions: [3, 1, 2], data: Uint8Array.from(range(6)) };
const labels = { file: "labels", dimensions: [3], data: Uint8Array.of(2, 0, 2) };

Deno.test("joinIdxImages makes a data set without copying the pixels", () => {
  const dataset = joinIdxImages(images, labels, { name: "three" });
  assertEquals(dataset, {
    name: "three",
    input: { kind: "image", width: 2, height: 1, channels: 1 },
    count: 3,
    featureLength: 2,
    features: Uint8Array.of(0, 1, 2, 3, 4, 5),
    labels: Uint16Array.of(2, 0, 2),
    labelNames: ["0", "1", "2"],
  });
  assertEquals(dataset.features.buffer === images.data.buffer, true);
});

Deno.test("joinIdxImages reads channels from a fourth dimension", () => {
  const { input, featureLength } = joinIdxImages({ ...images, dimensions: [3, 1, 1, 2] }, labels);
  assertEquals([input, featureLength], [{ kind: "image", width: 1, height: 1, channels: 2 }, 2]);
});

Deno.test("joinIdxImages names classes and keeps a trained model's order", () => {
  const classNames = ["ant", "bee", "cat"];
  assertEquals(joinIdxImages(images, labels, { classNames }).labelNames, classNames);
  const known = joinIdxImages(images, labels, { classNames, labelNames: ["cat", "dog", "ant"] });
  assertEquals([known.labels, known.labelNames], [Uint16Array.of(0, 2, 0), ["cat", "dog", "ant"]]);
});

Deno.test("joinIdxImages names file and byte of what does not fit", () => {
  const cases = [
    { images: { ...images, dimensions: [6] }, labels, file: "images", byte: 3 },
    { images, labels: { ...labels, dimensions: [3, 1] }, file: "labels", byte: 3 },
    { images, labels: { ...labels, dimensions: [2], data: labels.data.subarray(1) }, file: "labels", byte: 4 },
    { images, labels, classNames: ["a", "b"], file: "labels", byte: 8 },
  ];
  for (const { images, labels, file, byte, classNames } of cases) {
    const error = assertThrows(() => joinIdxImages(images, labels, { classNames }), DataFormatError);
    assertEquals([error.file, error.byte], [file, byte]);
  }
});

Deno.test("loadIdxImages reads plain images with compressed labels", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/i`, idxBytes([2, 2, 2], range(8)));
    await Deno.writeFile(`${folder}/l`, await gzipped(idxBytes([2], [1, 0])));
    const { name, features, labels } = await loadIdxImages(`${folder}/i`, `${folder}/l`);
    assertEquals([name, features, labels], [`${folder}/i`, Uint8Array.from(range(8)), Uint16Array.of(1, 0)]);
    await Deno.writeFile(`${folder}/l`, idxBytes([3], [1, 0, 1]));
    const error = await assertRejects(() => loadIdxImages(`${folder}/i`, `${folder}/l`), DataFormatError);
    assertEquals(
      error.message,
      `${folder}/l, byte 4: holds 3 labels, wanted 2, one for each image of ${folder}/i`,
    );
  });
});
