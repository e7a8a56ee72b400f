/**
 * The fitting loop: one trainer network and any number of projection networks beside it, trained together batch by batch, each kept at the
 * epoch in which it did best on validation data.
 *
 * @module
 */
import { add, crossEntropy, scale, Tape, type Tensor } from "../autodiff/mod.ts";
import { bucketedOrder, epochOrder } from "../data/mod.ts";
import { currentRegion, Region } from "../kernels/mod.ts";
import {
  clipGradients,
  cosineSchedule,
  type ForwardContext,
  type Module,
  type Optimizer,
  type Schedule,
  StagedNetwork,
} from "../nn/mod.ts";
import { checkFinite, checkFitOptions } from "./check_fit.ts";
import { TrainingError } from "./errors.ts";
import type { FeatureRows } from "./features.ts";
import { type DistillationOptions, type ProjectionLambda, projectionObjective } from "./objective.ts";

/** Rows to learn from or to measure on. */
export interface FitData<Input = Tensor> {
  /** Number of rows. */
  readonly count: number;
  /** The class of each row. */
  readonly labels: ArrayLike<number>;
  /** What the trainer network sees. */
  readonly features: FeatureRows<Input>;
  /** For each projection network, the codes of every row. */
  readonly codes: readonly unknown[];
  /**
   * For rows that are not all there, or change from epoch to epoch, such as distorted images: called before each batch, makes the given rows as they are in an
   * epoch, counted from 0. Features and codes then hold the rows of one batch only; the result are their numbers there.
   */
  readonly make?: (rows: Uint32Array, epoch: number) => Uint32Array;
}

/** A projection network in the loop, with codes of its own kind. */
export interface FitNetwork<Codes = Uint8Array, Read = Tensor> extends DistillationOptions {
  /** What `gather` gives -> logits. */
  readonly head: Module<Read>;
  /** Bytes of the code of a row, when codes are bytes. */
  readonly codeBytes?: number;
  /** What the head reads for some rows of its codes, in the current region: see {@linkcode ProjectionNetwork.gather}. */
  gather(codes: Codes, rows: Uint32Array): Read;
  /**
   * For a network that reads a hidden activation of the trainer, which then has stages: the number of the stage, and what the head reads of its output in
   * training. Codes are gathered to measure only.
   */
  readonly tap?: { readonly stage: number; read(activation: Tensor, context: ForwardContext): Read };
  /** Called at the end of each epoch, before the network is measured. */
  prepareMeasure?(): void;
  /** Called when the epoch is the best so far, for what is to be kept beside the head's parameters. */
  keep?(): void;
  /** lambda2, lambda3. */
  readonly lambda: ProjectionLambda;
  /** Called before each step with the part of the training that is done, 0…1, for what changes parameters beside the optimisers: pruning. */
  prepareStep?(progress: number): void;
  /** Part of the training before which no epoch is kept (unless it is the last); 0 when left out. */
  readonly settledFrom?: number;
}

/** Rows that stand beside the labelled ones in each step, and a part of the objective on them. */
export interface Companions<Input = Tensor> {
  /** Most companions in a step, neighbours not counted. */
  readonly batchSize: number;
  /** The companions of a step, counted from 1, in the current region. */
  gather(step: number): {
    /** What the trainer network sees. */
    readonly features: Input;
    /** What each projection network's head reads. */
    readonly codes: readonly unknown[];
    /** What is added to the objective, from the logits of the trainer and of each projection network; null for nothing. */
    objective(trainerLogits: Tensor, logits: readonly Tensor[]): Tensor | null;
  };
}

/** How far the training is. */
export interface FitProgress {
  /** Number of this epoch, from 1. */
  readonly epoch: number;
  /** Number of epochs planned. */
  readonly epochs: number;
  /** Number of steps done in all. */
  readonly step: number;
  /** Number of steps planned in all. */
  readonly steps: number;
  /** Examples seen each second, so far. */
  readonly examplesPerSecond: number;
  /** Seconds left at that rate. */
  readonly secondsLeft: number;
  /** The objective at the last step. */
  readonly loss: number;
  /** Whether the epoch is over. */
  readonly endOfEpoch: boolean;
  /** At the end of an epoch, with validation data: accuracy on validation data, the trainer's first, then each projection network's. */
  readonly validation?: readonly number[];
}

