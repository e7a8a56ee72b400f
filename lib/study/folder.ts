/**
 * The folder of a study: plan.json, a file in units/ for every training that is done, and the results when all are. Files appear whole or not at all, and hold
 * no times, so that a study that was killed and started again ends with the same bytes as one that was not.
 *
 * @module
 */
import { writeFileWhole } from "../data/mod.ts";
import { StudyError } from "./mod.ts";
import { sha256 } from "../joint/mod.ts";
import { planDifference, type Shard, type StudyPlan, type StudyUnit } from "./plan.ts";

/** What one network did in a unit. */
export interface NetworkOutcome {
  /** Number of bits, or of counts. */
  readonly bits: number;
  /** Number of trained values. */
  readonly parameters: number;
  /** Bytes of the packed file. */
  readonly modelBytes: number;
  /** The epoch that was kept, from 1. */
  readonly bestEpoch: number;
  /** Accuracy on validation data in that epoch. */
  readonly validationAccuracy: number;
  /** The packed file's accuracy on test data; null without. */
  readonly testAccuracy: number | null;
}

/** What a unit found; its file in units/. */
export interface UnitOutcome {
  /** SHA-256 of the plan that it belongs to. */
  readonly plan: string;
  /** The seed. */
  readonly seed: number;
  /** The trainer network. */
  readonly trainer: Pick<NetworkOutcome, "parameters" | "bestEpoch" | "validationAccuracy" | "testAccuracy">;
  /** The projection networks, in the order of the unit. */
  readonly networks: readonly NetworkOutcome[];
}

const planFile = "plan.json";

/** The folder of one study. */
export class StudyFolder {
  /** Its path. */
  readonly path: string;
  /** The study. */
  readonly plan: StudyPlan;
  /** SHA-256 of plan.json. */
  readonly planDigest: string;
  /** Temporary files have it in their names. */
  readonly #writer: string;

  private constructor(path: string, plan: StudyPlan, digest: string, writer: string) {
    this.path = path;
    this.plan = plan;
    this.planDigest = digest;
    this.#writer = writer;
  }

  /**
   * Opens the folder for a study, makes it when it is not there, and removes what a killed writer left.
   *
   * @throws {StudyError} when it holds another study
   */
  static async create(path: string, plan: StudyPlan, { index, count }: Shard): Promise<StudyFolder> {
    await Deno.mkdir(`${path}/units`, { recursive: true });
    const writer = `shard-${index}-of-${count}`;
    for (const folder of [path, `${path}/units`]) {
      // One who does all the work alone removes what any writer left.
      await removeTemporary(folder, count === 1 ? undefined : writer);
    }
    const there = await readJson(`${path}/${planFile}`);
    if (there !== undefined) {
      const found = checkPlan(there, path);
      const differing = planDifference([found, path], [plan, "this one"]);
      if (differing !== undefined) throw new StudyError(`${path} holds another study: ${differing}`);
      return new StudyFolder(path, found, await digestOf(found), writer);
    }
    const folder = new StudyFolder(path, plan, await digestOf(plan), writer);
    await folder.write(planFile, jsonText(plan));
    return folder;
  }

  /**
   * Opens a folder to read from.
   *
   * @throws {StudyError} when there is no study in it
   */
  static async read(path: string): Promise<StudyFolder> {
    const plan = await readJson(`${path}/${planFile}`);
    if (plan === undefined) throw new StudyError(`${path} holds no study: there is no ${planFile}`);
    const checked = checkPlan(plan, path);
    return new StudyFolder(path, checked, await digestOf(checked), "reader");
  }

  /**
   * What a unit found; undefined when it is not done.
   *
   * @throws {StudyError} when its file is not of this study, or damaged
   */
  async readUnit({ name, seed, networks }: StudyUnit): Promise<UnitOutcome | undefined> {
    const path = `${this.path}/units/${name}.json`;
    const found = await readJson(path) as UnitOutcome | undefined;
    if (found === undefined) return undefined;
    if (found?.plan !== this.planDigest) throw new StudyError(`${path} belongs to another study; remove it`);
    if (found.seed !== seed || found.networks?.length !== networks.length || !found.networks.every(isOutcome)) {
      throw new StudyError(`${path} holds no results of ${networks.length} networks with seed ${seed}; remove it`);
    }
    return found;
  }

  /** Writes what a unit found. */
  async writeUnit({ name }: StudyUnit, outcome: Omit<UnitOutcome, "plan">): Promise<void> {
    await this.write(`units/${name}.json`, jsonText({ plan: this.planDigest, ...outcome }));
  }

  /** Writes a file whole. */
  async write(name: string, text: string): Promise<void> {
    await writeFileWhole(`${this.path}/${name}`, new TextEncoder().encode(text), { writer: this.#writer });
  }
}

/** A value as the text of a file. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function digestOf(plan: StudyPlan): Promise<string> {
  // Names of data may differ from machine to machine.
  const nameless = JSON.stringify(plan, (key, value) => key === "name" ? undefined : value);
  return await sha256(new TextEncoder().encode(nameless));
}

function isOutcome({ bits, modelBytes, validationAccuracy }: NetworkOutcome): boolean {
  return [bits, modelBytes, validationAccuracy].every(Number.isFinite);
}

function checkPlan(value: unknown, path: string): StudyPlan {
  const plan = value as StudyPlan | null;
  if (plan?.format !== "projectionnet-study") throw new StudyError(`${path}/${planFile} is no plan of a study`);
  if (plan.version !== 1) {
    throw new StudyError(`${path}/${planFile} has version ${plan.version} of the format, wanted 1`);
  }
  return plan;
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StudyError(`${path} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function removeTemporary(folder: string, writer: string | undefined): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const found = /\.(shard-\d+-of-\d+)\.[0-9a-f-]{36}\.tmp$/.exec(name);
    if (found === null || (writer !== undefined && found[1] !== writer)) continue;
    await Deno.remove(`${folder}/${name}`).catch(() => {});
  }
}
