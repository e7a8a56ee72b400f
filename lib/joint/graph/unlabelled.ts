/**
 * Learning from rows whose labels are not known: what is asked of them, and what it comes to in the fitting loop.
 *
 * @module
 */
import { type AnyDataset, type Graph, selectRows, splitRows } from "../../data/mod.ts";
import { checkCount, checkWeight } from "../check_fit.ts";
import { TrainingError } from "../errors.ts";
import type { Companions, FitData, FitNetwork } from "../fit.ts";
import { type GraphTermOptions, prepareCompanions } from "./companions.ts";
import { type PropagatedLabels, propagateLabels, type PropagationOptions } from "./propagate.ts";

/** What is learnt from all rows of the data without looking at labels that are not known. */
export interface UnlabelledOptions extends GraphTermOptions {
  /** Edges between the rows of the data. */
  readonly graph?: Graph;
  /** Spread the known labels over the graph, so that both networks learn them on all rows, each as far as it is certain; off when left out. */
  readonly propagate?: PropagationOptions;
  /** Weight, beside the labelled rows, of distillation on all rows and of spread labels; 1 when left out, 0 for neither. */
  readonly weight?: number;
  /** Rows in a step beside the labelled ones, their neighbours not counted; 256 when left out. */
  readonly batchSize?: number;
}

/** Options that say which rows are learnt from, and how. */
export interface RowChoice<D> {
  /** All rows. */
  readonly data: D;
  /** The rows whose labels are known. */
  readonly labelled?: ArrayLike<number>;
  /** Rows to choose by, or the part of the labelled rows that is set aside for it. */
  readonly validation?: D | number;
  /** What is learnt from all of them. */
  readonly unlabelled?: UnlabelledOptions;
  /** Seed. */
  readonly seed?: number;
}

/** Rows by what they are for. */
export interface ChosenRows<D> {
  /** Everything that takes no label is chosen on these. */
  readonly rows: D;
  /** Rows whose labels are learnt. */
  readonly training: D;
  /** Which of `rows` they are; undefined for all. */
  readonly known: Uint32Array | undefined;
  /** Rows that everything else is chosen on. */
  readonly validation: D | undefined;
  /** Which of `rows` those are, when they are taken from the labelled ones. */
  readonly held?: Uint32Array;
}

/** The rows to learn from and those to choose by. Throws {@linkcode TrainingError} when there are none. */
export function setAside<D extends AnyDataset>(options: RowChoice<D>): ChosenRows<D> {
  const { data, validation = 0.1, seed = 1 } = options;
  const labelled = options.labelled && Uint32Array.from(options.labelled);
  const among = (known: Uint32Array | undefined): D => known === undefined ? data : selectRows(data, known);
  if (typeof validation !== "number" || validation === 0) {
    const kept = validation === 0 ? undefined : validation as D;
    return { rows: data, training: among(labelled), known: labelled, validation: kept };
  }
  const source = among(labelled);
  try {
    const { train, validation: kept } = splitRows(source, { fraction: validation, seed });
    const training = selectRows(source, train);
    const rest = { training, validation: selectRows(source, kept) };
    // Without rows that are not labelled, rows to choose by take no part in anything else.
    if (labelled === undefined) return { rows: training, known: undefined, ...rest };
    const [known, held] = [train, kept].map((places) => places.map((place) => labelled[place]));
    return { rows: data, known, held, ...rest };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrainingError(`${error.message}; validation 0 trains without`, { cause: error });
  }
}

/** Throws {@linkcode TrainingError} naming the first option that does not fit. */
export function checkUnlabelled({ data, labelled, unlabelled }: RowChoice<AnyDataset>): void {
  if (labelled !== undefined) {
    if (labelled.length === 0) throw new TrainingError("labelled: at least one row was wanted, none found");
    const seen = new Uint8Array(data.count);
    for (let i = 0; i < labelled.length; i++) {
      const row = labelled[i];
      if (!(Number.isInteger(row) && row >= 0 && row < data.count && seen[row]++ === 0)) {
        const found = seen[row] > 0 ? `${row} again` : row;
        throw new TrainingError(`labelled: different rows of the ${data.count} were wanted, ${found} found`);
      }
    }
  }
  if (unlabelled === undefined) return;
  if (labelled === undefined) throw new TrainingError("unlabelled: needs `labelled`, the rows whose labels are known");
  const { graph, propagate, alpha = 0, weight = 1, kinds = [], neighbours = 1, batchSize = 1 } = unlabelled;
  for (const value of [alpha, weight, ...kinds]) checkWeight("unlabelled", value);
  checkCount("unlabelled.neighbours", neighbours);
  checkCount("unlabelled.batchSize", batchSize);
  if (graph === undefined && (alpha > 0 || propagate !== undefined)) {
    throw new TrainingError(`unlabelled: ${alpha > 0 ? "alpha" : "propagate"} needs a graph, none was given`);
  }
  if (graph !== undefined && graph.nodes !== data.count) {
    throw new TrainingError(
      `unlabelled.graph: a node for each of the ${data.count} rows of ${data.name} was wanted, ${graph.nodes} found`,
    );
  }
  const { reach = 0.5, steps = 1 } = propagate ?? {};
  if (!(reach > 0 && reach < 1)) {
    throw new TrainingError(`propagate.reach: a number between 0 and 1 was wanted, ${reach} found`);
  }
  checkCount("propagate.steps", steps);
}

/** The labels of the known rows spread over the graph; undefined when they are not to be. */
export function spreadLabels<D extends AnyDataset>(
  { training, known }: Pick<ChosenRows<D>, "training" | "known">,
  { graph, propagate }: UnlabelledOptions = {},
): PropagatedLabels | undefined {
  if (graph === undefined || propagate === undefined || known === undefined) return;
  const labelled = { nodes: known, labels: training.labels };
  return propagateLabels(graph, labelled, { ...propagate, classes: training.labelNames.length });
}

/** What the fitting loop takes beside the labelled rows; `all` are all rows as the networks read them, needed with `unlabelled`. */
export function prepareUnlabelled<Input, D extends AnyDataset>(
  all: Omit<FitData<Input>, "labels"> | undefined,
  { rows, known, training }: ChosenRows<D>,
  options: {
    unlabelled: UnlabelledOptions | undefined;
    spread: PropagatedLabels | undefined;
    networks: readonly FitNetwork<unknown, unknown>[];
    trainerLambda: number;
    /** Labelled rows in a step. */
    labelledBatch: number;
    seed: number;
  },
): { companions?: Companions<Input>; repeats?: number } {
  const { unlabelled, labelledBatch } = options;
  if (known === undefined) return {};
  const { batchSize = 256, weight = 1, ...term } = unlabelled ?? {};
  // An epoch has a step for each batch of all rows, with few labelled ones or with many.
  const repeats = Math.max(1, Math.round(rows.count / batchSize / Math.ceil(known.length / labelledBatch)));
  if (all === undefined) return { repeats };
  const classes = training.labelNames.length;
  return {
    repeats,
    companions: prepareCompanions({ ...options, ...term, rows: all, labelled: known, classes, batchSize, weight }),
  };
}
