/**
 * Feeds changed files to every reader (readers.ts) and reports what is no model, data set or typed error, takes too long or too much memory. Each case is a
 * function of the seed, the reader and its number:
 *
 *     deno task fuzz --runs 100000 --reader pnet --seed 1
 *     deno task fuzz --reader pnet --seed 1 --from 4711 --runs 1 --keep mutant.pnet
 */
import { parseArgs } from "@std/cli/parse-args";
import { AllocationMeter } from "./allocations.ts";
import { Dice } from "./dice.ts";
import { concatenated } from "../data/fixtures.ts";
import { mutateBytes, mutateParts } from "./mutate.ts";
import type { FileParts } from "./parts.ts";
import { type FuzzReader, READERS } from "./readers.ts";

/** What is to be run. */
export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** Number of the first case. */
  readonly from?: number;
  /** Told now and then how many cases are done. */
  readonly onProgress?: (done: number) => void;
  /** Gets every changed file before it is read. */
  readonly onFile?: (bytes: Uint8Array, index: number) => void;
}

/** A case that went wrong; others like it are counted only. */
export interface Finding {
  readonly index: number;
  readonly message: string;
  readonly bytes: Uint8Array;
  count: number;
}

/** What came of the cases of a reader. */
export interface FuzzResult {
  readonly findings: Finding[];
  /** How many files were read, and how many refused. */
  read: number;
  refused: number;
  /** The longest time of a case, in milliseconds, and its number. */
  slowest: { milliseconds: number; index: number };
  /** The most bytes of arrays in a case, its file's size and number. */
  largest: { bytes: number; file: number; index: number };
  /** What the process had grown by, in bytes. */
  growth: number;
}

/** Milliseconds that a case may take: far more than any does on a quiet machine, far less than a hang. */
const MOST_MILLISECONDS = 60_000;
/** What the process may grow by while a reader is fuzzed, garbage that waits to be collected included. */
const MOST_GROWTH = 2 ** 30;

/** Bytes of a long file. */
const LONG = 200_000;

/** A seed file and its parts. */
interface SeedFile {
  readonly whole: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

const lines: FileParts = {
  split: (file) => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < file.length;) {
      const end = file.indexOf(10, at) + 1 || file.length;
      parts.push(file.subarray(at, end));
      at = end;
    }
    return parts;
  },
  join: concatenated,
};

function mutant(
  { text: isText, parts }: FuzzReader,
  { seeds, dice }: { seeds: readonly SeedFile[]; dice: Dice },
): Uint8Array<ArrayBuffer> {
  const seed = dice.one(seeds), other = dice.one(seeds), { join } = parts ?? lines;
  const text = isText === "partly" ? dice.chance(0.4) : isText;
  const useParts = (parts !== undefined || text === true) && dice.chance(0.75);
  if (useParts && dice.chance(0.001)) return join(stretched(seed.parts, dice));
  const changed = useParts
    ? join(mutateParts(seed.parts, { dice, text, other: other.parts }))
    : mutateBytes(seed.whole, { dice, text, other: other.whole });
  // Where there are checksums, some files are broken after they were made right.
  return (useParts && dice.chance(0.05) ? mutateBytes(changed, { dice, text, other: other.whole }) : changed).slice();
}

/** One part so often that the file is long: what takes longer than its length lets expect is told by the time. */
function stretched(parts: readonly Uint8Array[], dice: Dice): Uint8Array[] {
  const at = dice.below(parts.length), part = parts[at];
  const many = new Array<Uint8Array>(Math.ceil(LONG / Math.max(64, part.length))).fill(part);
  return [...parts.slice(0, at), ...dice.chance(0.5) ? many : [concatenated(many)], ...parts.slice(at + 1)];
}

