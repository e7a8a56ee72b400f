/**
 * Checks that the package can be published to JSR: its exports, its files and that no public type has to be inferred.
 *
 *     deno task check:publish
 *
 * Works on a copy of what would be published, in which the stand-ins of `.ci/std` are named in place of the packages that they stand for: JSR need not be
 * reached.
 */
import importMap from "./std/import_map.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);
const copy = await Deno.makeTempDir({ prefix: "projectionnet-publish-" });

async function copyInto(name: string): Promise<void> {
  const from = new URL(name, ROOT), to = `${copy}/${name}`;
  if (!name.endsWith("/")) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) await copyInto(`${name}${entry.name}${entry.isDirectory ? "/" : ""}`);
}

try {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  for (const name of config.publish.include) if (name !== "deno.json") await copyInto(name);
  await Deno.mkdir(`${copy}/std`);
  config.imports = {};
  for (const [specifier, path] of Object.entries(importMap.imports)) {
    await Deno.copyFile(new URL(path, new URL("std/", import.meta.url)), `${copy}/std/${path}`);
    config.imports[specifier] = `./std/${path}`;
  }
  config.publish.include.push("std/");
  await Deno.writeTextFile(`${copy}/deno.json`, JSON.stringify(config));
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--quiet"],
    cwd: copy,
    env: { NO_COLOR: "1" },
  }).output();
  const said = [stdout, stderr].map((part) => new TextDecoder().decode(part)).join("");
  // Imports whose addresses are hidden from read-ahead (lib/joint/on_demand.ts) bring a warning each; they are relative.
  console.log(code === 0 ? "The package can be published." : said);
  Deno.exitCode = code;
} finally {
  await Deno.remove(copy, { recursive: true });
}
