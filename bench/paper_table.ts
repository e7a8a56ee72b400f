/**
 * The paper's MNIST table (Ravi 2017, table 1): one trainer network 784-1000-1000-1000-10 and seven projection networks beside it in one
 * training, all blind Gaussian projections with float heads; and the 720-bit network again with smaller heads. Prints Markdown.
 *
 * Two things differ from the paper's text: networks below 256 bits cut their projections at that of the mean input, where the paper
 * takes the sign (`--thresholds zero` does so in all rows), and the trainer network learns with a dropout of 0.2.
 *
 *     deno task bench:paper [--epochs N] [--seed N] [--thresholds zero|mean|median] [--data-dir DIR]
 *
 * Other arguments and values are refused with exit code 2.
 */
import { choice, integer } from "../lib/cli/option_values.ts";
import { DATA_DIR, SEED } from "../lib/cli/shared_options.ts";
import { openDataset, train } from "../mod.ts";
import { percent, readBenchArguments, showEpoch } from "./recipes.ts";

const OPTIONS = {
  epochs: { value: "N", help: "passes over the training data", parse: integer({ min: 1 }), default: "10" },
  seed: SEED,
  thresholds: {
    value: "RULE",
    help: "where projections become bits, in all rows (otherwise mean below 256 bits, zero from there on)",
    parse: choice(["zero", "mean", "median"]),
  },
  "data-dir": DATA_DIR,
} as const;

const { epochs, seed, thresholds, "data-dir": dataDir } = readBenchArguments("bench:paper", OPTIONS);

/** T, d, hidden width, head, and the paper's accuracy in percent (92.3 read in the source, the others recalled). */
const rows: [number, number, number | undefined, "float" | "int8" | "ternary", number | undefined][] = [
  [8, 10, undefined, "float", 70.6],
  [10, 12, undefined, "float", 76.9],
  [60, 10, undefined, "float", 91.1],
  [60, 12, undefined, "float", 92.3],
  [60, 10, 128, "float", 96.3],
  [60, 12, 256, "float", 96.9],
  [70, 12, 256, "float", 97.1],
  [60, 12, undefined, "int8", undefined],
  [60, 12, undefined, "ternary", undefined],
];

const [data, test] = await Promise.all(
  (["train", "test"] as const).map((split) => openDataset("mnist", { split, dataDir })),
);
const result = await train({
  data,
  test,
  trainer: { hidden: [1000, 1000, 1000], dropout: 0.2 },
  projections: rows.map(([functions, bitsPerFunction, hidden, head]) => ({
    functions,
    bitsPerFunction,
    hidden,
    head,
    family: "gaussian",
    thresholds,
  })),
  epochs,
  seed,
  onProgress: showEpoch,
});

const count = (n: number) => n.toLocaleString("en");
const trainerBytes = result.trainer.parameters * 4;
console.log("| network | bits | test accuracy | paper | parameters | ratio | file, bytes | ratio |");
console.log("|---|---|---|---|---|---|---|---|");
console.log(
  `| trainer 784-1000-1000-1000-10 | | ${percent(result.trainer.testAccuracy)} | 98.9 | ${
    count(result.trainer.parameters)
  } | 1 | ${count(trainerBytes)} (float32) | 1 |`,
);
result.networks.forEach((network, index) => {
  const [functions, bitsPerFunction, hidden, head, paper] = rows[index];
  const layer = hidden === undefined ? "" : ` + FC[${hidden}]`;
  const name = `T=${functions}, d=${bitsPerFunction}${layer}, ${head}`;
  const ratios = [result.trainer.parameters / network.parameters, trainerBytes / network.bytes.length];
  const [parameters, bytes] = ratios.map((ratio) => count(Math.round(ratio)));
  console.log(
    `| ${name} | ${network.bits} | ${percent(network.test!.accuracy)} | ${paper ?? ""} | ${
      count(network.parameters)
    } | ${parameters} | ${count(network.bytes.length)} | ${bytes} |`,
  );
});
console.error(`${result.epochs} epochs, seed ${result.seed}, ${result.seconds.toFixed(0)} s`);
