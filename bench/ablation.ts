/**
 * What each step gives on MNIST with 720 bits, from the paper's blind Gaussian projections (Ravi 2017) to a ternary network with filters chosen from a pool, all
 * beside one trainer 784-256-256-10 in one training for each seed. The network learns from labels alone until the last two rows. Prints a Markdown table.
 *
 *     deno task bench:ablation [--seeds 1,2,3] [--epochs N] [--threads N] [--data-dir DIR] [--json]
 */
import { markdown, percent, runRecipes } from "./recipes.ts";
import { median } from "./statistics.ts";

const labelsAlone = "--lambda 1,0,1";
const gaussian = "--bits 60x12";
const filters = "--projection conv --bits 45";
const chosen = `${filters} --select 256`;
const hidden = `${chosen} --hidden 128`;
const ternary = `${hidden} --head ternary`;

/** What is done, the options that do it, the row that it is done to (both weights of distillation: none), and all options. */
const steps: [step: string, added: string, from: number | undefined, options: string][] = [
  ["blind Gaussian", `${gaussian} --thresholds zero`, undefined, `${gaussian} --thresholds zero ${labelsAlone}`],
  ["thresholds chosen on validation", "--thresholds auto", 0, `${gaussian} --thresholds auto ${labelsAlone}`],
  ["family: filters, 16 cells each", filters, 1, `${filters} ${labelsAlone}`],
  ["selection of the filters", "--select 256", 2, `${chosen} ${labelsAlone}`],
  ["hidden layer", "--hidden 128", 3, `${hidden} ${labelsAlone}`],
  ["ternary weights", "--head ternary", 4, `${ternary} ${labelsAlone}`],
  ["distillation, λ2 = 0.1", "--lambda 1,0.1,1", 5, `${ternary} --lambda 1,0.1,1`],
  ["distillation, λ2 = 1", "--lambda 1,1,1", 5, `${ternary} --lambda 1,1,1`],
];

const { seeds, epochs, json, results } = await runRecipes(
  "bench:ablation",
  steps.map(([, , , options]) => options),
);
/** The median over the seeds of what a row has more than another, in points. */
const gain = (kind: "validation" | "test", row: number, from: number | undefined): string => {
  if (from === undefined) return "";
  const points = 100 * median(results[row][kind].map((accuracy, seed) => accuracy - results[from][kind][seed]));
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
};
console.log(markdown([
  ["step", "option", "bits", "file, bytes", "validation", "test", "gain on validation", "on test"],
  ...results.map(({ bits, bytes, validation, test }, row) => {
    const [step, added, from] = steps[row];
    const accuracies = [validation, test].map((shares) => percent(median(shares)));
    const gains = (["validation", "test"] as const).map((kind) => gain(kind, row, from));
    return [step, `\`${added}\``, bits, bytes.toLocaleString("en"), ...accuracies, ...gains];
  }),
]));
if (json) {
  const rows = results.map((result, row) => ({ step: steps[row][0], options: steps[row][3], ...result }));
  console.log(JSON.stringify({ seeds, epochs, rows }));
}
