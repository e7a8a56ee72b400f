/**
 * The trainer networks that {@linkcode train} knows by name.
 *
 * @module
 */
import type { Dataset } from "../data/mod.ts";
import type { Module } from "../nn/mod.ts";
import { checkCount } from "./check_fit.ts";
import { cnnTrainer } from "./cnn_trainer.ts";
import { TrainingError } from "./errors.ts";
import { lstmTrainer } from "./lstm_trainer.ts";
import { mlpTrainer } from "./mlp_trainer.ts";

/** What the trainer network is; options of another kind than its own are not looked at. */
export interface TrainerOptions {
  /** Feed-forward, convolutional for images, or recurrent over the rows of an image or pieces of a table's row; `"mlp"` when left out. */
  readonly kind?: "mlp" | "cnn" | "lstm";
  /** Units of the hidden layers, channels of the convolutional blocks, or units of the LSTM layers; [256, 256], what suits the images' size (`[24, 48, 96]` for 28x28), and [128] when left out. */
  readonly hidden?: readonly number[];
  /** Part of the hidden units that is dropped in training, for other kinds than mlp of those that the labels are read from; 0 when left out. */
  readonly dropout?: number;
  /** LSTM: values in an element of the sequence, a divisor of the features' number; a row of pixels of an image, 1 of a table, when left out. */
  readonly elementLength?: number;
  /** LSTM: read in both directions. */
  readonly bidirectional?: boolean;
  /** LSTM: what the labels are read from, the state after the last element or the mean of all; the last when left out. */
  readonly reads?: "last" | "mean";
}

/** What a trainer network has to know of its data. */
export interface TrainerShape extends Pick<Dataset, "name" | "input" | "featureLength" | "labelNames"> {
  /** Whether features are bytes. */
  readonly bytes: boolean;
}

type ShapedData = Omit<TrainerShape, "bytes">;

/** Throws {@linkcode TrainingError} naming the first option that does not fit the data. */
export function checkTrainer(options: TrainerOptions, data: ShapedData): void {
  const { kind, hidden = [], dropout = 0 } = options;
  for (const units of hidden) checkCount("trainer.hidden", units);
  if (!(dropout >= 0 && dropout < 1)) {
    throw new TrainingError(`trainer.dropout: a number of at least 0 and below 1 was wanted, ${dropout} found`);
  }
  if (kind === "cnn" && data.input.kind !== "image") {
    throw new TrainingError(`trainer.kind: a cnn is for images, and ${data.name} is a table`);
  }
  if (kind !== undefined && kind !== "mlp" && options.hidden?.length === 0) {
    throw new TrainingError(`trainer.hidden: at least one layer was wanted for ${kind}, none found`);
  }
  if (kind !== "lstm") return;
  const length = elementLength(options, data);
  checkCount("trainer.elementLength", length);
  if (data.featureLength % length !== 0) {
    throw new TrainingError(
      `trainer.elementLength: a divisor of the ${data.featureLength} features was wanted, ${length} found`,
    );
  }
}

/** The largest step size and the weight decay of AdamW that serve a kind of trainer. */
export function trainerOptimizer({ kind }: TrainerOptions): { learningRate: number; weightDecay: number } {
  // Batch normalisation bears larger steps, and decay keeps the weights before it from growing, which would make the steps smaller.
  return kind === "cnn" ? { learningRate: 3e-3, weightDecay: 0.05 } : { learningRate: 1e-3, weightDecay: 0 };
}

/** The trainer network for `data`, with fresh weights in the current region. */
export function createTrainer(options: TrainerOptions, { data, seed }: { data: ShapedData; seed: number }): Module {
  const { kind = "mlp", hidden, dropout } = options;
  const shape = { classes: data.labelNames.length, dropout, seed };
  if (kind === "mlp") return mlpTrainer({ ...shape, inputs: data.featureLength, hidden: hidden ?? [256, 256] });
  if (kind === "cnn" && data.input.kind === "image") return cnnTrainer({ ...shape, image: data.input, hidden });
  return lstmTrainer({ ...options, ...shape, elementLength: elementLength(options, data) });
}

function elementLength({ elementLength }: TrainerOptions, { input }: ShapedData): number {
  return elementLength ?? (input.kind === "image" ? input.width * input.channels : 1);
}
