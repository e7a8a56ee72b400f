/**
 * Holds the order of the house: what stands at the top level, which room imports from which, and what rooms may use at all.
 */
import { assertEquals } from "@std/assert";

/** The rooms of `lib/` from the ground up. A room imports only from rooms before it. */
const ROOMS = [
  "projection",
  "kernels",
  "autodiff",
  "nn",
  "packed",
  "data",
  "joint",
  "onnx",
  "study",
  "serve",
  "cli",
];

/** Rooms that are held to fewer imports than their place allows. */
const ALLOWED_ROOMS: Record<string, string[]> = { projection: [], packed: ["projection"] };

/** Files by which a room shows itself to others. */
const PUBLIC_FILES: Record<string, string[]> = {
  projection: ["mod.ts", "hash.ts", "text.ts"],
  packed: ["mod.ts", "runtime.ts", "runtime_text.ts", "runtime_trunk.ts", "jsonl.ts"],
};

/** Public files for some rooms only: where models are run, not where they are made. */
const PUBLIC_FOR: Record<string, string[]> = {
  "packed/runtime_wasm.ts": ["serve", "cli"],
  "packed/runtime_trunk_wasm.ts": ["serve", "cli"],
};

/** The part of a room that an entry of its own may use beyond {@linkcode ALLOWED_ROOMS}: the runtime in WebAssembly assembles its code. */
const WASM_ENTRY = {
  files: ["packed/runtime_wasm.ts", "packed/runtime_trunk_wasm.ts", "packed/wasm/"],
  target: "kernels",
  file: "wasm/assembler/mod.ts",
};

/** Dependencies by room: what an import without a path may begin with. */
const ALLOWED_DEPENDENCIES: Record<string, string[]> = {
  // A worker's source text names it; the room itself asks the platform whether it is there.
  kernels: ["node:worker_threads"],
  onnx: ["onnxruntime-web"],
  cli: ["@std/cli", "@std/encoding"],
};

/** Rooms that run in a browser and so use the language only. */
const LANGUAGE_ONLY = ["projection", "packed"];

const TOP_LEVEL = ["mod.ts", "lib", "tests", "bench", "deno.json", "deno.lock", "README.md", "LICENSE"];
/** Made by tools, kept out of the repository by .gitignore. */
const IGNORED = [/^coverage$/, /^node_modules$/, /\.pnet$/];

const ROOT = new URL("../", import.meta.url);

/** The source without comments, and with the contents of template literals and of strings kept. */
function withoutComments(source: string): string {
  return source.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_match, literal) => literal ?? " ",
  );
}

/** The code without strings, so that a name in a message does not count as a use. */
function withoutStrings(code: string): string {
  return code.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '""');
}

/** Every specifier that the code imports: static, re-exported, for side effects, dynamic. Computed ones are left out: data are fetched so. */
function importsOf(code: string): string[] {
  const patterns = [
    /(?<![-\w])from\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
    /\bimport\.meta\.resolve\s*\(\s*["'`]([^"'`]+)["'`]/g,
    /\bnew\s+URL\(\s*["'`](\.[^"'`]+)["'`]\s*,\s*import\.meta\.url/g,
  ];
  const specifiers = patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]));
  return specifiers.filter((specifier) => !specifier.includes("${"));
}

