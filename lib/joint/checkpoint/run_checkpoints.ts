/**
 * The checkpoints of a run while it goes on: what is done, the training at work, and when it is time to write.
 *
 * Writing costs the training two copies of its state, one of which the platform makes for the checksum; hashing, disk and flushing go on beside the next steps.
 * That of a small training would still take longer than its epochs, so at the end of an epoch one is written only when so far at most a twentieth of the time went
 * into that.
 *
 * @module
 */
import { CheckpointError } from "../errors.ts";
import { encodeCheckpoint } from "./checkpoint_file.ts";
import { CheckpointFolder, readNewestCheckpoint } from "./checkpoint_folder.ts";
import { firstDifference } from "./run_identity.ts";

/** What is told of checkpoints. */
export type CheckpointEvent =
  /** The run goes on from a checkpoint; `damaged` says what is wrong with newer ones. */
  | {
    readonly kind: "resumed";
    readonly path: string;
    readonly step: number;
    readonly epoch: number;
    readonly damaged: readonly string[];
  }
  /** It was to go on, and there is none: it begins. */
  | { readonly kind: "begun"; readonly folder: string }
  /** One was written, in so many milliseconds, of which the training waited for `waited`. */
  | {
    readonly kind: "written";
    readonly path: string;
    readonly step: number;
    readonly epoch: number;
    readonly bytes: number;
    readonly milliseconds: number;
    readonly waited: number;
  }
  /** One could not be written; the training goes on, and the ones before it stay. */
  | { readonly kind: "failed"; readonly error: CheckpointError };

/** Options of checkpoints. */
export interface CheckpointOptions {
  /** The folder, one for each run; made when it is not there. */
  readonly folder: string;
  /** Seconds from one to the next, beside those at the end of epochs; 60 when left out. With 0 each step is saved, and the next one waits for it. */
  readonly seconds?: number;
  /**
   * Go on from the newest one that is whole, to the same result as if the run had never stopped; without any, begin. When left out a folder that holds some
   * is refused.
   */
  readonly resume?: boolean;
  /** Anything else that the run depends on, as plain data: it has to be equal for the run to go on. */
  readonly context?: unknown;
  /** Called when something happens to them. Without it, one that cannot be written ends the training with its {@linkcode CheckpointError}. */
  readonly onEvent?: (event: CheckpointEvent) => void;
}

/** What the training at work says of itself in a checkpoint. */
export interface Fitting {
  /** The number of steps that are done. */
  readonly step: number;
  /** The number of epochs that are done. */
  readonly epoch: number;
}

interface Document {
  readonly run: unknown;
  readonly seconds: number;
  readonly kept: Readonly<Record<string, unknown>>;
  readonly fitting?: Fitting & { readonly name: string; readonly about: unknown };
}

/** The longest part of the time that checkpoints at the end of epochs take. */
const share = 1 / 20;

/** The checkpoints of one run. */
class RunCheckpoints {
  readonly #folder: CheckpointFolder;
  readonly #options: CheckpointOptions;
  readonly #run: unknown;
  readonly #kept: Map<string, unknown>;
  readonly #secondsBefore: number;
  readonly #began = performance.now();
  /** What an earlier process left of the training that was at work. */
  #saved: Document["fitting"];
  #writing: Promise<void> | undefined;
  #failure: CheckpointError | undefined;
  #room: Uint8Array<ArrayBuffer> | undefined;
  #lastPath: string | undefined;
  #lastEnd: number = performance.now();
  #lastDuration = 0;

