import { assertRejects } from "@std/assert";
import { checkWritable } from "../../lib/cli/check_writable.ts";
import { inFolder } from "./harness.ts";

Deno.test("checkWritable: a missing folder and a folder in the file's place are told", async () => {
  await inFolder(async (folder) => {
    await checkWritable(`${folder}/model.pnet`);
    await checkWritable("model.pnet");
    await assertRejects(() => checkWritable(`${folder}/none/model.pnet`), Error, "there is no folder");
    await assertRejects(() => checkWritable(folder), Error, "it is a folder");
  });
});
