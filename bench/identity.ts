/**
 * Whether packed models give the same labels and scores everywhere, to the last bit: in Deno, in Node and in Chromium, in plain TypeScript and, for images, in
 * WebAssembly. All of MNIST's test images, and texts: those of a file, and strings of any code points that are assigned, halves of surrogate pairs among them.
 *
 *     deno task bench:identity --images MODEL.pnet [--words MODEL.pnet --texts FILE.jsonl] [--node PATH,…] [--json]
 *
 * A table goes to standard output; `--json` puts one object on its last line. The exit code is 1 when anything differs.
 */
import { parseArgs } from "@std/cli/parse-args";
import { openDataset } from "../mod.ts";
import { CHROMIUM, withBrowser } from "../tests/serve/browser.ts";

/** What one platform computed. */
interface Scores {
  platform: string;
  runtime: string;
  samples: number;
  /** SHA-256 of all logits and of the index of each label. */
  digest: string;
}

/** Something to be computed in the same way everywhere. */
interface Task {
  runtime: string;
  /** Entry of the library, and the function that loads a model. */
  entry: string;
  load: string;
  model: string;
  samples: string;
  /** An expression for the samples in terms of their bytes. */
  parse: string;
}

const args = parseArgs(Deno.args, { string: ["images", "words", "texts", "node"], boolean: ["json"] });
const { images, words, texts: textFile, node = "node" } = args as Partial<
  Record<"images" | "words" | "texts" | "node", string>
>;
const folder = await Deno.makeTempDir();

/** Code points of every kind: ASCII, any of the basic plane with halves of pairs, any at all. */
function tortureTexts(count: number): string[] {
  let state = 1;
  const random = (most: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * most);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: random(60) }, () => {
      const kind = random(4);
      if (kind === 0) return String.fromCharCode(random(128));
      const character = kind === 1
        ? String.fromCharCode(random(0x10000))
        : String.fromCodePoint(kind === 2 ? random(0x3000) : random(0x110000));
      // What a version of Unicode has not assigned yet may be a letter in the next one (FORMAT.md, section 1).
      return /\p{Cn}/u.test(character) ? "" : character;
    }).join(""));
}

async function prepare(): Promise<Task[]> {
  const tasks: Task[] = [];
  if (images) {
    const { features, featureLength } = await openDataset("mnist", { split: "test" });
    await Deno.writeFile(`${folder}/images`, Uint8Array.from(features));
    const parse =
      `Array.from({length:bytes.length/${featureLength}},(_,i)=>bytes.subarray(i*${featureLength},(i+1)*${featureLength}))`;
    const common = { model: images, samples: "images", parse };
    tasks.push({ ...common, runtime: "plain", entry: "runtime.ts", load: "loadPnet" });
    tasks.push({ ...common, runtime: "wasm", entry: "runtime_wasm.ts", load: "loadPnetWasm" });
  }
  if (words) {
    const lines = textFile ? (await Deno.readTextFile(textFile)).trim().split("\n") : [];
    const sets = {
      "texts of a file": lines.map((line) => JSON.parse(line).text),
      "any code points": tortureTexts(5000),
    };
    for (const [name, texts] of Object.entries(sets)) {
      // In JSON halves of surrogate pairs are escaped.
      await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(texts));
      const parse = "JSON.parse(new TextDecoder().decode(bytes))";
      tasks.push({
        runtime: `plain, ${name}`,
        entry: "runtime_text.ts",
        load: "loadPnet",
        model: words,
        samples: name,
        parse,
      });
    }
  }
  for (const { entry } of tasks) {
    const path = new URL(`../lib/packed/${entry}`, import.meta.url).pathname;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "-q", "--no-lock", "--platform=browser", "-o", `${folder}/${entry}.mjs`, path],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${entry} could not be bundled`);
  }
  return tasks;
}

/** JavaScript that computes the scores, given `read`, which gives the bytes of a file, and `runtime`, the bundle. */
function program({ load, parse }: Task): string {
  return `const bytes = await read("samples"), samples = ${parse};
    const classifier = runtime.${load}(await read("model"));
    const labels = new Int32Array(samples.length);
    const scores = new Float32Array(samples.length * classifier.labels.length);
    samples.forEach((sample, i) => {
      const { index, logits } = classifier.classify(sample);
      labels[i] = index;
      scores.set(logits, i * logits.length);
    });
    const all = new Uint8Array([...new Uint8Array(labels.buffer), ...new Uint8Array(scores.buffer)]);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
    const result = [samples.length, [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")];`;
}

/** Runs the program in Deno or Node. */
async function runProcess(command: string, task: Task): Promise<[samples: number, digest: string]> {
  const paths = { model: await Deno.realPath(task.model), samples: `${folder}/${task.samples}` };
  await Deno.writeTextFile(
    `${folder}/main.mjs`,
    `import { readFile } from "node:fs/promises";
    import * as runtime from "./${task.entry}.mjs";
    const paths = ${JSON.stringify(paths)};
    const read = async (name) => new Uint8Array(await readFile(paths[name]));
    ${program(task)}
    console.log(JSON.stringify(result));`,
  );
  const { stdout, stderr } = await new Deno.Command(command, {
    args: [...(command === Deno.execPath() ? ["run", "-A", "-q", "--no-config"] : []), `${folder}/main.mjs`],
  }).output();
  if (stdout.length === 0) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const version = async (command: string): Promise<string> =>
  new TextDecoder().decode((await new Deno.Command(command, { args: ["--version"] }).output()).stdout).split("\n")[0];

const found: Scores[] = [];
const report = (platform: string, { runtime }: Task, [samples, digest]: [number, string]): void => {
  found.push({ platform, runtime, samples, digest });
  console.log(`${platform.padEnd(22)} ${runtime.padEnd(24)} ${String(samples).padStart(6)}  ${digest.slice(0, 16)}`);
};

try {
  const tasks = await prepare();
  if (tasks.length === 0) throw new Error("no models: --images MODEL.pnet, --words MODEL.pnet");
  for (const command of [Deno.execPath(), ...node.split(",")]) {
    const name = command === Deno.execPath() ? `deno ${Deno.version.deno}` : `node ${await version(command)}`;
    for (const task of tasks) report(name, task, await runProcess(command, task));
  }
  if (CHROMIUM !== undefined) {
    for (const task of tasks) {
      const files: Record<string, string> = {
        "/runtime.mjs": `${folder}/${task.entry}.mjs`,
        "/model": task.model,
        "/samples": `${folder}/${task.samples}`,
      };
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async ({ url }) => {
        const path = files[new URL(url).pathname];
        const type = path?.endsWith(".mjs") ? "text/javascript" : "text/html";
        return new Response(path ? await Deno.readFile(path) : "<link rel=icon href=data:,>", {
          headers: { "content-type": type },
        });
      });
      await withBrowser(async (open) => {
        const { page } = await open(`http://127.0.0.1:${server.addr.port}/`);
        const result = await page.evaluate(`(async () => {
          const runtime = await import("/runtime.mjs");
          const read = async (name) => new Uint8Array(await (await fetch("/" + name)).arrayBuffer());
          ${program(task)}
          return result;
        })()`);
        report(await version(CHROMIUM!), task, result as [number, string]);
      });
      await server.shutdown();
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
const groups = Map.groupBy(found, ({ runtime }) => runtime.replace(/^wasm$/, "plain"));
const same = [...groups.values()].every((group) => new Set(group.map(({ digest }) => digest)).size === 1);
console.log(same ? "the same everywhere" : "DIFFERENT");
if (args.json) console.log(JSON.stringify({ same, scores: found }));
Deno.exit(same ? 0 : 1);
