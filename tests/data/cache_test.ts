import { assertEquals, assertThrows } from "@std/assert";
import { pathInside, resolveDataDir } from "../../lib/data/cache.ts";

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
