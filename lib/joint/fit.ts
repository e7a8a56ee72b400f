/**
 * The fitting loop: one trainer network and any number of projection networks beside it, trained together batch by batch, each kept at the
 * epoch in which it did best on validation data.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import { bucketedOrder, epochOrder } from "../data/mod.ts";
import { kernels, Region } from "../kernels/mod.ts";
import { cosineSchedule, type ForwardContext, type Module, type Optimizer, type Schedule } from "../nn/mod.ts";
import { checkFitOptions } from "./check_fit.ts";
import {
  BestEpoch,
  checkSavable,
  type FitCounters,
  type FitState,
  restoreFitting,
  saveFitting,
} from "./checkpoint/fit_state.ts";
import { type CheckpointOptions, type CheckpointPart, openCheckpoints } from "./checkpoint/run_checkpoints.ts";
import { canonicalValue } from "./checkpoint/run_identity.ts";
import type { FeatureRows } from "./features.ts";
import { checkFinite, trainStep } from "./fit_step.ts";
import type { DistillationOptions, ProjectionLambda } from "./objective.ts";

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
}

/** Rows to learn from. */
export interface TrainingData<Input = Tensor> extends FitData<Input> {
  /**
   * For rows that change from epoch to epoch, such as distorted images: called before each step, makes the given rows as they are in an epoch, counted from 0.
   * Features and codes then hold the rows of one batch only; the result are their numbers there.
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
  /** For a checkpoint, as plain data with typed arrays: what training changes beside the head's parameters and state. */
  save?(): unknown;
  /** Goes on from that. */
  restore?(state: unknown): void;
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
  readonly training: TrainingData<Input>;
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
  /**
   * Where the state of the training is saved, so that it can go on after it was stopped in any way. Optimisers then need `state`, and what a schedule and the
   * networks do has to follow from the options and the saved state alone. Of the rows only labels are compared; the rest goes into its `context`.
   */
  readonly checkpoint?: CheckpointOptions;
  /** Called a few times a second and at the end of each epoch. */
  readonly onProgress?: (progress: FitProgress) => void;
  /** Aborts the training with the signal's reason; with checkpoints its state is saved before. */
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
  const { training: { labels, count }, epochs, repeats = 1, batchSize, seed, patience, clipNorm } = options;
  return await fitFrom(
    trainer,
    options,
    await openCheckpoints(options.checkpoint, async () => ({
      kind: "fit",
      kernels: kernels().name,
      context: await canonicalValue(options.checkpoint?.context),
      labels: await canonicalValue(Uint16Array.from({ length: count }, (_, row) => labels[row])),
      ...{ epochs, repeats, batchSize, seed, patience, clipNorm },
    })),
  );
}