/** Options of {@linkcode fit}. */
export interface FitOptions<Input = Tensor> {
  /** Rows to learn from. */
  readonly training: FitData<Input>;
  /** Rows on which the best epoch is chosen; the last epoch is kept without. */
  readonly validation?: FitData<Input>;
  /** The networks beside the trainer. */
  readonly networks: readonly FitNetwork<unknown, unknown>[];
  /** lambda1, the weight of the trainer's own loss; 1 when left out. */
  readonly trainerLambda?: number;
  /** Rows to learn from beside the labelled ones, such as rows without labels. */
  readonly companions?: Companions<Input>;
  /** What changes the parameters; each parameter belongs to one of them. */
  readonly optimizers: readonly Optimizer[];
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Passes over the training rows that make an epoch; 1 when left out. Few rows are better measured after several passes. */
  readonly repeats?: number;
  /** Rows in a step. */
  readonly batchSize: number;
  /** Seed of the order of rows. */
  readonly seed: number;
  /** Course of the learning rates; along half a cosine to zero when left out. */
  readonly schedule?: Schedule;
  /** Largest norm of each optimiser's gradients; not limited when left out. */
  readonly clipNorm?: number;
  /** Stop after so many epochs in which no network did better on validation data; never when left out. */
  readonly patience?: number;
  /** Called a few times a second and at the end of each epoch. */
  readonly onProgress?: (progress: FitProgress) => void;
  /** Aborts the training with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What became of one network. */
export interface FitOutcome {
  /** The epoch that was kept, from 1. */
  readonly bestEpoch: number;
  /** Accuracy on validation data in that epoch; null without validation data. */
  readonly validationAccuracy: number | null;
}

/** What {@linkcode fit} did. */
export interface FitResult {
  /** The trainer network. */
  readonly trainer: FitOutcome;
  /** The projection networks, in their order. */
  readonly networks: readonly FitOutcome[];
  /** Epochs that ran. */
  readonly epochs: number;
  /** Time in training steps and validation. */
  readonly seconds: number;
  /** Training examples seen in a second of that time. */
  readonly examplesPerSecond: number;
}

const milliseconds = { pause: 50, report: 200 };

/** What `fit` of on_demand.ts runs. */
export async function fit<Input = Tensor>(trainer: Module<Input>, options: FitOptions<Input>): Promise<FitResult> {
  checkFitOptions(trainer, options);
  const { training, validation, networks, optimizers, epochs, seed, signal } = options;
  const batchSize = Math.min(options.batchSize, training.count);
  const schedule = options.schedule ?? cosineSchedule();
  const repeats = options.repeats ?? 1;
  const steps = Math.ceil(training.count / batchSize) * repeats * epochs;
  const rates = optimizers.map(({ learningRate }) => learningRate);
  const modules: Trained[] = [trainer, ...networks.map(({ head }) => head)];
  const best = modules.map((module) => new BestEpoch(module));
  using region = new Region();
  const began = performance.now();
  let paused = began, reported = began;
  let examples = 0, step = 0, idle = 0, epoch = 0;
  const progress = (loss: number, end: { endOfEpoch: boolean; validation?: readonly number[] }): void => {
    const seconds = (performance.now() - began) / 1000;
    options.onProgress?.({
      epoch,
      epochs,
      step,
      steps,
      examplesPerSecond: examples / seconds,
      secondsLeft: seconds * (steps - step) / step,
      loss,
      ...end,
    });
  };
  try {
    while (epoch < epochs && idle < (options.patience ?? Infinity)) {
      signal?.throwIfAborted();
      let loss = NaN;
      for (const rows of batchesOf(training, { seed, batchSize, repeats, epoch: epoch++ })) {
        const factor = schedule(step / steps);
        optimizers.forEach((optimizer, index) => optimizer.learningRate = rates[index] * factor);
        for (const network of networks) network.prepareStep?.(step / steps);
        step++;
        loss = region.run(() => trainStep(trainer, options, { rows, step, epoch: epoch - 1 }));
        region.reset();
        if (!Number.isFinite(loss)) {
          throw new TrainingError(
            `the loss became ${loss} in step ${step} (epoch ${epoch}); a smaller learning rate may help`,
          );
        }
        examples += rows.length + (options.companions?.batchSize ?? 0);
        const now = performance.now();
        if (now - reported > milliseconds.report) {
          progress(loss, { endOfEpoch: false });
          reported = now;
        }
        if (now - paused > milliseconds.pause) {
          await new Promise((resolve) => setTimeout(resolve));
          signal?.throwIfAborted();
          paused = performance.now();
        }
      }
      checkFinite(modules, { step, epoch });
      region.run(() => networks.forEach((network) => network.prepareMeasure?.()));
      region.reset();
      const accuracies = validation &&
        region.run(() => measure(trainer, networks, { data: validation, region, epoch: epoch - 1 }));
      // Where the trainer network stands, no network is in the list.
      const unsettled = best.map((_, index) => epoch < epochs * (networks[index - 1]?.settledFrom ?? 0));
      const improved = best.map((keeper, index) =>
        !unsettled[index] && keeper.offer(epoch, accuracies?.[index] ?? null)
      );
      networks.forEach((network, index) => improved[index + 1] && network.keep?.());
      idle = improved.includes(true) || unsettled.includes(true) ? 0 : idle + 1;
      progress(loss, { endOfEpoch: true, validation: accuracies });
    }
  } finally {
    optimizers.forEach((optimizer, index) => optimizer.learningRate = rates[index]);
  }
  for (const keeper of best) keeper.restore();
  const seconds = (performance.now() - began) / 1000;
  const [first, ...others] = best.map(({ outcome }) => outcome);
  return { trainer: first, networks: others, epochs: epoch, seconds, examplesPerSecond: examples / seconds };
}

/** The rows of each step of an epoch, counted from 0. */
function* batchesOf(
  { count, features: { lengths } }: FitData<unknown>,
  { seed, batchSize, repeats, epoch: number }: { seed: number; batchSize: number; repeats: number; epoch: number },
): Generator<Uint32Array> {
  for (let epoch = number * repeats; epoch < (number + 1) * repeats; epoch++) {
    const order = lengths === undefined
      ? epochOrder(count, { seed, epoch })
      : bucketedOrder(lengths, { seed, epoch, batchSize });
    for (let start = 0; start < count; start += batchSize) {
      yield order.subarray(start, Math.min(start + batchSize, count));
    }
  }
}

/** One step: forward, objective, backward, update. Returns the objective. */
function trainStep<Input>(
  trainer: Module<Input>,
  options: FitOptions<Input>,
  { rows, step, epoch }: { rows: Uint32Array; step: number; epoch: number },
): number {
  const { training, networks, optimizers, clipNorm } = options;
  const context = { training: true, step };
  const labels = currentRegion().int32(rows.length);
  for (let i = 0; i < rows.length; i++) labels[i] = training.labels[rows[i]];
  const made = training.make?.(rows, epoch) ?? rows;
  const features = training.features.gather(made);
  const codes = networks.map((network, index) =>
    network.tap === undefined ? network.gather(training.codes[index], made) : undefined
  );
  const beside = options.companions?.gather(step);
  const isTapped = networks.some(({ tap }) => tap !== undefined);
  const forward = (features: Input, codes: readonly unknown[]): { trainerLogits: Tensor; logits: Tensor[] } => {
    const activations = isTapped && trainer instanceof StagedNetwork
      ? trainer.activations(features as Tensor, context)
      : [trainer.forward(features, context)];
    const logits = networks.map(({ head, tap }, index) =>
      head.forward(tap?.read(activations[tap.stage], context) ?? codes[index], context)
    );
    return { trainerLogits: activations[activations.length - 1], logits };
  };
  const tape = new Tape();
  const loss = tape.record(() => {
    const { trainerLogits, logits } = forward(features, codes);
    let total = scale(crossEntropy(trainerLogits, labels), options.trainerLambda ?? 1);
    networks.forEach((network, index) => {
      const term = projectionObjective(logits[index], { ...network, trainerLogits, labels });
      if (term !== null) total = add(total, term);
    });
    if (beside === undefined) return total;
    const outputs = forward(beside.features, beside.codes);
    const term = beside.objective(outputs.trainerLogits, outputs.logits);
    if (term !== null) total = add(total, term);
    return total;
  });
  tape.backward(loss);
  for (const optimizer of optimizers) {
    if (clipNorm !== undefined) clipGradients(optimizer.parameters, clipNorm);
    optimizer.step();
  }
  return loss.item();
}

/** Rows that are measured at a time: as many as a step usually has, so that no more memory is taken than training took. */
export const rowsAtOnce = 128;

/** Accuracy of the trainer and of each projection network, in batches. */
function measure<Input>(
  trainer: Module<Input>,
  networks: FitOptions["networks"],
  { data, region, epoch }: { data: FitData<Input>; region: Region; epoch: number },
): number[] {
  const correct = new Array<number>(networks.length + 1).fill(0);
  for (let start = 0; start < data.count; start += rowsAtOnce) {
    region.reset();
    const rows = Uint32Array.from({ length: Math.min(rowsAtOnce, data.count - start) }, (_, i) => start + i);
    const made = data.make?.(rows, epoch) ?? rows;
    const codes = networks.map((network, index) => network.gather(data.codes[index], made));
    correct[0] += countCorrect(trainer.forward(data.features.gather(made)), data.labels, start);
    networks.forEach(({ head }, index) => {
      correct[index + 1] += countCorrect(head.forward(codes[index]), data.labels, start);
    });
  }
  region.reset();
  return correct.map((count) => count / data.count);
}

/** The trainer network's accuracy on `data`. */
export function measureTrainer<Input = Tensor>(trainer: Module<Input>, data: FitData<Input>): number {
  using region = new Region();
  return region.run(() => measure(trainer, [], { data, region, epoch: 0 }))[0];
}

function countCorrect(
  { data: logits, shape: [rows, classes] }: Tensor,
  labels: ArrayLike<number>,
  first: number,
): number {
  let correct = 0;
  for (let i = 0; i < rows; i++) {
    let best = i * classes;
    for (let at = best + 1, end = best + classes; at < end; at++) if (logits[at] > logits[best]) best = at;
    if (best - i * classes === labels[first + i]) correct++;
  }
  return correct;
}

/** What training changes in a network. */
type Trained = Pick<Module, "parameters" | "state">;

/** The parameters of a network, then what it keeps beside them. */
export function trainedTensors({ parameters, state = [] }: Trained): readonly Tensor[] {
  return [...parameters, ...state];
}

/** Keeps a copy of a network's parameters and state from the epoch with the best validation accuracy, the earliest of equal ones. */
class BestEpoch {
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
  get outcome(): { bestEpoch: number; validationAccuracy: number | null } {
    return { bestEpoch: this.#epoch, validationAccuracy: this.#accuracy };
  }
}
