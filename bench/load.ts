/**
 * What loading the library costs: processes that import an entry point against processes that import nothing, in turn, medians. Caches are warm, types
 * are not checked.
 *
 *     deno task bench:load [--pairs N] [--json]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { median } from "./statistics.ts";

/** What is measured: the name of an export and its file. */
const ENTRIES = {
  ".": "mod.ts",
  "./projection": "lib/projection/public.ts",
  "./runtime": "lib/packed/runtime.ts",
  "./runtime/wasm": "lib/packed/runtime_wasm.ts",
};

const ROOT = new URL("../", import.meta.url);

/** The modules that a program loads before it runs. */
export interface LoadedModules {
  /** Their addresses. */
  readonly specifiers: readonly string[];
  /** Bytes of their sources. */
  readonly bytes: number;
  /** What Deno reads ahead although it is imported when it is first called: it sees the address. */
  readonly ahead: readonly string[];
}

interface GraphDependency {
  specifier: string;
  /** Where the code comes from; types alone have none. */
  code?: { specifier?: string };
  isDynamic?: boolean;
}

/** The modules that importing a file of the repository loads: without types, and without what is imported when it is first called. */
export async function loadedModules(entry: string): Promise<LoadedModules> {
  const { stdout } = await deno(["info", "--json", "--no-lock", new URL(entry, ROOT).href]);
  const graph: { roots: string[]; modules: { specifier: string; size?: number; dependencies?: GraphDependency[] }[] } =
    JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const specifiers = new Set(graph.roots), ahead = new Set<string>();
  let bytes = 0;
  // A set gives what is added while it is gone through.
  for (const specifier of specifiers) {
    const { size = 0, dependencies = [] } = modules.get(specifier)!;
    bytes += size;
    for (const { code, isDynamic } of dependencies) {
      if (code?.specifier !== undefined) (isDynamic ? ahead : specifiers).add(code.specifier);
    }
  }
  return { specifiers: [...specifiers], bytes, ahead: [...ahead] };
}

async function deno(args: string[]): Promise<Deno.CommandOutput> {
  const output = await new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).output();
  if (!output.success) {
    throw new Error(`deno ${args.join(" ")} failed: ${new TextDecoder().decode(output.stderr)}`);
  }
  return output;
}

/** Milliseconds that a program takes from start to end. */
async function timeProgram(path: string): Promise<number> {
  const began = performance.now();
  await deno(["run", "--no-check", "--no-lock", "--no-config", "--allow-read", path]);
  return performance.now() - began;
}

/**
 * Runs programs in turn, after two rounds that warm the caches.
 *
 * @returns milliseconds by program, then by round
 */
export async function timePrograms(paths: readonly string[], rounds: number): Promise<number[][]> {
  for (const path of [...paths, ...paths]) await timeProgram(path);
  const times: number[][] = paths.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, path] of paths.entries()) times[index].push(await timeProgram(path));
  }
  return times;
}

/** The number of pairs that was asked for. */
export function pairsOf(given: unknown, usual: number): number {
  const pairs = String(given ?? usual);
  if (!/^[1-9]\d{0,3}$/.test(pairs)) throw new RangeError(`--pairs: a number of 1...9999 was wanted, ${pairs} found`);
  return Number(pairs);
}

/** What one entry point costs. */
interface LoadCost {
  entry: string;
  modules: number;
  bytes: number;
  /** Median of the differences to the empty program, pair by pair. */
  milliseconds: number;
}

async function measure(pairs: number): Promise<{ emptyMilliseconds: number; entries: LoadCost[] }> {
  const folder = await Deno.makeTempDir({ prefix: "projectionnet-load-" });
  try {
    const programs = await Promise.all(["", ...Object.values(ENTRIES)].map(async (file, index) => {
      const path = `${folder}/program_${index}.ts`;
      await Deno.writeTextFile(path, file === "" ? "export {};\n" : `import "${new URL(file, ROOT).href}";\n`);
      return path;
    }));
    const [empty, ...loaded] = await timePrograms(programs, pairs);
    const entries: LoadCost[] = [];
    for (const [index, [entry, file]] of Object.entries(ENTRIES).entries()) {
      const { specifiers, bytes } = await loadedModules(file);
      const milliseconds = median(loaded[index].map((time, pair) => time - empty[pair]));
      entries.push({ entry, modules: specifiers.length, bytes, milliseconds });
    }
    return { emptyMilliseconds: median(empty), entries };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { string: ["pairs"], boolean: ["json"] });
  const pairs = pairsOf(options.pairs, 15);
  const result = await measure(pairs);
  if (options.json) console.log(JSON.stringify({ pairs, ...result }));
  else {
    console.log(`an empty program takes ${result.emptyMilliseconds.toFixed(1)} ms; importing takes longer by`);
    for (const { entry, modules, bytes, milliseconds } of result.entries) {
      console.log(
        `${entry.padEnd(16)} ${milliseconds.toFixed(1).padStart(5)} ms  ${modules} modules, ${
          (bytes / 1000).toFixed(0)
        } kB of source`,
      );
    }
  }
}
