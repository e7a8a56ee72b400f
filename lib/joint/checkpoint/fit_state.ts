/**
 * Everything of a fitting that changes from step to step: what a checkpoint of it holds.
 *
 * @module
 */
import type { Tensor } from "../../autodiff/mod.ts";
import type { Module, Optimizer, OptimizerState } from "../../nn/mod.ts";
import { CheckpointError, TrainingError } from "../errors.ts";
import type { FitNetwork, FitOutcome } from "../fit.ts";

/** What training changes in a network. */
export type Trained = Pick<Module, "parameters" | "state">;

/** The parameters of a network, then what it keeps beside them. */
export function trainedTensors({ parameters, state = [] }: Trained): readonly Tensor[] {
  return [...parameters, ...state];
}

/** A network in a checkpoint. */
export interface SavedModule {
  /** Its parameters, then what it keeps beside them. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
  /** Its best epoch so far. */
  readonly best: SavedBest;
}

interface SavedBest {
  readonly epoch: number;
  readonly accuracy: number | null;
  /** The values of `tensors` then; none when the last epoch is kept in any case. */
  readonly values: readonly Float32Array[];
}

/** A fitting in a checkpoint. */
export interface FitState extends FitCounters {
  /** Steps in all. */
  readonly steps: number;
  /** Epochs in all. */
  readonly epochs: number;
  /** The trainer network, then the projection networks. */
  readonly modules: readonly SavedModule[];
  /** What the optimisers remember. */
  readonly optimizers: readonly OptimizerState[];
  /** What changes in projection networks beside their tensors. */
  readonly networks: readonly unknown[];
}

/** What a fitting counts. */
export interface FitCounters {
  /** Steps that are done. */
  step: number;
  /** Epochs that are done and measured. */
  epoch: number;
  /** Epochs in a row without a better network. */
  idle: number;
  /** Examples seen. */
  examples: number;
  /** Time in training steps and validation, in all processes. */
  seconds: number;
  /** The objective at the last step. */
  loss: number;
}

/** Keeps a copy of a network's parameters and state from the epoch with the best validation accuracy, the earliest of equal ones. */
export class BestEpoch {
  #epoch = 0;
  #accuracy: number | null = null;
  #copies: Float32Array[] = [];
  readonly #kept: readonly Tensor[];

  /** Watches over the given network. */
  constructor(network: Trained) {
    this.#kept = trainedTensors(network);
  }