/** What is wrong with one file of `lib/`; `path` is relative to `lib/`, such as `packed/crc.ts`. */
function violations(path: string, source: string): string[] {
  const room = path.split("/")[0];
  const place = ROOMS.indexOf(room);
  if (place < 0) return [`lib/${path} stands in no room`];
  const code = withoutComments(source);
  const found: string[] = [];
  for (const specifier of importsOf(code)) {
    if (!specifier.startsWith(".")) {
      const allowed = (ALLOWED_DEPENDENCIES[room] ?? []).some((name) =>
        specifier === name || specifier.startsWith(`${name}/`)
      );
      if (!allowed) found.push(`imports "${specifier}"; ${room}/ may not use it`);
      continue;
    }
    const target = new URL(specifier, `file:///lib/${path}`).pathname;
    if (!target.startsWith("/lib/")) {
      // The command line reads the package's version where it is written down.
      if (!(room === "cli" && target === "/deno.json")) found.push(`imports "${specifier}" from outside lib/`);
      continue;
    }
    const [, , targetRoom, ...rest] = target.split("/");
    if (targetRoom === room) continue;
    const inWasmEntry = WASM_ENTRY.files.some((start) => path.startsWith(start));
    if (inWasmEntry && targetRoom === WASM_ENTRY.target && rest.join("/") === WASM_ENTRY.file) continue;
    const allowed = ALLOWED_ROOMS[room] ?? ROOMS.slice(0, place);
    if (!allowed.includes(targetRoom)) found.push(`imports "${specifier}"; ${room}/ may not import ${targetRoom}/`);
    const publicFiles = PUBLIC_FILES[targetRoom] ?? ["mod.ts"];
    const isForRoom = PUBLIC_FOR[`${targetRoom}/${rest.join("/")}`]?.includes(room);
    if (!publicFiles.includes(rest.join("/")) && !isForRoom) {
      found.push(`imports "${specifier}", which is no public file of ${targetRoom}/ (${publicFiles.join(", ")})`);
    }
  }
  if (room === "packed" && WASM_ENTRY.files.every((start) => !path.startsWith(start))) {
    const wasm = importsOf(code).find((specifier) => /^\.\/(?:runtime_wasm\.ts|wasm\/)/.test(specifier));
    if (wasm !== undefined) found.push(`imports "${wasm}", which would make the plain runtime larger`);
  }
  if (LANGUAGE_ONLY.includes(room)) {
    const match = /\b(Deno|process)\s*[.[]/.exec(withoutStrings(code));
    if (match !== null) found.push(`uses ${match[1]}; ${room}/ runs in browsers`);
  }
  return found.map((what) => `lib/${path} ${what}`);
}

function strangers(names: string[]): string[] {
  return names.filter((name) =>
    !name.startsWith(".") && !TOP_LEVEL.includes(name) && !IGNORED.some((pattern) => pattern.test(name))
  );
}

async function filesUnder(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) {
      files.push(...await filesUnder(new URL(`${entry.name}/`, folder), `${prefix}${entry.name}/`));
    } else files.push(prefix + entry.name);
  }
  return files.sort();
}

/** The names at the top level that belong to the repository; where there is no git, all that are there. */
async function topLevel(): Promise<string[]> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args: ["ls-files"], cwd: ROOT, stderr: "null" })
      .output();
    const files = new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "");
    if (success && files.length > 0) return [...new Set(files.map((path) => path.split("/")[0]))];
  } catch { /* no git here */ }
  return [...Deno.readDirSync(ROOT)].map((entry) => entry.name);
}

Deno.test("house: the top level holds only what belongs there", async () => {
  assertEquals(strangers(await topLevel()), []);
});

Deno.test("house: every room imports only what its place allows", async () => {
  const lib = new URL("lib/", ROOT);
  const files = (await filesUnder(lib)).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const found: string[] = [];
  for (const path of files) found.push(...violations(path, await Deno.readTextFile(new URL(path, lib))));
  assertEquals(found, []);
});

