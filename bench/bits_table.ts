/**
 * More accuracy from the bits of the paper's MNIST table (Ravi 2017, table 1): codes as wide, projections as random and as seeded, but of families that look
 * at an image and with rows chosen from a pool. All networks of a seed are trained beside one trainer 784-256-256-10. Prints a Markdown table.
 *
 *     deno task bench:bits [--seeds 1,2,3] [--epochs N] [--threads N] [--data-dir DIR] [--json]
 *
 * A row's file of seed N is also what `deno task train --data mnist --seed N` writes with the options of the row.
 */
import { markdown, percent, runRecipes } from "./recipes.ts";
import { median } from "./statistics.ts";

/** Options, and the accuracy of the paper's network of as many bits and the same hidden layer in percent (recalled, not verified, but for 92.3). */
const rows: [options: string, paper: number][] = [
  ["--projection patch --bits 80 --select 100000", 70.6],
  ["--projection patch --bits 120 --select 100000", 76.9],
  ["--projection conv --bits 45 --select 256", 92.3],
  ["--projection conv --bits 24 --cell 5 --select 192 --hidden 128 --lambda 1,1,1", 96.3],
  ["--projection conv --bits 45 --select 256 --hidden 256 --lambda 1,1,1", 96.9],
];

const { seeds, epochs, json, recipes, results } = await runRecipes("bench:bits", rows.map(([options]) => options));
console.log(markdown([
  [
    "bits",
    "head",
    "options",
    "file, bytes",
    "validation",
    ...seeds.map((seed) => `test, seed ${seed}`),
    "median",
    "paper",
  ],
  ...results.map(({ bits, bytes, validation, test }, index) => [
    bits,
    recipes[index].hidden === undefined ? "linear" : `FC[${recipes[index].hidden}]`,
    `\`${rows[index][0]}\``,
    bytes.toLocaleString("en"),
    percent(median(validation)),
    ...test.map(percent),
    percent(median(test)),
    rows[index][1],
  ]),
]));
if (json) {
  const found = results.map((result, index) => ({ options: rows[index][0], ...result }));
  console.log(JSON.stringify({ seeds, epochs, rows: found }));
}
