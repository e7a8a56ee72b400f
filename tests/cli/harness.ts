/**
 * Running the command line in a test, in this process or as a process of its own, on small data sets that are made here.
 */
import { type CliIo, runCli, type Terminal } from "../../lib/cli/mod.ts";
import { resolveDataDir } from "../../lib/data/mod.ts";
import { encodePnet, type PnetModel } from "../../lib/packed/mod.ts";

/** What a command did. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Streams in memory. */
export class TestIo implements CliIo {
  out = "";
  err = "";
  readonly interruptHandlers = new Set<() => void>();

  constructor(readonly input: string | Uint8Array[] = "", readonly terminal: Terminal | undefined = undefined) {}

  get stdin(): ReadableStream<Uint8Array> {
    return ReadableStream.from(typeof this.input === "string" ? [new TextEncoder().encode(this.input)] : this.input);
  }

  writeOut(text: string): Promise<void> {
    this.out += text;
    return Promise.resolve();
  }

  writeError(text: string): void {
    this.err += text;
  }

  onInterrupt(handler: () => void): () => void {
    this.interruptHandlers.add(handler);
    return () => this.interruptHandlers.delete(handler);
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    for (const handler of this.interruptHandlers) handler();
  }
}

/** Runs a command line in this process. */
export async function run(args: readonly string[], input: string | Uint8Array[] = ""): Promise<Outcome> {
  const io = new TestIo(input);
  const code = await runCli(args, io);
  return { code, out: io.out, err: io.err };
}

/** The JSON object on the last line of standard output. */
export function lastJson({ out }: Outcome): Record<string, unknown> {
  return JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
}

const ROOT = new URL("../../", import.meta.url);

/** A process of its own for a command line, started as the tasks start it. */
export function command(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", ".ci/deno.ts", "run", "-A", "lib/cli/mod.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}

/** A process that is the command line itself, so that killing it kills what works, with all permissions or the given ones. */
export function processOf(
  args: readonly string[],
  { permissions = ["-A"], ...options }: Deno.CommandOptions & { permissions?: readonly string[] } = {},
): Deno.ChildProcess {
  // Where the registry cannot be reached these tests run with stand-ins, and so does the process.
  const isStandIn = import.meta.resolve("@std/assert").startsWith("file:");
  const map = isStandIn ? ["--import-map", ".ci/std/import_map.json"] : [];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--no-prompt", ...permissions, ...map, "lib/cli/mod.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    ...options,
  }).spawn();
}

/** Calls `test` with a folder that is removed afterwards. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "projectionnet-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Numbers in 0…1, the same every time. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A table of three kinds of points that lie apart from each other, a few of them mislabelled. */
export function pointsTable({ rows, seed }: { rows: number; seed: number }): string {
  const random = randomNumbers(seed);
  const centres = [[1, 5, 0.2, 9], [4, 1, 0.9, 2], [8, 8, 0.4, 5]];
  const kinds = ["ash", "beech", "cedar"];
  const lines = ["height,width,gloss,age,label"];
  for (let i = 0; i < rows; i++) {
    const kind = i % 3;
    const values = centres[kind].map((centre) => (centre + 1.5 * (random() - 0.5)).toFixed(3));
    lines.push([...values, kinds[random() < 0.05 ? (kind + 1) % 3 : kind]].join(","));
  }
  return `${lines.join("\n")}\n`;
}

function idx(dimensions: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((dimension, i) => view.setUint32(4 + 4 * i, dimension));
  bytes.set(data, 4 + 4 * dimensions.length);
  return bytes;
}

/** Writes IDX files of small images of horizontal (0), vertical (1) and diagonal (2) lines with noise. */
export async function writeLineImages(folder: string, counts: { train: number; test: number }): Promise<void> {
  const size = 8;
  const random = randomNumbers(7);
  for (const [prefix, count] of [["train", counts.train], ["t10k", counts.test]] as const) {
    const images = new Uint8Array(count * size * size);
    const labels = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const kind = labels[i] = i % 3;
      const at = 3 + Math.floor(2 * random());
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const onLine = kind === 0 ? y === at : kind === 1 ? x === at : (x - y + size) % size === at;
          images[(i * size + y) * size + x] = Math.floor((onLine ? 180 : 0) + 60 * random());
        }
      }
    }
    await Deno.writeFile(`${folder}/${prefix}-images-idx3-ubyte`, idx([count, size, size], images));
    await Deno.writeFile(`${folder}/${prefix}-labels-idx1-ubyte`, idx([count], labels));
  }
}

/** Writes IDX files of MNIST's first digits; of drawn lines where MNIST is not at hand. */
export async function writeDigits(folder: string): Promise<void> {
  const mnist = `${resolveDataDir()}/mnist`;
  const counts = { train: 600, t10k: 200 };
  try {
    for (const [prefix, count] of Object.entries(counts)) {
      for (const [name, header, row] of [["images-idx3", 16, 784], ["labels-idx1", 8, 1]] as const) {
        const file = `${prefix}-${name}-ubyte`;
        const bytes = (await Deno.readFile(`${mnist}/${file}`)).slice(0, header + count * row);
        new DataView(bytes.buffer).setUint32(4, count);
        await Deno.writeFile(`${folder}/${file}`, bytes);
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await writeLineImages(folder, { train: counts.train, test: counts.t10k });
  }
}

/** A packed model of four bytes. */
export function smallModel(): PnetModel {
  const bits = 8;
  const weights = Float32Array.from({ length: 3 * bits }, (_, i) => ((i * 7) % 11) - 5);
  return {
    input: { kind: "table", features: 4, quantization: { rule: "none" } },
    projection: { family: "gaussian", seed: 3, features: 4, functions: 4, bitsPerFunction: 2 },
    thresholds: new Int32Array(bits),
    head: [{
      precision: "float",
      inputs: bits,
      outputs: 3,
      weights,
      scales: new Float32Array(0),
      bias: Float32Array.of(0.5, 0, -0.5),
    }],
    labels: ["ash", "beech", "cedar"],
  };
}

/** Writes {@linkcode smallModel} to a file and gives its path. */
export async function writeSmallModel(folder: string): Promise<string> {
  const path = `${folder}/small.pnet`;
  await Deno.writeFile(path, encodePnet(smallModel()));
  return path;
}