Deno.test("house: the checker finds what it has to find", () => {
  const bad: [path: string, source: string, message: string][] = [
    ["cellar/a.ts", "", "stands in no room"],
    ["projection/a.ts", `import { matmul } from "../kernels/mod.ts";`, "projection/ may not import kernels/"],
    ["packed/a.ts", `import { x } from "../data/mod.ts";`, "packed/ may not import data/"],
    ["packed/deep/a.ts", `export * from "../../nn/mod.ts";`, "packed/ may not import nn/"],
    ["nn/a.ts", `import type { X } from "../joint/mod.ts";`, "nn/ may not import joint/"],
    ["nn/a.ts", `import {\n  a,\n  b,\n} from "../autodiff/tape.ts";`, "no public file of autodiff/"],
    ["cli/a.ts", `const m = await import("../packed/crc.ts");`, "no public file of packed/"],
    ["joint/a.ts", `import { loadPnetWasm } from "../packed/runtime_wasm.ts";`, "no public file of packed/"],
    ["cli/a.ts", `import { prepareWasmEngine } from "../packed/wasm/engine.ts";`, "no public file of packed/"],
    ["joint/a.ts", `import "../cli/mod.ts"`, "joint/ may not import cli/"],
    ["data/a.ts", `import { x } from "npm:zlib";`, "may not use it"],
    ["data/a.ts", `import { parse } from "@std/csv";`, "may not use it"],
    ["data/a.ts", `import { x } from "https://example.org/x.ts";`, "may not use it"],
    ["data/a.ts", `import { x } from "node:fs";`, "may not use it"],
    ["cli/a.ts", `import { x } from "@std/clipboard";`, "may not use it"],
    ["onnx/a.ts", `import { parseArgs } from "@std/cli/parse-args";`, "may not use it"],
    ["kernels/a.ts", `import { x } from "../../tests/x.ts";`, "from outside lib/"],
    ["packed/a.ts", `const bytes = Deno.readFileSync(name);`, "uses Deno"],
    ["projection/a.ts", `const fs = process.binding;`, "uses process"],
    ["projection/a.ts", `/* harmless */ import fs from 'node:fs';`, "may not use it"],
    ["packed/a.ts", `import { i32 } from "../kernels/wasm/assembler/mod.ts";`, "packed/ may not import kernels/"],
    ["packed/wasm/a.ts", `import { kernels } from "../../kernels/mod.ts";`, "packed/ may not import kernels/"],
    ["packed/wasm/a.ts", `import { i32 } from "../../kernels/wasm/assembler/values.ts";`, "may not import kernels/"],
    ["packed/wasm/a.ts", `import { Dense } from "../../nn/mod.ts";`, "packed/ may not import nn/"],
    ["packed/mod.ts", `export * from "./runtime_wasm.ts";`, "would make the plain runtime larger"],
    ["packed/runtime.ts", `import { Layout } from "./wasm/layout.ts";`, "would make the plain runtime larger"],
    ["kernels/a.ts", `new Worker(import.meta.resolve("../joint/worker.ts"))`, "kernels/ may not import joint/"],
    ["kernels/a.ts", `new Worker(new URL("../joint/worker.ts", import.meta.url))`, "kernels/ may not import joint/"],
  ];
  for (const [path, source, message] of bad) {
    const found = violations(path, source);
    assertEquals(
      found.some((line) => line.includes(message)),
      true,
      `${path}: ${source} gave ${JSON.stringify(found)}`,
    );
  }
  assertEquals(strangers(["lib", ".git", "notes.md", "src", "coverage"]), ["notes.md", "src"]);
});

Deno.test("house: the checker leaves alone what is allowed", () => {
  const good: [path: string, source: string][] = [
    ["packed/a.ts", `import { hash32 } from "../projection/mod.ts"; import { crc32 } from "./crc.ts";`],
    ["serve/a.ts", `import { loadPnet } from "../packed/runtime.ts";`],
    ["serve/a.ts", `import { loadPnetWasm } from "../packed/runtime_wasm.ts";`],
    ["cli/a.ts", `import { loadPnetWasm } from "../packed/runtime_wasm.ts";`],
    ["packed/wasm/a.ts", `import { i32 } from "../../kernels/wasm/assembler/mod.ts";`],
    [
      "cli/a.ts",
      `import { parseArgs } from "@std/cli/parse-args"; import config from "../../deno.json" with { type: "json" };`,
    ],
    ["kernels/wasm/a.ts", `import { x } from "../interface.ts";`],
    ["packed/a.ts", `// Deno.readFile gives the bytes\n/* import x from "node:fs" */ const text = "Deno.args";`],
    [
      "projection/a.ts",
      `/**\n * \`\`\`ts\n * import { x } from "@neuralbits/projectionnet";\n * \`\`\`\n */\nexport const a = 1;`,
    ],
    ["data/a.ts", "const name = `npm:${spec}`; await import(name, { with: { type: 'json' } });"],
    ["packed/a.ts", `const url = "https://example.org"; const a = 1; // "`],
    ["cli/a.ts", `const options = { "project-from": { help: "from" } };`],
  ];
  for (const [path, source] of good) assertEquals(violations(path, source), []);
});
