/**
 * What each step gives on MNIST with 720 bits, from the paper's blind Gaussian projections (Ravi 2017) to a ternary network with filters chosen from a pool, all
 * beside one trainer 784-256-256-10 in one training for each seed. The network learns from labels alone until the last two rows. Prints a Markdown table.
 *
 *     deno task bench:ablation [--seeds 1,2,3] [--epochs N] [--threads N] [--data-dir DIR] [--json]
 */
import { markdown, percent, runRecipes } from "./recipes.ts";
import { median } from "./statistics.ts";

const filters = "--projection conv --bits 45";
const chosen = `${filters} --select 256`;
const ternary = `${chosen} --hidden 128 --head ternary`;

/** What is added, to which row (the one before, but both weights of distillation to none), and all options. */
const steps: [step: string, from: number | undefined, options: string][] = [
  ["blind Gaussian, cut at zero", undefined, "--bits 60x12 --thresholds zero --lambda 1,0,1"],
  ["thresholds chosen on validation", 0, "--bits 60x12 --thresholds auto --lambda 1,0,1"],
  ["family: 45 filters, a bit for each of 16 cells", 1, `${filters} --lambda 1,0,1`],
  ["selection: the 45 filters of 256", 2, `${chosen} --lambda 1,0,1`],
  ["a hidden layer of 128", 3, `${chosen} --hidden 128 --lambda 1,0,1`],
  ["ternary weights in both layers", 4, `${ternary} --lambda 1,0,1`],
  ["distillation, λ2 = 0.1", 5, `${ternary} --lambda 1,0.1,1`],
  ["distillation, λ2 = 1", 5, `${ternary} --lambda 1,1,1`],
];

const { seeds, epochs, json, results } = await runRecipes("bench:ablation", steps.map(([, , options]) => options));
/** The median over the seeds of what a row has more than another, in points. */
const gain = (kind: "validation" | "test", row: number, from: number | undefined): string => {
  if (from === undefined) return "";
  const points = 100 * median(results[row][kind].map((accuracy, seed) => accuracy - results[from][kind][seed]));
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
};
console.log(markdown([
  ["step", "options", "bits", "file, bytes", "validation", "test", "gain on validation", "on test"],
  ...results.map(({ bits, bytes, validation, test }, row) => {
    const [step, from, options] = steps[row];
    const accuracies = [validation, test].map((shares) => percent(median(shares)));
    const gains = (["validation", "test"] as const).map((kind) => gain(kind, row, from));
    return [step, `\`${options}\``, bits, bytes.toLocaleString("en"), ...accuracies, ...gains];
  }),
]));
if (json) {
  const rows = results.map((result, row) => ({ step: steps[row][0], options: steps[row][2], ...result }));
  console.log(JSON.stringify({ seeds, epochs, rows }));
}
