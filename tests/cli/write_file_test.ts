import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { checkWritable, writeFileWhole } from "../../lib/cli/write_file.ts";
import { inFolder } from "./harness.ts";

Deno.test("writeFileWhole: the file is there and nothing else", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/model.pnet`;
    writeFileWhole(path, Uint8Array.of(1));
    writeFileWhole(path, Uint8Array.of(1, 2));
    assertEquals(await Deno.readFile(path), Uint8Array.of(1, 2));
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["model.pnet"]);
  });
});

Deno.test("writeFileWhole: after a failure no half file is left", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/taken`);
    await Deno.writeTextFile(`${folder}/taken/file`, "");
    assertThrows(() => writeFileWhole(`${folder}/taken`, Uint8Array.of(1)), Error, `cannot write ${folder}/taken`);
    assertThrows(() => writeFileWhole(`${folder}/none/x`, Uint8Array.of(1)), Error, "cannot write");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken"]);
  });
});

Deno.test("checkWritable: a missing folder and a folder in the file's place are told", async () => {
  await inFolder(async (folder) => {
    await checkWritable(`${folder}/model.pnet`);
    await checkWritable("model.pnet");
    await assertRejects(() => checkWritable(`${folder}/none/model.pnet`), Error, "there is no folder");
    await assertRejects(() => checkWritable(folder), Error, "it is a folder");
  });
});
