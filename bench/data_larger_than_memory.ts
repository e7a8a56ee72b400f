/**
 * Training on data larger than memory: makes a set of some gigabytes, trains on it through the command line as a user would, evaluates the model and predicts on
 * all of it, each in a process of its own, and reports the most memory that each process had resident. Linux only.
 *
 *     deno task bench:memory [--kinds idx,cifar,jsonl] [--gigabytes 4] [--epochs 1] [--limit 600] [--folder DIR] [--json]
 *
 * The folder is made and removed again. Samples are class patterns in noise, so that there is something to learn. The exit code is 1 when a process had more than
 * `--limit` MB resident.
 */
import { choice, integer, list, number, text } from "../lib/cli/option_values.ts";
import { flag } from "../lib/cli/options.ts";
import { readBenchArguments } from "./recipes.ts";

const KINDS = ["idx", "cifar", "jsonl"] as const;
type Kind = typeof KINDS[number];

const { kinds, gigabytes, epochs, limit, folder: place, json } = readBenchArguments("bench:memory", {
  kinds: { value: "LIST", help: "sets", parse: list(choice(KINDS), { noun: "kinds" }), default: KINDS.join() },
  gigabytes: { value: "N", help: "size of a set", parse: number({ above: 0 }), default: "4" },
  epochs: { value: "N", help: "passes over it", parse: integer({ min: 1 }), default: "1" },
  limit: { value: "MB", help: "most memory of a process", parse: number({ above: 0 }), default: "600" },
  folder: { value: "DIR", help: "where the sets are made", parse: text },
  json: flag("print one JSON object"),
});

/** A small trainer and bits that are quickly found: what is measured is memory. */
const IMAGES = ["--projection", "taps", "--bits", "64", "--trainer-hidden", "16", "--batch", "256"];
const CLASSES = 10, encoder = new TextEncoder();
let state = 1;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 2 ** 32 * below);
};

/** Writes so many records one after the other. */
async function writeRecords(
  path: string,
  { head = new Uint8Array(0), count, write }: {
    head?: Uint8Array;
    count: number;
    /** Appends a record and gives where it ends; none has more than 64 kB. */
    write(row: number, out: Uint8Array, at: number): number;
  },
): Promise<void> {
  using file = await Deno.create(path);
  const block = new Uint8Array(1 << 20);
  block.set(head);
  let filled = head.length;
  const flush = async (): Promise<void> => {
    for (let written = 0; written < filled;) written += await file.write(block.subarray(written, filled));
    filled = 0;
  };
  for (let row = 0; row < count; row++) {
    if (filled > block.length - 65536) await flush();
    filled = write(row, block, filled);
  }
  await flush();
}

const NOISE = Uint8Array.from({ length: 1 << 20 }, () => random(128));

/** Appends an image: the pattern of its class under noise. */
function writeImage(out: Uint8Array, at: number, { label, patterns, length }: ImageSource): number {
  const noise = random(NOISE.length - length), pattern = label * length;
  for (let i = 0; i < length; i++) out[at + i] = NOISE[noise + i] + patterns[pattern + i];
  return at + length;
}

interface ImageSource {
  label: number;
  /** [classes x length] */
  patterns: Uint8Array;
  length: number;
}

function makePatterns(length: number): Uint8Array {
  return Uint8Array.from({ length: CLASSES * length }, () => random(8) === 0 ? 96 : 0);
}

