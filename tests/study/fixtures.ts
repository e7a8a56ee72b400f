import type { StudyOptions, StudyPlan } from "../../mod.ts";
import { type NetworkOutcome, StudyFolder, type UnitOutcome } from "../../lib/study/folder.ts";
import { makePlan, unitsOf } from "../../lib/study/plan.ts";
import { blobs } from "../joint/fixtures.ts";

/** Options of a study that takes little time: two kinds of networks, two sizes, three seeds, six trainings. */
export function smallStudy(out: string): StudyOptions {
  return {
    data: blobs(300),
    test: blobs(120, { seed: 2 }),
    networks: ["sign", "hadamard"].flatMap((family) =>
      [8, 24].map((functions) => ({ functions, family: family as "sign" | "hadamard" }))
    ),
    seeds: [1, 2, 3],
    group: 2,
    training: { trainer: { hidden: [8] }, epochs: 2, batchSize: 32 },
    out,
    threads: 2,
  };
}

/** Figures that are different for every seed and network. */
export function outcomesOf(plan: StudyPlan, change: (outcome: NetworkOutcome) => NetworkOutcome = (same) => same) {
  return unitsOf(plan).map(({ seed, networks }): UnitOutcome => ({
    plan: "",
    seed,
    trainer: { parameters: 1000, bestEpoch: 4, validationAccuracy: 0.9, testAccuracy: 0.8 + seed / 100 },
    networks: networks.map((index) =>
      change({
        bits: plan.networks[index].functions,
        parameters: 30 * plan.networks[index].functions,
        modelBytes: 50 + 4 * plan.networks[index].functions + 10 * index + seed,
        bestEpoch: 3,
        validationAccuracy: 0.5 + 0.1 * index + seed / 100,
        testAccuracy: 0.45 + 0.1 * index + seed / 100,
      })
    ),
  }));
}

/** A folder with a plan and the outcomes of its units, but for those left out. */
export async function writeStudy(
  path: string,
  options: StudyOptions,
  { leave = () => false, change }: {
    leave?: (name: string, at: number) => boolean;
    change?: (outcome: NetworkOutcome) => NetworkOutcome;
  } = {},
): Promise<StudyPlan> {
  const plan = await makePlan(options);
  const folder = await StudyFolder.create(path, plan, { index: 1, count: 1 });
  const outcomes = outcomesOf(plan, change);
  for (const [at, unit] of unitsOf(plan).entries()) {
    if (leave(unit.name, at)) continue;
    const { plan: _plan, ...outcome } = outcomes[at];
    await folder.writeUnit(unit, outcome);
  }
  return plan;
}

/** The files below a folder by path, as text. */
export async function readFolder(path: string, below = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const entries = await Array.fromAsync(Deno.readDir(`${path}/${below}`));
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory) Object.assign(found, await readFolder(path, `${below}${name}/`));
    else found[`${below}${name}`] = await Deno.readTextFile(`${path}/${below}${name}`);
  }
  return found;
}
