/**
 * The folder of a run's checkpoints: the newest two, each whole or not at all.
 *
 * @module
 */
import { writeFileWhole } from "../../data/mod.ts";
import { CheckpointError } from "../errors.ts";
import { decodeCheckpoint } from "./checkpoint_file.ts";

/** A checkpoint that was read. */
export interface CheckpointFile {
  /** Its path. */
  readonly path: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Its document. */
  readonly document: unknown;
  /** Newer files in the folder that are damaged, and why. */
  readonly damaged: readonly string[];
}

/** Checkpoints that are kept: the newest, and the one before in case the newest is damaged. */
const kept = 2;
const fileName = /^checkpoint-(\d{8,})\.pnck$/;
const temporaryName = /^checkpoint-\d{8,}\.pnck\..*\.tmp$/;

/** The folder of one run. */
export class CheckpointFolder {
  /** Its path. */
  readonly path: string;
  #last: number;

  private constructor(path: string, last: number) {
    this.path = path;
    this.#last = last;
  }

  /** Opens the folder, makes it when it is not there, and removes what a killed writer left. */
  static async open(path: string): Promise<CheckpointFolder> {
    try {
      await Deno.mkdir(path, { recursive: true });
      for await (const { name } of Deno.readDir(path)) {
        if (temporaryName.test(name)) await Deno.remove(`${path}/${name}`);
      }
      return new CheckpointFolder(path, (await numbersIn(path)).at(-1) ?? 0);
    } catch (error) {
      throw storageError(`the folder ${path} cannot be used for checkpoints`, error);
    }
  }

  /** Whether it holds any. */
  get isEmpty(): boolean {
    return this.#last === 0;
  }

  /** Removes those that are newer than the given one, since they are damaged and would count among the kept. */
  async removeAfter(path: string): Promise<void> {
    try {
      for (const number of (await numbersIn(this.path)).reverse()) {
        const newer = pathOf(this.path, number);
        if (newer === path) break;
        await Deno.remove(newer);
      }
    } catch (error) {
      throw storageError("a damaged checkpoint could not be removed", error);
    }
  }

  /** Writes a checkpoint, removes old ones, and gives the path of the new one. Throws {@linkcode CheckpointError}; what was there then stays. */
  async write(bytes: Uint8Array): Promise<string> {
    const path = pathOf(this.path, this.#last + 1);
    try {
      await writeFileWhole(path, bytes, { flush: true });
    } catch (error) {
      throw storageError("a checkpoint could not be written", error);
    }
    this.#last++;
    // One that cannot be removed now will be with the next; the new one is there in any case.
    const numbers = await numbersIn(this.path).catch(() => []);
    for (const number of numbers.slice(0, -kept)) await Deno.remove(pathOf(this.path, number)).catch(() => {});
    return path;
  }
}

/**
 * Reads the newest checkpoint of a folder that is whole, or the given file.
 *
 * @returns undefined when there is none in the folder
 * @throws {CheckpointError} when all are damaged, or the newest whole one is of another version
 */
export async function readNewestCheckpoint(path: string): Promise<CheckpointFile | undefined> {
  let numbers: number[];
  try {
    if (!(await Deno.stat(path)).isDirectory) return { ...await readCheckpointFile(path), damaged: [] };
    numbers = await numbersIn(path);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw storageError(`${path} cannot be read`, error);
  }
  const damaged: string[] = [];
  for (const number of numbers.reverse()) {
    try {
      return { ...await readCheckpointFile(pathOf(path, number)), damaged };
    } catch (error) {
      if (!(error instanceof CheckpointError) || error.problem !== "damaged") throw error;
      damaged.push(error.message);
    }
  }
  if (damaged.length > 0) throw new CheckpointError("damaged", damaged.join("; "));
  return undefined;
}

async function readCheckpointFile(path: string): Promise<Pick<CheckpointFile, "path" | "bytes" | "document">> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw storageError(`${path} cannot be read`, error);
  }
  try {
    return { path, bytes: bytes.length, document: await decodeCheckpoint(bytes) };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(error.problem, `the checkpoint ${path} cannot be used: ${error.message}`);
  }
}

function pathOf(folder: string, number: number): string {
  return `${folder}/checkpoint-${String(number).padStart(8, "0")}.pnck`;
}

/** The numbers of the checkpoints in a folder, ascending. */
async function numbersIn(folder: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const found = fileName.exec(name);
    if (found !== null) numbers.push(Number(found[1]));
  }
  return numbers.sort((a, b) => a - b);
}

function storageError(what: string, error: unknown): CheckpointError {
  return new CheckpointError("storage", `${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
}
