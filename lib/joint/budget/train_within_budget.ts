/**
 * The best network whose file fits in a number of bytes, by successive halving (Jamieson and Talwalkar, arXiv 1502.07943): many recipes are trained
 * cheaply on a part of the data, then variations of the best of them; the leaders are trained on more of it beside the trainer network, the last few on all.
 * Each is as large as the budget allows, by an estimate before it is trained and by its own file afterwards.
 *
 * @module
 */
import { type Dataset, epochOrder, selectRows, type StoredDataset } from "../../data/mod.ts";
import { decodePnet, type PnetModel } from "../../packed/mod.ts";
import { checkCount } from "../check_fit.ts";
import { type CheckpointPart, openCheckpoints } from "../checkpoint/run_checkpoints.ts";
import { identifyRun } from "../checkpoint/run_identity.ts";
import { TrainingError } from "../errors.ts";
import type { FitProgress } from "../fit.ts";
import type { ProjectionOptions } from "../projection_options.ts";
import type { SelectProgress } from "../select/select.ts";
import { setAside } from "../graph/unlabelled.ts";
import { type TrainedProjection, trainFrom, type TrainOptions, type TrainResult } from "../train.ts";
import { type Recipe, startingRecipes, variations } from "./recipes.ts";
import { Sizing } from "./sizing.ts";
import { bestOf, frontierOf, ranked, type Trial } from "./trial.ts";

/** What a search is doing. */
export type BudgetStage = "screening" | "varying" | "halving" | "finals";

/** How far a search is. */
export interface BudgetProgress {
  /** What is being done. */
  readonly stage: BudgetStage;
  /** Networks of this stage that are done. */
  readonly done: number;
  /** Networks of this stage in all. */
  readonly planned: number;
  /** Networks tried so far in all stages. */
  readonly tried: number;
  /** What is being trained. */
  readonly candidates: readonly ProjectionOptions[];
  /** Seconds since the start. */
  readonly seconds: number;
  /** Seconds that the search is given. */
  readonly secondsGiven: number;
  /** How far the selection of rows for it is, while that runs. */
  readonly selection?: SelectProgress;
  /** How far the training is, once it has begun. */
  readonly training?: FitProgress;
}

/** A network that a search has trained on all training rows. */
export interface BudgetPoint {
  /** Size of the file. */
  readonly bytes: number;
  /** Accuracy on validation data, 0...1. */
  readonly validationAccuracy: number;
  /** What to give {@linkcode train} for it. */
  readonly options: ProjectionOptions;
}

/** Options of {@linkcode trainWithinBudget}: those of {@linkcode train}, but for what the search chooses. */
export interface BudgetOptions extends
  Omit<
    TrainOptions,
    "projections" | "testOnly" | "onProgress" | "onSelect" | "labelled" | "unlabelled" | "trainerReads"
  > {
  /** The most bytes of the file. */
  readonly budget: number;
  /** Minutes that the search should take, about; 10 when left out. Enough time gives the same result on every machine. */
  readonly minutes?: number;
  /** Where to start from; {@linkcode startingRecipes} when left out. */
  readonly recipes?: readonly Recipe[];
  /** Called before each training, while rows are selected for it, and a few times a second in it. */
  readonly onProgress?: (progress: BudgetProgress) => void;
  /** Called with each network that fits and is better than all before, on more rows or by its validation accuracy. */
  readonly onBest?: (network: TrainedProjection) => void;
}

/** What {@linkcode trainWithinBudget} found: the trainer network and the one best projection network. */
export interface BudgetResult extends TrainResult {
  /** What the best network was trained as. */
  readonly options: ProjectionOptions;
  /** Networks trained on all training rows of which no smaller one is as good, by their bytes. */
  readonly frontier: readonly BudgetPoint[];
  /** Networks tried in all stages. */
  readonly tried: number;
  /** What there was no time for, in words; empty when the search went to its end. */
  readonly omitted: readonly string[];
}

/** A stage of the search: how much of the data it uses, and the part of the time after which it begins nothing more. */
interface Rung {
  readonly stage: BudgetStage;
  readonly rank: number;
  readonly rows: number;
  readonly epochs: number;
  readonly until: number;
}

/** A candidate that is to be trained. */
type Candidate = Pick<Trial, "recipe" | "options">;

