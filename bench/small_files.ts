/**
 * Accuracy against the bytes of the file: projections chosen from a seeded pool and read by small heads, all of a data set beside one trainer in one training
 * for each seed (see small_recipes.ts). Prints a Markdown table of medians; the times of a sample are those of the first seed's files in both runtimes.
 *
 *     deno task bench:small [--data mnist|fashion-mnist|optdigits] [--seeds N,N,…] [--epochs N] [--threads N] [--data-dir DIR] [--json]
 *
 * The files optdigits.tra and optdigits.tes of the UCI repository are looked for in `--data-dir`. Other arguments and values are refused with exit code 2.
 */
import { choice, integer, list } from "../lib/cli/option_values.ts";
import { flag } from "../lib/cli/options.ts";
import { applyKernelOptions, DATA_DIR, THREADS } from "../lib/cli/shared_options.ts";
import { type Classifier, type Dataset, openDataset, train, type TrainResult } from "../mod.ts";
import { loadPnet } from "../lib/packed/mod.ts";
import { loadPnetWasm } from "../lib/packed/runtime_wasm.ts";
import { markdown, percent, readBenchArguments, showEpoch } from "./recipes.ts";
import { recipes } from "./small_recipes.ts";
import { median } from "./statistics.ts";

const OPTIONS = {
  data: {
    value: "NAME",
    help: "the data set",
    parse: choice(["mnist", "fashion-mnist", "optdigits"]),
    default: "mnist",
  },
  seeds: {
    value: "N,N,…",
    help: "a training for each",
    parse: list(integer({ min: 0, max: 0xffffffff }), { noun: "seeds" }),
    default: "1,2,3",
  },
  epochs: {
    value: "N",
    help: "passes over the training data (otherwise those of the recipe)",
    parse: integer({ min: 1 }),
  },
  threads: THREADS,
  "data-dir": DATA_DIR,
  json: flag("print one JSON object instead of the table"),
} as const;

const { data: name, seeds, epochs, threads, "data-dir": dataDir, json } = readBenchArguments("bench:small", OPTIONS);
applyKernelOptions({ threads, kernels: "auto" });
const recipe = recipes[name];

async function open(split: "train" | "test", labelNames?: readonly string[]): Promise<Dataset> {
  if (name !== "optdigits") return await openDataset(name, { split, dataDir });
  const file = `optdigits.${split === "train" ? "tra" : "tes"}`;
  return await openDataset(`${dataDir ?? "."}/${file}`, { split, labelNames });
}

const data = await open("train");
const test = await open("test", data.labelNames);

async function trainWith(seed: number): Promise<TrainResult> {
  const result = await train({
    ...recipe.training,
    data,
    test,
    projections: recipe.files.map(({ network }) => network),
    epochs: epochs ?? recipe.epochs,
    seed,
    onProgress: showEpoch,
  });
  const files = result.networks.map(({ bytes, test }) => `${bytes.length} bytes ${percent(test!.accuracy)}`);
  console.error(
    `${name}, ${result.epochs} epochs, seed ${seed}, ${result.seconds.toFixed(0)} s: trainer ${
      percent(result.trainer.testAccuracy)
    }, ${files.join(", ")}`,
  );
  return result;
}

/** Rows of the test data, rounds through them, and the classifiers by turns in each. */
const timing = { rows: 256, rounds: 15 };

/** Median microseconds a sample of each classifier. */
function measureTimes(classifiers: readonly Classifier[]): number[] {
  const width = test.featureLength;
  const samples = Array.from(
    { length: Math.min(timing.rows, test.count) },
    (_, row) => test.features.subarray(row * width, (row + 1) * width),
  );
  const times: number[][] = classifiers.map(() => []);
  for (let round = -2; round < timing.rounds; round++) {
    classifiers.forEach((classifier, index) => {
      const began = performance.now();
      for (const sample of samples) classifier.classify(sample);
      if (round >= 0) times[index].push((performance.now() - began) * 1000 / samples.length);
    });
  }
  return times.map(median);
}

const results: TrainResult[] = [];
for (const seed of seeds) results.push(await trainWith(seed));

const files = recipe.files.map(({ limit, target, network }, index) => {
  const trained = results.map(({ networks }) => networks[index]);
  const bytes = trained.map((found) => found.bytes.length);
  const plain = loadPnet(trained[0].bytes), wasm = loadPnetWasm(trained[0].bytes);
  const [plainTime, wasmTime] = measureTimes([plain, wasm]);
  const test = trained.map((found) => found.test!.accuracy);
  return {
    limit,
    target,
    network,
    bytes,
    validation: trained.map(({ validationAccuracy }) => validationAccuracy),
    test,
    median: median(test),
    // Where there is no WebAssembly for a network, its place is taken by plain TypeScript.
    microseconds: { plain: plainTime, wasm: wasm.runtime === "wasm" ? wasmTime : null },
  };
});

if (json) {
  const trainer = results.map((result) => result.trainer.testAccuracy);
  console.log(JSON.stringify({ data: name, seeds, trainer, files }));
} else {
  const microseconds = (value: number | null): string => value === null ? "" : value.toFixed(1);
  const rows = files.map(
    ({ limit, target, network, bytes, validation, test, median, microseconds: { plain, wasm } }) => {
      const { family, functions, select, hidden } = network;
      const pool = select === undefined ? "" : ` of ${select.pool}, ${select.by ?? "greedy"}`;
      const layer = hidden === undefined ? "" : ` + ${hidden} hidden`;
      return [
        limit.toLocaleString("en"),
        `${family} ${functions}${pool}${layer}`,
        bytes.map((count) => count.toLocaleString("en")).join(" "),
        validation.map(percent).join(" "),
        test.map(percent).join(" "),
        percent(median),
        target,
        microseconds(plain),
        microseconds(wasm),
      ];
    },
  );
  console.log(markdown([
    ["at most", "network", "file, bytes", "validation", "test", "median", "wanted", "µs plain", "µs wasm"],
    ...rows,
  ]));
}
const late = files.filter(({ limit, bytes }) => bytes.some((count) => count > limit));
for (const { limit, bytes } of late) console.error(`a file of at most ${limit} bytes was wanted, ${bytes} found`);
Deno.exitCode = late.length > 0 ? 1 : 0;
