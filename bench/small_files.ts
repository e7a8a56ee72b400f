/**
 * Accuracy against the bytes of the file: convolutional projections whose filters are chosen from a seeded pool, read as counts by ternary heads,
 * all beside one trainer in one training. Prints a Markdown table.
 *
 *     deno task bench:small [--data mnist|fashion-mnist] [--epochs N] [--seed N] [--data-dir DIR]
 */
import { parseArgs } from "@std/cli/parse-args";
import { openDataset, type ProjectionOptions, train } from "../mod.ts";

const options: Record<string, unknown> = parseArgs(Deno.args, { string: ["data", "epochs", "seed", "data-dir"] });
const whole = (name: string, otherwise: number): number => {
  const value = options[name] === undefined ? otherwise : Number(options[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name}: a whole number was wanted, ${options[name]} found`);
  Deno.exit(2);
};

/** Filters kept, pool, way of selection, hidden width. Chosen on MNIST's validation split. */
const rows: [filters: number, pool: number, by: "greedy" | "prune", hidden: number | undefined][] = [
  [10, 256, "prune", undefined],
  [24, 256, "greedy", undefined],
  [24, 256, "greedy", 24],
  [28, 256, "greedy", 40],
  [32, 512, "greedy", 48],
];

const projections = rows.map(([functions, pool, by, hidden]): ProjectionOptions => ({
  family: "conv",
  reads: "counts",
  head: "ternary",
  functions,
  select: { pool, by },
  hidden,
}));
const dataDir = options["data-dir"] as string | undefined;
const name = (options.data as string | undefined) ?? "mnist";
const result = await train({
  data: await openDataset(name, { split: "train", dataDir }),
  test: await openDataset(name, { split: "test", dataDir }),
  projections,
  epochs: whole("epochs", 12),
  seed: whole("seed", 1),
  onProgress: ({ epoch, epochs, validation, secondsLeft }) => {
    if (validation === undefined) return;
    const accuracies = validation.map((accuracy) => (100 * accuracy).toFixed(2)).join(" ");
    console.error(`epoch ${epoch}/${epochs}: validation ${accuracies}; ${secondsLeft.toFixed(0)} s left`);
  },
});

const percent = (part: number | null): string => (100 * (part ?? NaN)).toFixed(2);
console.log("| filters | of | chosen by | hidden | file, bytes | validation | test |");
console.log("|---|---|---|---|---|---|---|");
result.networks.forEach((network, index) => {
  const [filters, pool, by, hidden] = rows[index];
  console.log(
    `| ${filters} | ${pool} | ${by} | ${hidden ?? ""} | ${network.bytes.length.toLocaleString("en")} | ${
      percent(network.validationAccuracy)
    } | ${percent(network.test!.accuracy)} |`,
  );
});
console.error(`${name}, ${result.epochs} epochs, seed ${result.seed}, ${result.seconds.toFixed(0)} s`);