  constructor(
    folder: CheckpointFolder,
    { options, run, document, path }: {
      options: CheckpointOptions;
      run: unknown;
      document: Document | undefined;
      path: string | undefined;
    },
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#run = run;
    this.#kept = new Map(Object.entries(document?.kept ?? {}));
    this.#secondsBefore = document?.seconds ?? 0;
    this.#saved = document?.fitting;
    this.#lastPath = path;
  }

  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#began) / 1000;
  }

  get lastPath(): string | undefined {
    return this.#lastPath;
  }

  kept(name: string): unknown {
    return this.#kept.get(name);
  }

  async keep(name: string, value: unknown): Promise<void> {
    this.#kept.set(name, value);
    for (const inner of this.#kept.keys()) if (inner.startsWith(`${name}/`)) this.#kept.delete(inner);
    if (this.isDue("milestone")) await this.#write(undefined);
  }

  takeSaved(name: string): Fitting | undefined {
    if (this.#saved?.name !== name) return undefined;
    const saved = this.#saved;
    this.#saved = undefined;
    return saved;
  }

  isDue(moment: "step" | "milestone"): boolean {
    this.#throwFailure();
    if (this.#writing !== undefined) return false;
    const since = performance.now() - this.#lastEnd;
    return since >= (this.#options.seconds ?? 60) * 1000 ||
      moment === "milestone" && since * share >= this.#lastDuration;
  }

  async begin(fitting: Document["fitting"]): Promise<void> {
    this.#writing = this.#write(fitting).finally(() => this.#writing = undefined);
    if (this.#options.seconds === 0) await this.#writing;
  }

  /** Writes the state, and waits until it is on the disk. */
  async save(fitting: Document["fitting"]): Promise<void> {
    await this.settle();
    await this.#write(fitting);
    this.#throwFailure();
  }

  /** Waits until nothing is being written. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  async #write(fitting: Document["fitting"]): Promise<void> {
    const began = performance.now();
    const { step = 0, epoch = 0 } = fitting ?? {};
    try {
      const encoding = encodeCheckpoint(
        { run: this.#run, seconds: this.seconds, kept: Object.fromEntries(this.#kept), fitting } satisfies Document,
        this.#room,
      );
      const waited = performance.now() - began;
      const bytes = await encoding;
      this.#room = new Uint8Array(bytes.buffer);
      const path = this.#lastPath = await this.#folder.write(bytes);
      const milliseconds = performance.now() - began;
      this.#options.onEvent?.({ kind: "written", path, step, epoch, bytes: bytes.length, milliseconds, waited });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      if (this.#options.onEvent === undefined) this.#failure = error;
      else this.#options.onEvent({ kind: "failed", error });
    } finally {
      this.#lastEnd = performance.now();
      this.#lastDuration = this.#lastEnd - began;
    }
  }
}

/** The checkpoints of a run as one of its trainings sees them. */
export class CheckpointPart {
  readonly #run: RunCheckpoints;
  readonly #name: string;
  #about: unknown;

  /** The part of a run under a name; `openCheckpoints` gives the whole. */
  constructor(run: RunCheckpoints, name: string) {
    this.#run = run;
    this.#name = name;
  }

  /** A training of a run that has several. */
  part(name: string): CheckpointPart {
    return new CheckpointPart(this.#run, this.#path(name));
  }

  /** Seconds that the run has taken, in all its processes. */
  get seconds(): number {
    return this.#run.seconds;
  }

  /** The checkpoint that was written or gone on from last. */
  get lastPath(): string | undefined {
    return this.#run.lastPath;
  }

  /** What was kept under a name, or what `work` finds, which then is kept. */
  async once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const path = this.#path(name), known = this.#run.kept(path);
    if (known !== undefined) return known as T;
    const found = await work();
    await this.#run.keep(path, found);
    return found;
  }

  /** Says what is needed to make the networks of this training without data. */
  describe(about: unknown): void {
    this.#about = about;
  }

  /** The state in which this training was stopped, the first time it is asked for. */
  takeSaved(): Fitting | undefined {
    return this.#run.takeSaved(this.#name);
  }

  /** Whether it is time to write, after a step or at the end of an epoch. */
  isDue(moment: "step" | "milestone"): boolean {
    return this.#run.isDue(moment);
  }

  /** Copies the state and writes it while the training goes on; only when each step is saved it waits. */
  async begin(state: Fitting): Promise<void> {
    await this.#run.begin(this.#fitting(state));
  }

  /** Writes the state, and waits until it is on the disk. */
  async save(state: Fitting): Promise<void> {
    await this.#run.save(this.#fitting(state));
  }

  /** Waits until nothing is being written. */
  async settle(): Promise<void> {
    await this.#run.settle();
  }

  #path(name: string): string {
    return this.#name === "" ? name : `${this.#name}/${name}`;
  }

  #fitting(state: Fitting): Document["fitting"] {
    return { ...state, name: this.#name, about: this.#about };
  }
}

/**
 * Opens the checkpoints of a run.
 *
 * @param options where and how often; undefined for none
 * @param identify gives what the run follows from, as plain data: {@linkcode canonicalValue}; called when there are checkpoints
 * @throws {CheckpointError} when the folder holds some and the run is not to go on, when they are of another run or version, damaged, or cannot be read
 */
export async function openCheckpoints(
  options: CheckpointOptions | undefined,
  identify: () => Promise<unknown>,
): Promise<CheckpointPart | undefined> {
  if (options === undefined) return undefined;
  const { folder: path, resume = false, seconds = 60, onEvent } = options;
  if (!(seconds >= 0)) {
    throw new CheckpointError("storage", `checkpoint.seconds: a number of at least 0 was wanted, ${seconds} found`);
  }
  const folder = await CheckpointFolder.open(path);
  if (!resume && !folder.isEmpty) {
    throw new CheckpointError(
      "present",
      `${path} holds the checkpoints of an earlier run: resume it (--resume), or choose another folder (or remove this one) to begin`,
    );
  }
  const run = JSON.parse(JSON.stringify(await identify()));
  const found = await readNewestCheckpoint(path);
  const document = found && checkDocument(found.document, found.path);
  if (found !== undefined && document !== undefined) {
    const differing = firstDifference([document.run, "the checkpoint"], [run, "this run"]);
    if (differing !== undefined) {
      throw new CheckpointError("run", `${found.path} is of another run: ${differing}`);
    }
    if (found.damaged.length > 0) await folder.removeAfter(found.path);
    const { step = 0, epoch = 0 } = document.fitting ?? {};
    onEvent?.({ kind: "resumed", path: found.path, step, epoch, damaged: found.damaged });
  } else if (resume) onEvent?.({ kind: "begun", folder: path });
  return new CheckpointPart(new RunCheckpoints(folder, { options, run, document, path: found?.path }), "");
}

/** Throws {@linkcode CheckpointError} unless the document has the members that every one has. */
export function checkDocument(value: unknown, path: string): Document {
  const isObject = (part: unknown): part is Record<string, unknown> =>
    typeof part === "object" && part !== null && !Array.isArray(part) && !ArrayBuffer.isView(part);
  if (isObject(value) && isObject(value.run) && isObject(value.kept) && typeof value.seconds === "number") {
    const { fitting } = value;
    if (fitting === undefined || isObject(fitting) && typeof fitting.name === "string") {
      return value as unknown as Document;
    }
  }
  throw new CheckpointError("damaged", `the checkpoint ${path} cannot be used: it lacks parts that every one has`);
}
