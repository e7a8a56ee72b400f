import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { writeFileWhole } from "../../lib/data/write_file.ts";
import { listFolder, withFolder } from "./fixtures.ts";

Deno.test("writeFileWhole replaces a file and leaves nothing else behind", async () => {
  await withFolder(async (folder) => {
    for (const content of [[1, 2], [3]]) {
      await writeFileWhole(`${folder}/f`, Uint8Array.from(content));
      assertEquals([...await Deno.readFile(`${folder}/f`)], content);
    }
    assertEquals(await listFolder(folder), ["f"]);
  });
});

Deno.test("writeFileWhole names the file and cleans up when it fails", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/f/inside`, { recursive: true });
    await assertRejects(() => writeFileWhole(`${folder}/f`, Uint8Array.of(1)), Error, `cannot write ${folder}/f: `);
    assertEquals(await listFolder(folder), ["f"]);
    const missing = `${folder}/none/f`;
    const error = await assertRejects(
      () => writeFileWhole(missing, Uint8Array.of(1)),
      Error,
      `cannot write ${missing}`,
    );
    assertInstanceOf(error.cause, Deno.errors.NotFound);
  });
});

Deno.test("writeFileWhole: writers at the same time do not disturb each other", async () => {
  await withFolder(async (folder) => {
    await Promise.all([1, 2, 3, 4].map((byte) => writeFileWhole(`${folder}/f`, new Uint8Array(100_000).fill(byte))));
    const bytes = await Deno.readFile(`${folder}/f`);
    assertEquals([bytes.length, bytes.every((byte) => byte === bytes[0])], [100_000, true]);
    assertEquals(await listFolder(folder), ["f"]);
  });
});
