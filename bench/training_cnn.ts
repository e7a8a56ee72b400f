/**
 * Training speed on images against TensorFlow.js and jax-js, all in one run: images a second of a whole training step of the convolutional trainer network
 * (forward with batch normalisation, cross-entropy, backward, momentum).
 *
 *     deno task bench:training-cnn [--json] [--rounds N] [--seconds S] [--only NAME,...] [--networks 28x28x1-16-32-10@32,...]
 *
 * `--only` takes some of tfjs-cpu, tfjs-wasm, jax-js (tfjs-cpu, plain JavaScript, only when it is asked for). Tables go to standard error; `--json`
 * puts one object on the last line of standard output. Read the ratios, which are medians over rounds in which both sides ran one after the other. A peer
 * that runs on one thread only is compared with one thread of ours, and with as many as there are.
 */
import { parseArgs } from "@std/cli/parse-args";
import { kernels } from "../mod.ts";
import { type Agreement, checkAgreement } from "./agreement.ts";
import { type ImageProblem, makeImageProblem } from "./image_problem.ts";
import { type Entry, interleave, type InterleaveOptions } from "./interleave.ts";
import { oursOnImages } from "./ours.ts";
import { jaxOnImages } from "./peers/jax.ts";
import { tfjsOnImages } from "./peers/tfjs.ts";
import { Pinning } from "./pinning.ts";
import type { Contestant } from "./problem.ts";
import { medianRatio, medianSample } from "./statistics.ts";

/** Batch normalisation divides by deviations of few values, so that differences of rounding grow from step to step: from 1e-7 in the first to some 1e-5. */
const tolerance = 1e-4;

const peers = ["tfjs-cpu", "tfjs-wasm", "jax-js"];

/** How fast a contestant trains. */
interface ImageContestantReport {
  readonly name: string;
  readonly threads: number;
  /** Medians. */
  readonly imagesPerSecond: number;
  readonly gigaflops: number;
  /** How many times as fast as it this library is, on each number of threads. */
  readonly oursTimesAsFast: readonly number[];
}

interface ImageReport {
  readonly network: string;
  readonly batchSize: number;
  readonly agreement: Agreement;
  readonly threads: readonly number[];
  readonly contestants: readonly ImageContestantReport[];
}

async function compareOnImages(
  problem: ImageProblem,
  contestants: readonly Contestant<ImageProblem>[],
  options: InterleaveOptions,
): Promise<ImageReport> {
  const entries: Entry[] = [];
  for (const { name, threads, prepare } of contestants) {
    entries.push({ name, threads, training: await prepare(problem) });
  }
  const agreement = await checkAgreement(entries, tolerance);
  const samples = await interleave(entries, options);
  for (const { training } of entries) training.dispose();
  const own = samples.filter((_, index) => entries[index].name === "ours");
  return {
    network: problem.name,
    batchSize: problem.batchSize,
    agreement,
    threads: contestants.filter(({ name }) => name === "ours").map(({ threads }) => threads),
    contestants: entries.map(({ name, threads }, index) => ({
      name,
      threads,
      imagesPerSecond: problem.batchSize / medianSample(samples[index]),
      gigaflops: problem.operations / medianSample(samples[index]) / 1e9,
      oursTimesAsFast: own.map((ownSamples) => medianRatio(samples[index], ownSamples)),
    })),
  };
}

function describeReport({ network, batchSize, agreement, threads, contestants }: ImageReport): string {
  const largest = Math.max(0, ...agreement.differences.map(({ difference }) => difference));
  const heads = ["threads", "images/s", "GFLOP/s", ...threads.map((count) => `ours on ${count} is x as fast`)];
  const rows = contestants.map(({ name, threads, imagesPerSecond, gigaflops, oursTimesAsFast }) => [
    name,
    ...[String(threads), imagesPerSecond.toFixed(0), gigaflops.toFixed(1)],
    ...oursTimesAsFast.map((ratio) => ratio.toFixed(2)),
  ]);
  return [
    `${network}, batch ${batchSize}: the losses of the first ${agreement.steps} steps differ by ${
      largest.toExponential(1)
    } at most (accepted: ${agreement.tolerance})`,
    ...[["", ...heads], ...rows].map(([name, ...cells]) =>
      "  " + name.padEnd(10) + cells.map((cell) => cell.padStart(24)).join("")
    ),
  ].join("\n");
}

const args = parseArgs(Deno.args, { string: ["rounds", "seconds", "only", "networks"], boolean: ["json"] });
const only = String(args.only ?? "tfjs-wasm,jax-js").split(",");
const unknown = only.filter((name) => !peers.includes(name));
if (unknown.length > 0) throw new RangeError(`--only: ${unknown} found, some of ${peers} wanted`);
const problems = String(args.networks ?? "28x28x1-16-32-10@32,32x32x3-24-48-96-100@16").split(",").map(
  makeImageProblem,
);
const [rounds, seconds] = [Math.ceil(Number(args.rounds ?? 7)), Number(args.seconds ?? 0.5)];
if (!(rounds > 0 && seconds > 0)) throw new RangeError("--rounds and --seconds: numbers above 0 wanted");
const cores = navigator.hardwareConcurrency, threadCounts = cores > 1 ? [1, 2] : [1];
const contestants = [
  ...threadCounts.map(oursOnImages),
  ...only.filter((name) => name !== "jax-js").map((name) => tfjsOnImages(name === "tfjs-cpu" ? "cpu" : "wasm")),
  ...only.includes("jax-js") ? await jaxOnImages(Math.max(...threadCounts)) : [],
];
const pinning = await Pinning.open();
const networks: ImageReport[] = [];
for (const problem of problems) {
  networks.push(await compareOnImages(problem, contestants, { rounds, seconds, pinning }));
  console.error(describeReport(networks[networks.length - 1]));
}
if (args.json) {
  const binding = pinning === null ? "none" : "taskset";
  console.log(JSON.stringify({ cores, kernels: kernels().name, binding, rounds, networks }));
}
// jax-js keeps its workers.
Deno.exit();
