import { assertEquals, assertRejects } from "@std/assert";
import { checkWritable } from "../../lib/cli/check_writable.ts";
import { inFolder } from "./harness.ts";

Deno.test("checkWritable: a missing folder and a folder in the file's place are told", async () => {
  await inFolder(async (folder) => {
    await checkWritable(`${folder}/model.pnet`);
    await checkWritable("model.pnet");
    await assertRejects(() => checkWritable(`${folder}/none/model.pnet`), Error, "there is no folder");
    await assertRejects(() => checkWritable(folder), Error, "it is a folder");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test({
  name: "checkWritable: a folder that takes no file is told",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await assertRejects(() => checkWritable("/proc/model.pnet"), Error, "cannot write /proc/model.pnet: ");
  },
});