/** Rows of the first two rungs, and passes over the first. */
const screening = { rows: 4096, epochs: 8, batchSize: 32, validation: 8192 }, halving = { rows: 16_384, share: 1 / 3 };
/** Parts of the time after which a stage begins nothing more; the finals, whose network is what is wanted, have the rest. */
const ends = { screening: 0.3, varying: 0.4, halving: 0.55 } as const;
/** Recipes whose variations are tried, rounds of that, recipes that are halved, and recipes of the finals. */
const leaders = { varied: 2, rounds: 3, halved: 3, final: 2 };
/** Parts of the budget at which the best recipe is trained as well, for the frontier. */
const smallerParts = [1 / 2, 1 / 4];
/** Steps that a head takes to learn, and bounds of the epochs that follow from them. */
const training = { steps: 4500, fewest: 12, most: 80, smallBatch: 32, batch: 128, smallSet: 16_384 };

/** What `trainWithinBudget` of on_demand.ts runs. */
export async function trainWithinBudget(options: BudgetOptions): Promise<BudgetResult> {
  const search = new Search(options, await openCheckpoints(options.checkpoint, () => identifyRun("budget", options)));
  const started = await search.screen();
  const varied = await search.vary(started);
  return await search.finish(await search.halve(varied));
}

/** What is kept of a training that is done: the search goes on from it as it did from the training itself. */
interface Outcome {
  readonly networks: readonly Omit<TrainedProjection, "model" | "test">[];
  readonly examplesPerSecond: number;
  readonly epochs: number;
  /** When it was done, in seconds since the start. */
  readonly ended: number;
}

class Search {
  readonly #options: BudgetOptions;
  readonly #checkpoints: CheckpointPart | undefined;
  readonly #training: Dataset | StoredDataset;
  readonly #validation: Dataset | StoredDataset;
  readonly #sizing: Sizing;
  readonly #began = performance.now();
  readonly #secondsGiven: number;
  readonly #batchSize: number;
  readonly #epochs: number;
  readonly #seen = new Set<string>();
  readonly #omitted: string[] = [];
  readonly #seed: number;
  #trainings = 0;
  /** While a stopped search comes back to where it was, the time at which it was there first. */
  #secondsThen: number | undefined;
  #tried = 0;
  #best: Trial | undefined;
  /** Seconds that the code of one network took on average on so many rows, over so many networks. */
  #codePace = { seconds: 0, rows: 1, networks: 0 };
  /** Seconds for a row of training beside the trainer network, once that has been measured. */
  #rowPace: number | undefined;

