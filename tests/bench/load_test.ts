import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { loadedModules } from "../../bench/load.ts";

// Importing a module costs about 0.15 ms, and 10 kB of source as much again (deno task bench:load).
const ceilings: [entry: string, modules: number, bytes: number][] = [
  ["mod.ts", 80, 456_000],
  ["lib/projection/public.ts", 18, 90_000],
  ["lib/packed/runtime.ts", 30, 123_000],
  ["lib/packed/runtime_wasm.ts", 47, 210_000],
  ["lib/packed/runtime_trunk.ts", 31, 145_000],
  ["lib/packed/runtime_trunk_wasm.ts", 52, 242_000],
];

for (const [entry, modules, bytes] of ceilings) {
  Deno.test(`loading ${entry} takes few modules and little source, all in ASCII`, async () => {
    const loaded = await loadedModules(entry);
    assertGreaterOrEqual(modules, loaded.specifiers.length);
    assertGreaterOrEqual(bytes, loaded.bytes);
    assertEquals(loaded.ahead, []);
    // V8 keeps a source in ASCII as it is; one other character makes it convert the whole file, and mostly to two bytes each.
    const found: string[] = [];
    for (const specifier of loaded.specifiers) {
      const lines = (await Deno.readTextFile(new URL(specifier))).split("\n");
      lines.forEach((line, index) => {
        // deno-lint-ignore no-control-regex
        if (/[^\x00-\x7f]/.test(line)) found.push(`${specifier}:${index + 1}: ${line.trim()}`);
      });
    }
    assertEquals(found, []);
  });
}

Deno.test("what is loaded counts neither types nor what is imported when it is called", async () => {
  const { specifiers } = await loadedModules("mod.ts");
  const names = specifiers.map((specifier) => specifier.split("/lib/")[1]);
  assertEquals(names.includes("joint/on_demand.ts"), true);
  assertEquals(names.includes("joint/train.ts"), false);
  assertEquals(names.includes("packed/runtime_text.ts"), false);
  assertEquals(names.includes("projection/mod.ts"), false);
  assertEquals(names.includes("kernels/interface.ts"), false);
});

Deno.test("./all loads at once every module that the main entry loads on demand", async () => {
  const loaded = new Set((await loadedModules("lib/joint/all.ts")).specifiers);
  const { specifiers } = await loadedModules("mod.ts");
  const doors = specifiers.filter((specifier) => specifier.endsWith("/on_demand.ts"));
  const targets: string[] = [];
  for (const door of doors) {
    const imports = (await Deno.readTextFile(new URL(door))).matchAll(/\bimport\(\s*"([^"]+)" as string,?\s*\)/g);
    for (const [, target] of imports) targets.push(new URL(target, door).href);
  }
  assertEquals(doors.length, 3);
  assertGreaterOrEqual(targets.length, 20);
  assertEquals(targets.filter((target) => !loaded.has(target)), []);
});
