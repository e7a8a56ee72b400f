import { Dense, Dropout, type Module, Sequential } from "../nn/mod.ts";
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

/** The feed-forward trainer network: ReLU on every layer but the last, which gives logits (Ravi 2017, section 3). */
export function mlpTrainer(options: MlpOptions): Sequential {
  const { inputs, classes, hidden, dropout = 0, seed } = options;
  const layers: Module[] = [];
  [...hidden, classes].forEach((outputs, index) => {
    layers.push(
      new Dense({
        inputs: index === 0 ? inputs : hidden[index - 1],
        outputs,
        relu: index < hidden.length,
        seed: hash32(seed, seedPurpose, index),
        name: `trainer.${index}`,
      }),
    );
    if (dropout > 0 && index < hidden.length) layers.push(new Dropout(dropout, hash32(seed, seedPurpose + 1, index)));
  });
  return new Sequential(layers);
}