/** The fitting as a part of a run, whose checkpoints it goes on from and writes. */
export async function fitFrom<Input = Tensor>(
  trainer: Module<Input>,
  options: FitOptions<Input>,
  checkpoints: CheckpointPart | undefined,
): Promise<FitResult> {
  checkFitOptions(trainer, options);
  const { training, validation, networks, optimizers, epochs, seed, signal } = options;
  const batchSize = Math.min(options.batchSize, training.count);
  const schedule = options.schedule ?? cosineSchedule();
  const repeats = options.repeats ?? 1;
  const stepsPerEpoch = Math.ceil(training.count / batchSize) * repeats, steps = stepsPerEpoch * epochs;
  const rates = optimizers.map(({ learningRate }) => learningRate);
  const modules = [trainer, ...networks.map(({ head }) => head)];
  const parts = { best: modules.map((module) => new BestEpoch(module)), optimizers, networks };
  const { best } = parts;
  if (checkpoints !== undefined) checkSavable(parts);
  const saved = checkpoints?.takeSaved() as FitState | undefined;
  const counters: FitCounters = saved === undefined
    ? { step: 0, epoch: 0, idle: 0, examples: 0, seconds: 0, loss: NaN }
    : restoreFitting(parts, saved, { steps, epochs });
  using region = new Region();
  const began = performance.now() - counters.seconds * 1000;
  let paused = performance.now(), reported = paused;
  const secondsSince = (): number => (performance.now() - began) / 1000;
  const progress = (end: { endOfEpoch: boolean; validation?: readonly number[] }): void => {
    const { step, examples, loss } = counters, seconds = secondsSince();
    options.onProgress?.({
      epoch: counters.epoch + (end.endOfEpoch ? 0 : 1),
      epochs,
      step,
      steps,
      examplesPerSecond: examples / seconds,
      secondsLeft: seconds * (steps - step) / step,
      loss,
      ...end,
    });
  };
  const place = () => ({ step: counters.step, epoch: counters.epoch + 1, checkpoint: checkpoints?.lastPath });
  const state = (): FitState => {
    checkFinite(modules, place());
    return saveFitting(parts, { ...counters, seconds: secondsSince(), steps, epochs });
  };
  const stopIfAborted = async (): Promise<void> => {
    if (signal?.aborted && counters.step > 0) await checkpoints?.save(state());
    signal?.throwIfAborted();
  };
  try {
    while (counters.epoch < epochs && counters.idle < (options.patience ?? Infinity)) {
      await stopIfAborted();
      let skipped = counters.epoch * stepsPerEpoch;
      for (const rows of batchesOf(training, { seed, batchSize, repeats, epoch: counters.epoch })) {
        // Steps that were done before the training was stopped.
        if (skipped++ < counters.step) continue;
        const factor = schedule(counters.step / steps);
        optimizers.forEach((optimizer, index) => optimizer.learningRate = rates[index] * factor);
        for (const network of networks) network.prepareStep?.(counters.step / steps);
        counters.step++;
        counters.loss = region.run(() => trainStep(trainer, options, { rows, ...place() }));
        region.reset();
        counters.examples += rows.length + (options.companions?.batchSize ?? 0);
        if (checkpoints?.isDue("step")) await checkpoints.begin(state());
        const now = performance.now();
        if (now - reported > milliseconds.report) {
          progress({ endOfEpoch: false });
          reported = now;
        }
        if (now - paused > milliseconds.pause || signal?.aborted) {
          await new Promise((resolve) => setTimeout(resolve));
          await stopIfAborted();
          paused = performance.now();
        }
      }
      checkFinite(modules, place());
      region.run(() => networks.forEach((network) => network.prepareMeasure?.()));
      region.reset();
      const accuracies = validation && region.run(() => measure(trainer, networks, { data: validation, region }));
      counters.epoch++;
      // Where the trainer network stands, no network is in the list.
      const unsettled = best.map((_, index) => counters.epoch < epochs * (networks[index - 1]?.settledFrom ?? 0));
      const improved = best.map((keeper, index) =>
        !unsettled[index] && keeper.offer(counters.epoch, accuracies?.[index] ?? null)
      );
      networks.forEach((network, index) => improved[index + 1] && network.keep?.());
      counters.idle = improved.includes(true) || unsettled.includes(true) ? 0 : counters.idle + 1;
      if (counters.epoch < epochs && checkpoints?.isDue("milestone")) await checkpoints.begin(state());
      progress({ endOfEpoch: true, validation: accuracies });
    }
    if (saved === undefined || counters.step > saved.step || counters.epoch > saved.epoch) {
      await checkpoints?.save(state());
    }
  } finally {
    await checkpoints?.settle();
    optimizers.forEach((optimizer, index) => optimizer.learningRate = rates[index]);
  }
  for (const keeper of best) keeper.restore();
  const seconds = secondsSince();
  const [first, ...others] = best.map(({ outcome }) => outcome);
  return {
    trainer: first,
    networks: others,
    epochs: counters.epoch,
    seconds,
    examplesPerSecond: counters.examples / seconds,
  };
}

/** The rows of each step of an epoch, counted from 0. */
function* batchesOf(
  { count, features: { lengths } }: TrainingData<unknown>,
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

/** Accuracy of the trainer and of each projection network, in batches. */
function measure<Input>(
  trainer: Module<Input>,
  networks: FitOptions["networks"],
  { data, region }: { data: FitData<Input>; region: Region },
): number[] {
  const correct = new Array<number>(networks.length + 1).fill(0);
  // As many as a step usually has: no more memory is taken than training took.
  const rowsAtOnce = 128;
  for (let start = 0; start < data.count; start += rowsAtOnce) {
    region.reset();
    const rows = Uint32Array.from({ length: Math.min(rowsAtOnce, data.count - start) }, (_, i) => start + i);
    const codes = networks.map((network, index) => network.gather(data.codes[index], rows));
    correct[0] += countCorrect(trainer.forward(data.features.gather(rows)), data.labels, start);
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
  return region.run(() => measure(trainer, [], { data, region }))[0];
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
