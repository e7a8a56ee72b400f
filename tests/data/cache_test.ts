import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { pathInside, resolveDataDir, writeFileWhole } from "../../lib/data/cache.ts";
import { listFolder, withFolder } from "./fixtures.ts";

function resolve(os: string, variables: Record<string, string>, dataDir?: string): string {
  return resolveDataDir(dataDir, { os, env: (name) => variables[name] });
}

Deno.test("resolveDataDir follows option, variable, platform", () => {
  const all = { PROJECTIONNET_DATA: "/d", XDG_CACHE_HOME: "/x", HOME: "/h", LOCALAPPDATA: "C:/l" };
  assertEquals(resolve("linux", all, "/given"), "/given");
  assertEquals(resolve("linux", all), "/d");
  assertEquals(resolve("linux", { ...all, PROJECTIONNET_DATA: "" }), "/x/projectionnet");
  assertEquals(resolve("linux", { HOME: "/h", XDG_CACHE_HOME: "" }), "/h/.cache/projectionnet");
  assertEquals(resolve("freebsd", { HOME: "/h" }), "/h/.cache/projectionnet");
  assertEquals(resolve("darwin", { HOME: "/h", XDG_CACHE_HOME: "/x" }), "/h/Library/Caches/projectionnet");
  assertEquals(resolve("windows", { HOME: "/h", LOCALAPPDATA: "C:/l" }), "C:/l/projectionnet");
});

Deno.test("resolveDataDir asks for a folder when the environment has none", () => {
  for (const [os, wanted] of [["linux", "HOME"], ["darwin", "HOME"], ["windows", "LOCALAPPDATA"]]) {
    assertThrows(() => resolve(os, {}), Error, `the environment has no ${wanted}; set PROJECTIONNET_DATA`);
  }
});

Deno.test("pathInside never leaves the folder", () => {
  assertEquals(pathInside("/d", "fashion-mnist"), "/d/fashion-mnist");
  assertEquals(pathInside("/d", "a..b_1.gz"), "/d/a..b_1.gz");
  for (const name of ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:", ".hidden", "a\0", "a\n", "é"]) {
    assertThrows(() => pathInside("/d", name), RangeError, JSON.stringify(name));
  }
});

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
