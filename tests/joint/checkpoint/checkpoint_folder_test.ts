import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeCheckpoint } from "../../../lib/joint/checkpoint/checkpoint_file.ts";
import { CheckpointFolder, readNewestCheckpoint } from "../../../lib/joint/checkpoint/checkpoint_folder.ts";
import { CheckpointError } from "../../../lib/joint/errors.ts";
import { inFolder } from "../../cli/harness.ts";

const names = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("the newest two are kept; what a killed writer left goes, and nothing else does", () =>
  inFolder(async (base) => {
    const path = `${base}/a/state`;
    const first = await CheckpointFolder.open(path);
    assertEquals([first.isEmpty, await readNewestCheckpoint(path)], [true, undefined]);
    for (const n of [1, 2, 3]) await first.write(await encodeCheckpoint({ n }));
    await Deno.writeTextFile(`${path}/checkpoint-00000004.pnck.${crypto.randomUUID()}.tmp`, "torn");
    await Deno.writeTextFile(`${path}/notes.txt`, "mine");
    const again = await CheckpointFolder.open(path);
    assertEquals(again.isEmpty, false);
    assertEquals(await again.write(await encodeCheckpoint({ n: 4 })), `${path}/checkpoint-00000004.pnck`);
    assertEquals(names(path), ["checkpoint-00000003.pnck", "checkpoint-00000004.pnck", "notes.txt"]);
    const found = await readNewestCheckpoint(path);
    assertEquals([found?.document, found?.damaged], [{ n: 4 }, []]);
    assertEquals((await readNewestCheckpoint(`${path}/checkpoint-00000003.pnck`))?.document, { n: 3 });
  }));

Deno.test("a damaged newest one leaves the one before; when all are damaged each is named", () =>
  inFolder(async (path) => {
    const folder = await CheckpointFolder.open(path);
    for (const n of [1, 2]) await folder.write(await encodeCheckpoint({ n }));
    await Deno.truncate(`${path}/checkpoint-00000002.pnck`, 60);
    const found = await readNewestCheckpoint(path);
    assertEquals(found?.document, { n: 1 });
    assertStringIncludes(found!.damaged[0], "checkpoint-00000002.pnck cannot be used: it was cut off or changed");
    await folder.removeAfter(found!.path);
    assertEquals(names(path), ["checkpoint-00000001.pnck"]);
    await folder.write(await encodeCheckpoint({ n: 3 }));
    assertEquals(names(path), ["checkpoint-00000001.pnck", "checkpoint-00000003.pnck"]);
    await Deno.remove(`${path}/checkpoint-00000003.pnck`);
    await Deno.truncate(`${path}/checkpoint-00000001.pnck`, 0);
    const error = await assertRejects(
      () => readNewestCheckpoint(path),
      CheckpointError,
      "00000001.pnck cannot be used: it is empty",
    );
    assertEquals(error.problem, "damaged");
  }));

Deno.test("one of another version is not passed over for an older one", () =>
  inFolder(async (path) => {
    const folder = await CheckpointFolder.open(path);
    await folder.write(await encodeCheckpoint({ n: 1 }));
    const newer = await encodeCheckpoint({ n: 2 }), end = newer.length - 32;
    newer[8] = 9;
    newer.set(new Uint8Array(await crypto.subtle.digest("SHA-256", newer.subarray(0, end))), end);
    await folder.write(newer);
    const error = await assertRejects(() => readNewestCheckpoint(path), CheckpointError, "version 9");
    assertEquals(error.problem, "version");
  }));

Deno.test("what cannot be written or read is said with its path, and what was there stays", () =>
  inFolder(async (base) => {
    const folder = await CheckpointFolder.open(`${base}/state`);
    await Deno.remove(`${base}/state`);
    const lost = await assertRejects(() => folder.write(new Uint8Array(3)), CheckpointError, "could not be written");
    assertEquals(lost.problem, "storage");
    await Deno.writeTextFile(`${base}/file`, "");
    assertStringIncludes(
      (await assertRejects(() => CheckpointFolder.open(`${base}/file`), CheckpointError)).message,
      "/file",
    );
    await assertRejects(() => readNewestCheckpoint(`${base}/none`), CheckpointError, "none cannot be read");
  }));