/** Runs the cases of a reader. */
export async function fuzz(
  name: string,
  reader: FuzzReader,
  { seed, runs, from = 0, onProgress, onFile }: FuzzOptions,
): Promise<FuzzResult> {
  const { split } = reader.parts ?? lines;
  const seeds: SeedFile[] = [];
  for (const whole of await reader.seeds()) seeds.push({ whole, parts: await split(whole) });
  const folder = await Deno.makeTempDir({ prefix: "projectionnet-fuzz-" });
  const result: FuzzResult = {
    findings: [],
    read: 0,
    refused: 0,
    slowest: { milliseconds: 0, index: from },
    largest: { bytes: 0, file: 0, index: from },
    growth: 0,
  };
  const found = new Map<string, Finding>();
  const start = Deno.memoryUsage().rss;
  try {
    // What valid files need is made before it counts.
    for (const { whole } of seeds) await attempt(reader, whole.slice(), { dice: new Dice(0, name, 0), folder });
    using meter = new AllocationMeter();
    for (let index = from; index < from + runs; index++) {
      const dice = new Dice(seed, name, index), bytes = mutant(reader, { seeds, dice });
      onFile?.(bytes, index);
      const note = (message: string): void => {
        // Numbers and names differ from case to case.
        const kind = message.replaceAll(/\d+/g, "0").replaceAll(/"[^"]*"/g, '""').slice(0, 400);
        const before = found.get(kind);
        if (before !== undefined) before.count++;
        else found.set(kind, { index, message, bytes, count: 1 });
      };
      meter.bytes = 0;
      const began = performance.now();
      const problem = await attempt(reader, bytes, { dice, folder });
      const milliseconds = performance.now() - began, { fixed, perByte } = reader.most;
      if (problem === "read" || problem === "refused") result[problem]++;
      else note(problem.message);
      if (milliseconds > result.slowest.milliseconds) result.slowest = { milliseconds, index };
      if (meter.bytes > result.largest.bytes) result.largest = { bytes: meter.bytes, file: bytes.length, index };
      if (milliseconds > MOST_MILLISECONDS) note(`took ${milliseconds} ms`);
      if (meter.bytes > fixed + perByte * bytes.length) {
        note(`${meter.bytes} bytes of arrays for ${bytes.length} bytes`);
      }
      if ((index - from) % 1000 === 999) {
        onProgress?.(index - from + 1);
        result.growth = Math.max(result.growth, Deno.memoryUsage().rss - start);
        if (result.growth > MOST_GROWTH + fixed) note(`the process has grown by ${result.growth} bytes`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  result.findings.push(...found.values());
  return result;
}

async function attempt(
  reader: FuzzReader,
  bytes: Uint8Array<ArrayBuffer>,
  context: { dice: Dice; folder: string },
): Promise<"read" | "refused" | { message: string }> {
  try {
    await reader.read(bytes, context);
    return "read";
  } catch (error) {
    if (reader.refusals.some((kind) => error instanceof kind)) return "refused";
    return { message: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

/** The outcome in a line. */
export function describe(name: string, { read, refused, findings, slowest, largest, growth }: FuzzResult): string {
  const wrong = findings.reduce((sum, { count }) => sum + count, 0);
  return `${name}: ${read} read, ${refused} refused, ${wrong} wrong in ${findings.length} ways; at most ` +
    `${
      slowest.milliseconds.toFixed(0)
    } ms (case ${slowest.index}), ${largest.bytes} bytes of arrays for ${largest.file} ` +
    `(case ${largest.index}), grown by ${(growth / 1e6).toFixed(0)} MB`;
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { string: ["reader", "runs", "seed", "from", "keep"] });
  const { reader, keep } = args as Partial<Record<"reader" | "keep", string>>;
  const [runs, seed, from] = [args.runs ?? 10_000, args.seed ?? 1, args.from ?? 0].map(Number);
  let wrong = 0;
  for (const name of reader?.split(",") ?? Object.keys(READERS)) {
    if (!Object.hasOwn(READERS, name)) {
      throw new Error(`--reader ${name}: wanted one of ${Object.keys(READERS).join(", ")}`);
    }
    const began = performance.now(), step = Math.ceil(runs / 10_000) * 1000;
    const result = await fuzz(name, READERS[name], {
      seed,
      runs,
      from,
      onFile: keep === undefined ? undefined : (bytes) => Deno.writeFileSync(keep, bytes),
      onProgress: (done) => done % step === 0 && console.error(`${name}: ${done}`),
    });
    console.log(`${describe(name, result)}; ${((performance.now() - began) / 1000).toFixed(0)} s`);
    for (const { index, message, count, bytes } of result.findings) {
      console.log(`  case ${index}, ${count} times, ${bytes.length} bytes: ${message}`);
    }
    wrong += result.findings.length;
  }
  Deno.exit(wrong > 0 ? 1 : 0);
}
