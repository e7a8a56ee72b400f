/**
 * Training speed against TensorFlow.js and jax-js, all in one run: examples a second of a whole training step (forward, cross-entropy, backward,
 * momentum), how much of the matrix products' own speed the step keeps, what joint training costs, and whether memory stays flat.
 *
 *     deno task bench:training [--json] [--rounds N] [--seconds S] [--only NAME,…] [--networks 784-128-10@32,…]
 *
 * `--only` takes some of ours, tfjs-cpu, tfjs-wasm, jax-js, joint, memory; ours takes part wherever a peer does. Tables go to standard error; `--json` puts one object on the last line of
 * standard output. Times say little on their own: read the ratios, which are medians over rounds in which both sides ran one after the other.
 */
import { parseArgs } from "@std/cli/parse-args";
import { kernels } from "../mod.ts";
import { compare, describe, type NetworkReport } from "./compare.ts";
import { interleave, type InterleaveOptions } from "./interleave.ts";
import { jointTraining, rowsPerEpoch } from "./joint.ts";
import { measureMemory, type MemoryUse } from "./memory.ts";
import { ours } from "./ours.ts";
import { jax } from "./peers/jax.ts";
import { tfjs } from "./peers/tfjs.ts";
import { Pinning } from "./pinning.ts";
import { type Contestant, makeProblem } from "./problem.ts";
import { medianRatio, medianSample } from "./statistics.ts";

const parts = ["ours", "tfjs-cpu", "tfjs-wasm", "jax-js", "joint", "memory"];

async function gatherContestants(only: readonly string[], threadCounts: readonly number[]): Promise<Contestant[]> {
  const peers = [
    ...only.includes("tfjs-cpu") ? [tfjs("cpu")] : [],
    ...only.includes("tfjs-wasm") ? [tfjs("wasm")] : [],
    ...only.includes("jax-js") ? await jax(Math.max(...threadCounts)) : [],
  ];
  return peers.length > 0 || only.includes("ours") ? [...threadCounts.map(ours), ...peers] : [];
}

/** What a projection network beside the trainer costs. */
interface JointReport {
  readonly threads: number;
  readonly trainerExamplesPerSecond: number;
  readonly jointExamplesPerSecond: number;
  /** Time of joint training divided by that of the trainer alone. */
  readonly cost: number;
}

async function compareJoint(threads: number, options: InterleaveOptions): Promise<JointReport> {
  const entries = [false, true].map((projection) => ({
    name: projection ? "joint" : "trainer",
    threads,
    training: jointTraining({ threads, projection }),
  }));
  const [alone, joint] = await interleave(entries, options);
  for (const { training } of entries) training.dispose();
  return {
    threads,
    trainerExamplesPerSecond: rowsPerEpoch / medianSample(alone),
    jointExamplesPerSecond: rowsPerEpoch / medianSample(joint),
    cost: medianRatio(joint, alone),
  };
}

function describeJoint({ threads, trainerExamplesPerSecond, jointExamplesPerSecond, cost }: JointReport): string {
  return `joint training with 720 bits, threads ${threads}: ${
    jointExamplesPerSecond.toFixed(0)
  } examples/s; the trainer ` +
    `alone: ${trainerExamplesPerSecond.toFixed(0)} examples/s; ${cost.toFixed(3)} times the time`;
}

async function checkMemory(): Promise<MemoryUse> {
  const training = await ours(1).prepare(makeProblem("784-128-10@32"));
  const use = await measureMemory(training, 10_000);
  training.dispose();
  return use;
}

function describeMemory({ steps, residentBefore, residentAfter, arenaBefore, arenaAfter }: MemoryUse): string {
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${steps} steps of 784-128-10: resident memory ${mebibytes(residentBefore)} before, ${
    mebibytes(residentAfter)
  } ` +
    `after; tensor arena ${mebibytes(arenaBefore)} before, ${mebibytes(arenaAfter)} after`;
}

/** A positive number from the command line. */
function positive(name: string, value: unknown): number {
  const number = Number(value);
  if (!(number > 0)) throw new RangeError(`--${name}: ${value} found, a number above 0 wanted`);
  return number;
}

const args = parseArgs(Deno.args, { string: ["rounds", "seconds", "only", "networks"], boolean: ["json"] });
const only = String(args.only ?? parts).split(",");
const unknown = only.filter((name) => !parts.includes(name));
if (unknown.length > 0) throw new RangeError(`--only: ${unknown} found, some of ${parts} wanted`);
const problems = String(args.networks ?? "784-1000-1000-1000-10@128,784-128-10@32").split(",").map(makeProblem);
const rounds = Math.ceil(positive("rounds", args.rounds ?? 11));
const pinning = await Pinning.open();
const options = { rounds, seconds: positive("seconds", args.seconds ?? 0.2), pinning };
const cores = navigator.hardwareConcurrency;
const threadCounts = cores > 1 ? [1, 2] : [1];
const began = performance.now();
console.error(
  `${cores} cores, kernels ${kernels().name}; threads that compute are ` +
    (pinning === null ? "left to the kernel" : "bound to a processor each by taskset, by thread id"),
);

const memory = only.includes("memory") ? await checkMemory() : null;
if (memory !== null) console.error(describeMemory(memory));

const contestants = await gatherContestants(only, threadCounts);
const networks: NetworkReport[] = [];
for (const problem of contestants.length > 0 ? problems : []) {
  networks.push(await compare(problem, contestants, options));
  console.error(describe(networks[networks.length - 1]));
}

const joint: JointReport[] = [];
for (const threads of only.includes("joint") ? threadCounts : []) {
  joint.push(await compareJoint(threads, options));
  console.error(describeJoint(joint[joint.length - 1]));
}

const seconds = (performance.now() - began) / 1000;
console.error(`${seconds.toFixed(0)} s`);
if (args.json) {
  const binding = pinning === null ? "none" : "taskset";
  console.log(JSON.stringify({ cores, kernels: kernels().name, binding, rounds, networks, joint, memory, seconds }));
}
// jax-js keeps its workers.
Deno.exit();
