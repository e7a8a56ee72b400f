import { Dense, Dropout, Sequential, type Stage, StagedNetwork } from "../nn/mod.ts";
import { hash32 } from "../projection/hash.ts";

/** Keeps the layers' random numbers apart from others of the same seed; 'mlp0' in ASCII. */
const seedPurpose = 0x6d6c7030;

/** Options of {@linkcode mlpTrainer}. */
export interface MlpOptions {
  /** Length of an input row. */
  readonly inputs: number;
  /** Number of classes. */
  readonly classes: number;
  /** Widths of the hidden layers; the paper's MNIST trainer has [1000, 1000, 1000]. */
  readonly hidden: readonly number[];
  /** Part of each hidden layer that is dropped in training; 0 when left out. */
  readonly dropout?: number;
  /** Seed of the first weights. */
  readonly seed: number;
}

/**
 * The feed-forward trainer network: ReLU on every layer but the last, which gives logits (Ravi 2017, section 3). Stages are `hidden1`, `hidden2`, ... and
 * `logits`.
 */
export function mlpTrainer(options: MlpOptions): StagedNetwork {
  const { inputs, classes, hidden, dropout = 0, seed } = options;
  return new StagedNetwork([...hidden, classes].map((outputs, index): Stage => {
    const isHidden = index < hidden.length;
    const dense = new Dense({
      inputs: index === 0 ? inputs : hidden[index - 1],
      outputs,
      relu: isHidden,
      seed: hash32(seed, seedPurpose, index),
      name: `trainer.${index}`,
    });
    const drop = dropout > 0 && isHidden ? [new Dropout(dropout, hash32(seed, seedPurpose + 1, index))] : [];
    return {
      name: isHidden ? `hidden${index + 1}` : "logits",
      module: new Sequential([dense, ...drop]),
      shape: [outputs],
    };
  }));
}