  constructor(options: BudgetOptions, checkpoints: CheckpointPart | undefined) {
    this.#checkpoints = checkpoints;
    if (checkpoints !== undefined) this.#secondsThen = 0;
    const { budget, minutes = 10, seed = 1, epochs, batchSize } = options;
    checkCount("budget", budget);
    if (!(minutes > 0)) throw new TrainingError(`minutes: a number above 0 was wanted, ${minutes} found`);
    const { training: rows, validation } = setAside(options);
    if (validation === undefined) {
      throw new TrainingError("budget: the search chooses on validation data, and validation is 0");
    }
    this.#options = options;
    this.#training = rows;
    this.#validation = validation;
    this.#secondsGiven = minutes * 60;
    this.#seed = seed;
    this.#sizing = new Sizing(rows, seed);
    this.#batchSize = batchSize ?? (rows.count < training.smallSet ? training.smallBatch : training.batch);
    const wanted = Math.ceil(training.steps * this.#batchSize / rows.count);
    this.#epochs = epochs ?? Math.min(training.most, Math.max(training.fewest, wanted));
  }

  /** Trains every recipe to start from on few rows. */
  async screen(): Promise<Trial[]> {
    const { budget, recipes = startingRecipes(this.#training.input) } = this.#options;
    const candidates = this.#sized(recipes);
    if (candidates.length === 0) {
      const least = Math.min(...recipes.map((recipe) => this.#sizing.least(recipe)));
      throw new TrainingError(
        `budget: no network for ${this.#training.name} fits in ${budget} bytes; the smallest takes ${least}`,
      );
    }
    return await this.#trySingly(candidates, { stage: "screening", until: ends.screening });
  }

  /** Changes the best recipes step by step until that gives nothing better. */
  async vary(trials: readonly Trial[]): Promise<Trial[]> {
    const all = [...trials];
    for (let round = 0; round < leaders.rounds; round++) {
      if (!this.#isTime(ends.varying)) {
        this.#omitted.push(`${leaders.rounds - round} of ${leaders.rounds} rounds of varying`);
        break;
      }
      const before = this.#best;
      const recipes = ranked(all).slice(0, leaders.varied).map((trial) =>
        variations(trial.recipe, this.#training.input)
      );
      const candidates = this.#sized(recipes.flat());
      all.push(...await this.#trySingly(candidates, { stage: "varying", until: ends.varying }));
      if (this.#best === before) break;
    }
    return all;
  }

  /** Trains the leaders together on more rows, beside the trainer network. */
  async halve(trials: readonly Trial[]): Promise<Trial[]> {
    const epochs = Math.max(1, Math.round(this.#epochs * halving.share));
    const leading = ranked(trials).slice(0, leaders.halved);
    const room = ends.halving * this.#secondsGiven - this.#seconds();
    const count = Math.min(leading.length, Math.floor(room / this.#codeSeconds(halving.rows)));
    if (count < leading.length) {
      this.#omitted.push(`${leading.length - Math.max(0, count)} of ${leading.length} of halving`);
    }
    if (count < Math.min(2, leading.length)) return ranked(trials);
    const candidates = leading.slice(0, count).map((trial) => this.#filled(trial));
    return ranked(
      (await this.#train(candidates, { stage: "halving", rank: 1, rows: halving.rows, epochs, until: ends.halving }))
        .trials,
    );
  }

  /** Trains the last few on all rows and gives the best of them. */
  async finish(trials: readonly Trial[]): Promise<BudgetResult> {
    const { budget } = this.#options;
    const planned: Candidate[] = [];
    const add = (recipe: Recipe, options: ProjectionOptions | undefined): void => {
      const isNew = planned.every((other) => JSON.stringify(other.options) !== JSON.stringify(options));
      if (options !== undefined && isNew) planned.push({ recipe, options });
    };
    for (const trial of trials.slice(0, leaders.final)) {
      add(trial.recipe, this.#sizing.largest(trial.recipe, budget));
      add(trial.recipe, this.#filled(trial).options);
    }
    for (const part of smallerParts) add(trials[0].recipe, this.#sizing.largest(trials[0].recipe, budget * part));
    const { candidates, epochs } = this.#affordable(planned);
    const { trials: finals, final } = await this.#train(candidates, {
      stage: "finals",
      rank: 2,
      rows: this.#training.count,
      epochs,
      until: 1,
    });
    const fitting = ranked(finals.filter(({ network }) => network.bytes.length <= budget));
    if (fitting.length === 0) throw new TrainingError(`budget: no network of ${budget} bytes came out of the finals`);
    const [{ network, options }] = fitting;
    return {
      ...final!,
      networks: [network],
      seconds: this.#seconds(),
      options,
      frontier: frontierOf(fitting),
      tried: this.#tried,
      omitted: this.#omitted,
    };
  }

  /** The finals that the time left allows: first fewer epochs, down to half of them, then fewer networks, then one epoch at least. */
  #affordable(planned: readonly Candidate[]): { candidates: readonly Candidate[]; epochs: number } {
    const left = this.#secondsGiven - this.#seconds();
    const { count: rows } = this.#training;
    const code = this.#codeSeconds(rows), row = this.#rowPace;
    const fewest = Math.ceil(this.#epochs / 2);
    let count = planned.length;
    while (count > 1 && count * code + fewest * rows * (row ?? 0) > left) count--;
    const affordable = left < 0 ? 1 : row === undefined ? fewest : Math.floor((left - count * code) / (row * rows));
    const epochs = Math.max(1, Math.min(this.#epochs, affordable));
    if (count < planned.length) this.#omitted.push(`${planned.length - count} of ${planned.length} finals`);
    if (epochs < this.#epochs) this.#omitted.push(`${this.#epochs - epochs} of ${this.#epochs} epochs`);
    return { candidates: planned.slice(0, count), epochs };
  }

  /** The time that the code of one network will take: less than in proportion, as selection looks at some of the rows only. */
  #codeSeconds(rows: number): number {
    return this.#codePace.seconds * Math.max(1, Math.min(rows, this.#training.count) / this.#codePace.rows) ** 0.6;
  }

  /** The recipes at the size that fits for certain, those that fit and have not been tried. */
  #sized(recipes: readonly Recipe[]): Candidate[] {
    return recipes.flatMap((recipe) => {
      const options = this.#sizing.largest(recipe, this.#options.budget);
      const key = JSON.stringify(options);
      if (options === undefined || this.#seen.has(key)) return [];
      this.#seen.add(key);
      return [{ recipe, options }];
    });
  }

  /** A recipe at the size at which its last file would fill the budget. */
  #filled({ recipe, options, ratio }: Trial): Candidate {
    return { recipe, options: this.#sizing.largest(recipe, this.#options.budget, ratio) ?? options };
  }

  /** Trains candidates one by one on few rows, without the trainer network's part, while there is time; at least one. */
  async #trySingly(candidates: readonly Candidate[], at: { stage: BudgetStage; until: number }): Promise<Trial[]> {
    const trials: Trial[] = [];
    const { rows, epochs } = screening;
    for (const [done, candidate] of candidates.entries()) {
      if (!this.#isTime(at.until) && this.#tried > 0) {
        this.#omitted.push(`${candidates.length - done} of ${candidates.length} networks of ${at.stage}`);
        break;
      }
      const rung = { ...at, rank: 0, rows, epochs };
      trials.push(...(await this.#train([candidate], rung, { done, planned: candidates.length })).trials);
    }
    return trials;
  }

  async #train(
    candidates: readonly Candidate[],
    rung: Rung,
    place = { done: 0, planned: candidates.length },
  ): Promise<{ trials: Trial[]; final?: TrainResult }> {
    const { budget, test, onProgress, onBest, ...options } = this.#options;
    const seed = this.#seed;
    const projections = candidates.map(({ options }) => options);
    const began = this.#seconds();
    const report = (inner: Pick<BudgetProgress, "selection" | "training"> = {}): void =>
      onProgress?.({
        ...place,
        stage: rung.stage,
        tried: this.#tried,
        candidates: projections,
        seconds: this.#seconds(),
        secondsGiven: this.#secondsGiven,
        ...inner,
      });
    const isScreening = rung.rank === 0, isFinal = rung.rank === 2;
    const task: TrainOptions = {
      ...options,
      seed,
      data: firstRows(this.#training, rung.rows, seed),
      validation: isScreening ? firstRows(this.#validation, screening.validation, seed) : this.#validation,
      test: isFinal ? test : undefined,
      testOnly: (networks) => networks.indexOf(bestOf(networks.filter(({ bytes }) => bytes.length <= budget))),
      projections,
      epochs: rung.epochs,
      batchSize: isScreening ? screening.batchSize : this.#batchSize,
      // A linear trainer network costs next to nothing, and without lambda2 the heads do not notice.
      ...(isScreening ? { trainer: { hidden: [] }, lambda: [1, 0, 1] } : {}),
      onProgress: (training) => report({ training }),
      onSelect: (selection) => report({ selection }),
    };
    const name = `training-${++this.#trainings}`;
    const work = async (): Promise<TrainResult> => {
      this.#secondsThen = undefined;
      report();
      return await trainFrom(task, () => Promise.resolve(this.#checkpoints?.part(name)));
    };
    // The finals are the last: what their training was stopped at is all there is to go on from.
    const final = isFinal ? await work() : undefined;
    const result = final ?? await this.#once(name, work);
    const trials = result.networks.map((network, index): Trial => ({
      ...candidates[index],
      rank: rung.rank,
      network,
      ratio: network.bytes.length / this.#sizing.estimate(candidates[index].options),
    }));
    this.#tried += trials.length;
    const rows = Math.min(rung.rows, this.#training.count), row = 1 / result.examplesPerSecond;
    const coding = this.#seconds() - began - row * rows * result.epochs;
    const before = this.#codePace.rows === rows ? this.#codePace : { seconds: 0, networks: 0 };
    const networks = before.networks + trials.length;
    this.#codePace = { seconds: (before.seconds * before.networks + coding) / networks, rows, networks };
    if (!isScreening) this.#rowPace = row;
    for (const trial of trials) {
      const fits = trial.network.bytes.length <= budget;
      if (!fits || ranked([...this.#best ? [this.#best] : [], trial])[0] !== trial) continue;
      this.#best = trial;
      onBest?.(trial.network);
    }
    return { trials, final };
  }

  /** What a training did, or what is kept of it. */
  async #once(
    name: string,
    work: () => Promise<TrainResult>,
  ): Promise<Pick<TrainResult, "networks" | "examplesPerSecond" | "epochs">> {
    if (this.#checkpoints === undefined) return await work();
    const { networks, examplesPerSecond, epochs, ended } = await this.#checkpoints.once(
      name,
      async (): Promise<Outcome> => {
        const { networks, examplesPerSecond, epochs } = await work();
        return {
          networks: networks.map(({ model: _model, test: _test, ...network }) => network),
          ...{ examplesPerSecond, epochs },
          ended: this.#seconds(),
        };
      },
    );
    this.#secondsThen = ended;
    return {
      networks: networks.map((network) => ({ ...network, model: decodePnet(network.bytes) as PnetModel, test: null })),
      ...{ examplesPerSecond, epochs },
    };
  }

  #seconds(): number {
    return this.#secondsThen ?? this.#checkpoints?.seconds ?? (performance.now() - this.#began) / 1000;
  }

  /** Whether one more network of the screening can be expected to end before that part of the time is over. */
  #isTime(part: number): boolean {
    return this.#seconds() + this.#codeSeconds(screening.rows) < part * this.#secondsGiven;
  }
}

/** A random part of the rows. */
function firstRows(data: Dataset | StoredDataset, rows: number, seed: number): Dataset | StoredDataset {
  return data.count <= rows ? data : selectRows(data, epochOrder(data.count, { seed, epoch: 0 }).subarray(0, rows));
}