  /** Takes a copy when `accuracy` is better than all before; without an accuracy each epoch is better. Returns whether it did. */
  offer(epoch: number, accuracy: number | null): boolean {
    if (accuracy !== null && this.#accuracy !== null && accuracy <= this.#accuracy) return false;
    this.#epoch = epoch;
    this.#accuracy = accuracy;
    if (accuracy !== null) this.#copies = this.#kept.map(({ data }) => data.slice());
    return true;
  }

  /** Puts the kept values back. */
  restore(): void {
    this.#copies.forEach((copy, index) => this.#kept[index].data.set(copy));
  }

  /** The epoch that was kept and its accuracy. */
  get outcome(): FitOutcome {
    return { bestEpoch: this.#epoch, validationAccuracy: this.#accuracy };
  }

  /** The network and its best epoch, as they are saved. */
  get saved(): SavedModule {
    return {
      tensors: this.#kept.map(({ name, shape, data }) => ({ name, shape, data })),
      best: { epoch: this.#epoch, accuracy: this.#accuracy, values: this.#copies },
    };
  }

  /** Takes over what was saved. Throws {@linkcode CheckpointError} when it is of another network. */
  take({ tensors, best }: SavedModule): void {
    this.#kept.forEach((tensor, index) => {
      const saved = tensors[index];
      checkSaved(tensor, saved, saved?.data);
      tensor.data.set(saved.data);
    });
    if (tensors.length > this.#kept.length) {
      throw wrongTensor(`${tensors[this.#kept.length].name} is no part of the network`);
    }
    if (best.values.length > 0) {
      this.#kept.forEach((tensor, index) => checkSaved(tensor, tensors[index], best.values[index]));
    }
    this.#epoch = best.epoch;
    this.#accuracy = best.accuracy;
    this.#copies = best.values.map((values) => values.slice());
  }
}

function checkSaved(
  { name, shape, size }: Tensor,
  saved: { readonly name: string; readonly shape: readonly number[] } | undefined,
  values: Float32Array | undefined,
): void {
  const isSame = saved?.name === name && saved.shape.join() === shape.join();
  if (isSame && values instanceof Float32Array && values.length === size) return;
  const found = saved === undefined
    ? "nothing"
    : `${saved.name} [${saved.shape.join(", ")}] of ${values?.length} values`;
  throw wrongTensor(`${name} [${shape.join(", ")}] was wanted, ${found} found`);
}

function wrongTensor(problem: string): CheckpointError {
  return new CheckpointError("run", `the checkpoint is of other networks: ${problem}`);
}

/** What is saved of a fitting, and put back. */
export interface FittingParts {
  /** The trainer network, then the projection networks. */
  readonly best: readonly BestEpoch[];
  /** What changes them. */
  readonly optimizers: readonly Optimizer[];
  /** The projection networks. */
  readonly networks: readonly Pick<FitNetwork<unknown, unknown>, "save" | "restore">[];
}

/** Throws {@linkcode TrainingError} naming what cannot be saved. */
export function checkSavable({ optimizers }: Pick<FittingParts, "optimizers">): void {
  const index = optimizers.findIndex(({ state, restore }) => state === undefined || restore === undefined);
  if (index >= 0) {
    throw new TrainingError(`checkpoint: optimizers with state and restore were wanted, number ${index} has none`);
  }
}

/** The fitting as it is now, in arrays that change with the next step. */
export function saveFitting(
  { best, optimizers, networks }: FittingParts,
  counters: FitCounters & Pick<FitState, "steps" | "epochs">,
): FitState {
  return {
    ...counters,
    modules: best.map(({ saved }) => saved),
    optimizers: optimizers.map(({ state }) => state!),
    networks: networks.map((network) => network.save?.() ?? null),
  };
}

/** Puts a fitting back to where it was saved. Throws {@linkcode CheckpointError} when it is another one, or none. */
export function restoreFitting(
  parts: FittingParts,
  saved: FitState,
  planned: Pick<FitState, "steps" | "epochs">,
): FitCounters {
  try {
    return putBack(parts, saved, planned);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError("damaged", `the checkpoint cannot be gone on with: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function putBack(
  { best, optimizers, networks }: FittingParts,
  saved: FitState,
  { steps, epochs }: Pick<FitState, "steps" | "epochs">,
): FitCounters {
  const counts = [saved.step, saved.epoch, saved.idle, saved.examples];
  const isCounted = counts.every((count) => Number.isInteger(count) && count >= 0);
  if (saved.steps !== steps || saved.epochs !== epochs || !isCounted || saved.step > steps || saved.epoch > epochs) {
    throw new CheckpointError(
      "run",
      `the checkpoint is of ${saved.steps} steps in ${saved.epochs} epochs, wanted ${steps} in ${epochs}`,
    );
  }
  const lists = [["networks", best, saved.modules], ["optimizers", optimizers, saved.optimizers]] as const;
  for (const [name, wanted, found] of [...lists, ["projection networks", networks, saved.networks] as const]) {
    if (wanted.length !== found.length) {
      throw new CheckpointError("run", `the checkpoint is of ${found.length} ${name}, wanted ${wanted.length}`);
    }
  }
  best.forEach((keeper, index) => keeper.take(saved.modules[index]));
  optimizers.forEach((optimizer, index) => {
    try {
      optimizer.restore!(saved.optimizers[index]);
    } catch (error) {
      throw new CheckpointError("run", `the checkpoint is of another ${(error as Error).message}`, { cause: error });
    }
  });
  networks.forEach((network, index) => {
    if (saved.networks[index] !== null) network.restore?.(saved.networks[index]);
  });
  const { step, epoch, idle, examples, seconds, loss } = saved;
  return { step, epoch, idle, examples, seconds, loss };
}