function idxHead(...dimensions: number[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  head.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((dimension, axis) => head.setUint32(4 + 4 * axis, dimension));
  return new Uint8Array(head.buffer);
}

/** Makes a set of so many bytes; gives the path and the options to use it with. */
const makers: Record<
  Kind,
  (folder: string, bytes: number) => Promise<{ rows: number; data: string; options: string[] }>
> = {
  async idx(folder, bytes) {
    const length = 28 * 28, patterns = makePatterns(length);
    const rows = Math.ceil(bytes / length);
    for (const [stem, count] of [["train", rows], ["t10k", 1000]] as const) {
      await writeRecords(`${folder}/${stem}-images-idx3-ubyte`, {
        head: idxHead(count, 28, 28),
        count,
        write: (row, out, at) => writeImage(out, at, { label: row % CLASSES, patterns, length }),
      });
      await writeRecords(`${folder}/${stem}-labels-idx1-ubyte`, {
        head: idxHead(count),
        count,
        write: (row, out, at) => (out[at] = row % CLASSES, at + 1),
      });
    }
    return { rows, data: folder, options: IMAGES };
  },
  async cifar(folder, bytes) {
    const length = 3072, patterns = makePatterns(length);
    const batch = Math.ceil(bytes / 5 / (length + 1));
    const write = (row: number, out: Uint8Array, at: number): number => {
      out[at] = row % CLASSES;
      return writeImage(out, at + 1, { label: row % CLASSES, patterns, length });
    };
    for (let i = 1; i <= 5; i++) await writeRecords(`${folder}/data_batch_${i}.bin`, { count: batch, write });
    await writeRecords(`${folder}/test_batch.bin`, { count: 1000, write });
    return {
      rows: 5 * batch,
      data: folder,
      options: [...IMAGES, "--augment", "shift=1"],
    };
  },
  async jsonl(folder, bytes) {
    const words = Array.from(
      { length: 4096 },
      () => Array.from({ length: 3 + random(6) }, () => "aeioubdlmnrst"[random(13)]).join(""),
    );
    // A text has a phrase of its class among common ones.
    const phrases = Array.from(
      { length: 2048 },
      () => encoder.encode(`${Array.from({ length: 8 }, () => words[random(4096)]).join(" ")} `),
    );
    let length = 0;
    const write = (row: number, out: Uint8Array, at: number): number => {
      const start = at, label = row % CLASSES;
      const put = (piece: Uint8Array): void => {
        out.set(piece, at);
        at += piece.length;
      };
      put(encoder.encode('{"text":"'));
      for (let i = 0, own = random(32); i < 32; i++) {
        put(phrases[i === own ? label * 50 + random(50) : 500 + random(1548)]);
      }
      put(encoder.encode(`","label":"class ${label}"}\n`));
      length = at - start;
      return at;
    };
    write(0, new Uint8Array(65536), 0);
    const rows = Math.ceil(bytes / length);
    await writeRecords(`${folder}/texts.jsonl`, { count: rows, write });
    return {
      rows,
      data: `${folder}/texts.jsonl`,
      options: ["--task", "text", "--bits", "1024", "--features", "words1-1", "--max-bytes", "4000"],
    };
  },
};

/** What a command did. */
interface Run {
  kind: Kind;
  command: string;
  seconds: number;
  /** The most bytes that were resident. */
  peak: number;
  result?: Record<string, unknown>;
}

/** Runs a command in a process of its own. */
async function run(kind: Kind, command: string, given: string[]): Promise<Run> {
  const root = new URL("../", import.meta.url).pathname;
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `${root}.ci/deno.ts`, "run", "-q", "-A", `${root}lib/cli/mod.ts`, command, ...given],
    stdout: command === "predict" ? "null" : "piped",
    stderr: "inherit",
  }).spawn();
  const output = command === "predict" ? Promise.resolve("") : new Response(child.stdout).text();
  let peak = 0, ended = false;
  const status = child.status.finally(() => ended = true);
  while (!ended) {
    await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 50))]);
    try {
      const own = (await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`)).trim();
      const found = /VmHWM:\s+(\d+)/.exec(await Deno.readTextFile(`/proc/${own}/status`));
      if (found !== null) peak = Math.max(peak, 1024 * Number(found[1]));
    } catch {
      // It has not begun yet, or has ended.
    }
  }
  const { code } = await status;
  if (code !== 0) throw new Error(`${command} on ${kind} ended with exit code ${code}`);
  const text = await output;
  const seconds = (performance.now() - began) / 1000;
  return {
    kind,
    command,
    seconds,
    peak,
    result: text === "" ? undefined : JSON.parse(text.trimEnd().split("\n").at(-1)!),
  };
}

const runs: Run[] = [];
for (const kind of kinds) {
  const folder = await Deno.makeTempDir({ dir: place });
  try {
    const { rows, data, options } = await makers[kind](folder, gigabytes * 1e9);
    console.log(`${kind}: ${rows} rows, ${gigabytes} GB`);
    const model = `${folder}/model.pnet`;
    const commands: [string, string[]][] = [
      ["train", ["--data", data, "--epochs", `${epochs}`, "--out", model, "--json", ...options]],
      ["eval", [model, "--data", data, "--json", ...(kind === "jsonl" ? [] : ["--split", "train"])]],
      ["predict", [model, "--data", data, ...(kind === "jsonl" ? [] : ["--split", "train"])]],
    ];
    for (const [command, given] of commands) {
      const found = await run(kind, command, [...given, ...(command === "train" ? ["--threads", "1"] : [])]);
      runs.push(found);
      const { validationAccuracy, accuracy, examplesPerSecond } = found.result ?? {};
      console.log(
        `  ${command.padEnd(8)} ${(found.peak / 1e6).toFixed(0).padStart(4)} MB at most, ${
          found.seconds.toFixed(0)
        } s` +
          (examplesPerSecond === undefined ? "" : `, ${Number(examplesPerSecond).toFixed(0)} examples/s`) +
          (found.result === undefined ? "" : `, accuracy ${Number(validationAccuracy ?? accuracy).toFixed(4)}`),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
if (json) console.log(JSON.stringify({ gigabytes, epochs, runs }));
if (runs.some(({ peak }) => peak > limit * 1e6)) Deno.exitCode = 1;
