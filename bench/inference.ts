/**
 * Inference speed: packed models of 720 bits with a linear head, in plain TypeScript and in WebAssembly, against the trainer network through onnxruntime-web
 * on one thread; MNIST's test images one at a time and in batches of 256, all in one run.
 *
 *     deno task bench:inference [--json] [--rounds N] [--seconds S] [--head ternary|int8|float] [--families taps,hadamard,…]
 *
 * A table goes to standard error; `--json` puts one object on the last line of standard output. Times are medians over rounds; ratios are medians of the
 * ratios within a round, in which all contestants ran one after the other.
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Classifier, type HeadPrecision, openDataset } from "../mod.ts";
import { checkRuntimes, loadTrainer } from "./inference_models.ts";
import { type Entry, interleave } from "./interleave.ts";
import { type Family, packModel } from "./packed_model.ts";
import { makeProblem } from "./problem.ts";
import { medianRatio, medianSample } from "./statistics.ts";

const TRAINER = "784-1000-1000-1000-10", BITS = 720, BATCH = 256, FEATURES = 784;

/** Something to be timed: what a step does and for how many images. */
interface Job {
  readonly family: string;
  readonly runtime: string;
  readonly images: number;
  readonly modelBytes: number;
  run(steps: number): Promise<unknown>;
}

/** The line of a report. */
interface Row {
  readonly family: string;
  readonly runtime: string;
  /** Images in a call. */
  readonly batch: number;
  readonly microsecondsPerSample: number;
  /** In the fastest round: what a machine with nothing else to do gives. */
  readonly fastestMicroseconds: number;
  /** How many times as fast as the trainer network in onnxruntime-web with as many images in a call. */
  readonly timesAsFast: number;
  readonly modelBytes: number;
}

function packedJobs(family: Family, head: HeadPrecision, images: readonly Uint8Array[]): Job[] {
  const model = packModel({ family, head, bits: BITS });
  checkRuntimes(model, images);
  const batch = new Uint8Array(images.length * FEATURES);
  images.forEach((image, i) => batch.set(image, i * FEATURES));
  return (["plain", "wasm"] as const).flatMap((runtime) => {
    const classifier: Classifier = model[runtime];
    const job = { family, runtime, modelBytes: model.bytes };
    const one = (steps: number): Promise<void> => {
      for (let i = 0; i < steps; i++) classifier.classify(images[i % images.length]);
      return Promise.resolve();
    };
    const many = (steps: number): Promise<void> => {
      for (let i = 0; i < steps; i++) classifier.classifyBatch(batch);
      return Promise.resolve();
    };
    return [{ ...job, images: 1, run: one }, { ...job, images: images.length, run: many }];
  });
}

async function trainerJobs(images: readonly Uint8Array[]): Promise<{ jobs: Job[]; difference: number }> {
  const pixels = new Float32Array(images.length * FEATURES);
  images.forEach((image, i) => pixels.set(image, i * FEATURES));
  for (let i = 0; i < pixels.length; i++) pixels[i] /= 255;
  const problem = makeProblem(`${TRAINER}@1`);
  const { network, difference } = await loadTrainer(problem, pixels);
  const singles = images.map((_, i) => network.prepare(pixels.slice(i * FEATURES, (i + 1) * FEATURES), 1));
  const together = network.prepare(pixels, images.length);
  const parameters = problem.weights.reduce((sum, { length }) => sum + length, 0) +
    problem.widths.slice(1).reduce((sum, width) => sum + width, 0);
  const job = { family: TRAINER, runtime: "onnxruntime-web", modelBytes: 4 * parameters };
  return {
    difference,
    jobs: [
      {
        ...job,
        images: 1,
        run: async (steps) => {
          for (let i = 0; i < steps; i++) await singles[i % singles.length]();
        },
      },
      {
        ...job,
        images: images.length,
        run: async (steps) => {
          for (let i = 0; i < steps; i++) await together();
        },
      },
    ],
  };
}

function describe(rows: readonly Row[]): string {
  const table = [
    ["", "runtime", "images a call", "µs an image", "fastest", "× as fast", "bytes"],
    ...rows.map((row) => [
      row.family,
      row.runtime,
      row.batch,
      row.microsecondsPerSample.toFixed(2),
      row.fastestMicroseconds.toFixed(2),
      row.timesAsFast.toFixed(1),
      row.modelBytes,
    ]),
  ];
  return table.map(([family, runtime, ...cells]) =>
    String(family).padEnd(24) + String(runtime).padEnd(17) + cells.map((cell) => String(cell).padStart(14)).join("")
  ).join("\n");
}

const args = parseArgs(Deno.args, { string: ["rounds", "seconds", "head", "families"], boolean: ["json"] });
const families = String(args.families ?? "taps,hadamard,gaussian").split(",") as Family[];
const head = String(args.head ?? "ternary") as HeadPrecision;
const rounds = Number(args.rounds ?? 31), seconds = Number(args.seconds ?? 0.02);
if (!(rounds >= 1) || !(seconds > 0)) {
  throw new RangeError(`--rounds ${args.rounds}, --seconds ${args.seconds}: numbers above 0 wanted`);
}

const { features } = await openDataset("mnist", { split: "test" });
const images = Array.from(
  { length: BATCH },
  (_, i) => Uint8Array.from(features.subarray(i * FEATURES, (i + 1) * FEATURES)),
);
const { jobs: peers, difference } = await trainerJobs(images);
console.error(`the logits of onnxruntime-web and ours differ by ${difference.toExponential(1)} of the largest`);
const jobs = [...peers, ...families.flatMap((family) => packedJobs(family, head, images))];
const entries = jobs.map(({ family, runtime, run }): Entry => ({
  name: `${family} ${runtime}`,
  threads: 1,
  training: { run: (steps) => run(steps).then(() => NaN), dispose: () => {} },
}));
const samples = await interleave(entries, { rounds, seconds, pinning: null });
const rows = jobs.map(({ family, runtime, images, modelBytes }, index): Row => ({
  family,
  runtime,
  batch: images,
  microsecondsPerSample: medianSample(samples[index]) / images * 1e6,
  fastestMicroseconds: Math.min(...samples[index].filter((sample) => sample !== undefined)) / images * 1e6,
  timesAsFast: medianRatio(samples[images === 1 ? 0 : 1], samples[index]),
  modelBytes,
}));
console.error(describe(rows));
if (args.json) console.log(JSON.stringify({ trainer: TRAINER, bits: BITS, head, difference, rounds, seconds, rows }));
