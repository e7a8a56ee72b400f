/**
 * Does the units of a study, several at once, each in a worker.
 *
 * @module
 */
import type { Dataset, TextDataset } from "../data/mod.ts";
import { StudyError } from "./mod.ts";
import { StudyFolder } from "./folder.ts";
import { availableMemory, unitMemory } from "./memory.ts";
import { makePlan, type StudyOptions, type StudyState, type StudyUnit, unitsOf, unitsOfShard } from "./plan.ts";
import { writeResults } from "./results.ts";
import type { UnitMessage, UnitTask } from "./worker.ts";

/** What `runStudy` of mod.ts runs. */
export async function runStudy(options: StudyOptions): Promise<StudyState> {
  const { shard = { index: 1, count: 1 }, out, signal } = options;
  signal?.throwIfAborted();
  const plan = await makePlan(options);
  const units = unitsOf(plan);
  const own = unitsOfShard(units, shard);
  const folder = await StudyFolder.create(out, plan, shard);
  const missing: StudyUnit[] = [];
  for (const unit of own) if (await folder.readUnit(unit) === undefined) missing.push(unit);
  await doUnits(missing, { folder, options, units: own.length });
  let done = 0;
  for (const unit of units) if (await folder.readUnit(unit) !== undefined) done++;
  return { units: units.length, done, result: done < units.length ? null : await writeResults(folder) };
}

async function doUnits(
  missing: readonly StudyUnit[],
  { folder, options, units }: { folder: StudyFolder; options: StudyOptions; units: number },
): Promise<void> {
  if (missing.length === 0) return;
  const { threads = navigator.hardwareConcurrency, kernels = "auto", data, validation, test, training } = options;
  const memory = Math.max(
    ...missing.map(({ networks }) =>
      unitMemory({ data, networks: networks.map((index) => options.networks[index]), training })
    ),
  );
  const workers = Math.max(1, Math.min(threads, missing.length, Math.floor(availableMemory() / memory)));
  const shared = { data: share(data), validation: shareIfData(validation), test: shareIfData(test) };
  const progress = new ProgressOfUnits(units, missing.length, options.onProgress);
  const waiting = [...missing];
  const stop = new AbortController();
  const signals = [stop.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const work = async (): Promise<void> => {
    const worker = new UnitWorker(AbortSignal.any(signals));
    try {
      for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
        const { name, seed, networks } = unit;
        const task = {
          options: { ...training, ...shared, seed, projections: networks.map((index) => options.networks[index]) },
          kernels,
          threads: Math.floor(threads / workers),
        } as UnitTask;
        progress.update(name, 0);
        const found = await worker.run(task, { name, onFraction: (fraction) => progress.update(name, fraction) });
        await folder.writeUnit(unit, found);
        progress.end(name);
      }
    } finally {
      worker.terminate();
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: workers }, () =>
      work().catch((error) => {
        stop.abort(error);
        throw error;
      })),
  );
  options.signal?.throwIfAborted();
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw stop.signal.reason;
}

type Outcome = Extract<UnitMessage, { outcome: unknown }>["outcome"];

/** A worker that does one task after the other. */
class UnitWorker {
  readonly #worker = new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
  readonly #signal: AbortSignal;

  /** Starts the worker; its tasks are given up when the signal is aborted. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Has a task done; rejects with a {@linkcode StudyError} that names the unit when it cannot be. */
  async run(
    task: UnitTask,
    { name, onFraction }: { name: string; onFraction: (fraction: number) => void },
  ): Promise<Outcome> {
    const signal = this.#signal, worker = this.#worker;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const refuse = (problem: string): void => reject(new StudyError(`${name}: ${problem}`));
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    worker.onmessage = ({ data }: MessageEvent<UnitMessage>): void => {
      if ("fraction" in data) onFraction(data.fraction);
      else if ("outcome" in data) resolve(data.outcome);
      else refuse(data.problem);
    };
    worker.onerror = (event): void => {
      event.preventDefault();
      refuse(event.message);
    };
    worker.postMessage(task);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends the worker, whatever it does. */
  terminate(): void {
    this.#worker.terminate();
  }
}

function shareIfData<T>(data: T): T {
  return typeof data === "object" && data !== null ? share(data as T & (Dataset | TextDataset)) : data;
}

/** The data set with its features in memory that all threads see, so that the workers need no copies. */
function share<T extends Dataset | TextDataset>(data: T): T {
  if ("texts" in data || typeof SharedArrayBuffer === "undefined") return data;
  const { features } = data;
  const buffer = new SharedArrayBuffer(features.byteLength);
  const shared = features instanceof Uint8Array ? new Uint8Array(buffer) : new Float32Array(buffer);
  shared.set(features);
  return { ...data, features: shared };
}

/** Tells how far all units are. */
class ProgressOfUnits {
  readonly #units: number;
  readonly #missing: number;
  readonly #tell: StudyOptions["onProgress"];
  readonly #began: number = performance.now();
  readonly #underWay = new Map<string, number>();
  #done = 0;

  constructor(units: number, missing: number, tell: StudyOptions["onProgress"]) {
    this.#units = units;
    this.#missing = missing;
    this.#tell = tell;
  }

  /** A unit is so far. */
  update(name: string, fraction: number): void {
    this.#underWay.set(name, fraction);
    this.#say(false);
  }

  /** A unit is done. */
  end(name: string): void {
    this.#underWay.delete(name);
    this.#done++;
    this.#say(true);
  }

  #say(endOfUnit: boolean): void {
    const done = this.#units - this.#missing + this.#done;
    let fresh = this.#done;
    for (const fraction of this.#underWay.values()) fresh += fraction;
    this.#tell?.({
      done,
      units: this.#units,
      fraction: (this.#units - this.#missing + fresh) / this.#units,
      secondsLeft: fresh > 0.01 * this.#missing
        ? (performance.now() - this.#began) / 1000 * (this.#missing - fresh) / fresh
        : NaN,
      endOfUnit,
    });
  }
}
