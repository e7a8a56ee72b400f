import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { findFile, readKnownFile, verifyKnownFile } from "../../lib/data/known_file.ts";
import { gzipped, text, tinySet, withFolder } from "./fixtures.ts";

Deno.test("findFile prefers plain to compressed and knows the dotted name", async () => {
  await withFolder(async (folder) => {
    const name = "train-images-idx3-ubyte";
    assertEquals(await findFile(folder, name), undefined);
    assertEquals(await findFile(`${folder}/nowhere`, name), undefined);
    await Deno.mkdir(`${folder}/${name}`);
    for (const found of [`${name}.gz`, "train-images.idx3-ubyte"]) {
      await Deno.writeFile(`${folder}/${found}`, new Uint8Array());
      assertEquals(await findFile(folder, name), `${folder}/${found}`);
    }
  });
});

Deno.test("verifyKnownFile accepts the file plain, as the official gzip, and compressed by others", async () => {
  const { known, plain, compressed } = await tinySet();
  const file = known.train.images;
  const content = plain.get(file.name)!;
  const official = compressed.get(file.name)!;
  const other = official.slice();
  other[4] = 77; // The header's time stamp: another file with the same content.
  for (const bytes of [content, official, other]) {
    assertEquals(await verifyKnownFile(bytes, { known: file, file: "f" }), content);
  }
});

Deno.test("verifyKnownFile refuses every flipped byte and every truncation, plain and compressed", async () => {
  const { known, plain, compressed } = await tinySet();
  const file = known.test.labels;
  const refuse = (bytes: Uint8Array<ArrayBuffer>) =>
    assertRejects(() => verifyKnownFile(bytes, { known: file, file: "f" }), DataFormatError, "f");
  const content = plain.get(file.name)!;
  for (let position = 0; position < content.length; position++) {
    await refuse(content.slice(0, position));
    await refuse(content.with(position, content[position] ^ 1));
  }
  const official = compressed.get(file.name)!;
  for (let length = 0; length < official.length; length++) await refuse(official.slice(0, length));
  for (let position = 10; position < official.length; position++) {
    await refuse(official.with(position, official[position] ^ 1));
  }
  await refuse(await gzipped(new Uint8Array(content.length + 1)));
  await refuse(await gzipped(text("something else")));
});

Deno.test("readKnownFile says what was found and wanted, and whose file it is", async () => {
  await withFolder(async (folder) => {
    const { known, plain } = await tinySet();
    const file = known.train.labels;
    const path = `${folder}/labels`;
    await Deno.writeFile(path, plain.get(file.name)!.slice(0, 15));
    const short = await assertRejects(() => readKnownFile(path, file), DataFormatError);
    assertEquals(short.message, `${path}, byte 15: the file has 15 bytes, wanted 20`);
    await Deno.writeFile(path, plain.get(file.name)!.with(19, 9));
    const wrong = await assertRejects(() => readKnownFile(path, file), DataFormatError);
    assertStringIncludes(wrong.message, `${path}: the SHA-256 of the content is `);
    assertStringIncludes(wrong.message, `, wanted ${file.sha256}`);
  });
});
