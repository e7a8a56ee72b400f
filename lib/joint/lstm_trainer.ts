import { reshape, type Tensor } from "../autodiff/mod.ts";
import {
  Dense,
  Dropout,
  Embedding,
  type ForwardContext,
  inference,
  Lstm,
  type Module,
  packSequences,
  type Sequences,
  type TokenLists,
} from "../nn/mod.ts";
import { hash32 } from "../projection/mod.ts";

/** Keeps the layers' random numbers apart from others of the same seed; 'lst0' in ASCII. */
const seedPurpose = 0x6c737430;

/** Options of {@linkcode lstmTrainer} and {@linkcode tokenLstmTrainer}. */
export interface LstmTrainerOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Length of a state in each LSTM layer; [128] when left out. */
  readonly hidden?: readonly number[];
  /** Read each sequence in both directions. */
  readonly bidirectional?: boolean;
  /** What the labels are read from: the state after the last element, or the mean of all states; the last when left out. */
  readonly reads?: "last" | "mean";
  /** Part of what the labels are read from that is dropped in training, and of embedded tokens; 0 when left out. */
  readonly dropout?: number;
  /** Seed of the first weights. */
  readonly seed: number;
}

/**
 * A recurrent trainer network over sequences of numbers (Ravi 2017, section 3): LSTM layers and logits. A row of floats is cut into elements of
 * `elementLength` values: the rows of an image, the frames of a sound. Throws `ShapeError` in `forward` when a row is no whole number of elements.
 */
export function lstmTrainer(
  options: LstmTrainerOptions & { readonly elementLength: number },
): RecurrentTrainer & { readonly elementLength: number } {
  const { elementLength } = options;
  const network = recurrentTrainer({
    ...options,
    inputs: elementLength,
    parameters: [],
    read: (x: Tensor) => packSequences(reshape(x, [x.shape[0], -1, elementLength])),
  });
  return { ...network, elementLength };
}

/** A recurrent trainer network over tokens: embedding, LSTM layers and logits. */
export function tokenLstmTrainer(
  options: LstmTrainerOptions & {
    /** Rows of the table of embeddings, which tokens select by their hash; 8192 when left out. */
    readonly buckets?: number;
    /** Length of an embedding; 64 when left out. */
    readonly embedding?: number;
  },
): Module<TokenLists> {
  const { buckets = 8192, embedding: width = 64, dropout = 0, seed } = options;
  const table = new Embedding({ buckets, width, seed: hash32(seed, seedPurpose, 0), name: "trainer.embedding" });
  const drop = new Dropout(dropout, hash32(seed, seedPurpose, 1));
  return recurrentTrainer({
    ...options,
    inputs: width,
    parameters: table.parameters,
    read(tokens: TokenLists, context): Sequences {
      const { values, layout } = table.forward(tokens);
      return { values: drop.forward(values, context), layout };
    },
  });
}

/** A recurrent trainer network and what it is made of. */
export interface RecurrentTrainer<Input = Tensor> extends Module<Input> {
  /** The layers over sequences. */
  readonly recurrent: Lstm;
  /** What the labels are read from: the state after the last element, or the mean of all states. */
  readonly reads: "last" | "mean";
  /** What was read -> logits. */
  readonly head: Dense;
}

function recurrentTrainer<Input>(
  options: LstmTrainerOptions & {
    readonly inputs: number;
    /** Parameters of `read`. */
    readonly parameters: readonly Tensor[];
    read(input: Input, context: ForwardContext): Sequences;
  },
): RecurrentTrainer<Input> {
  const { classes, inputs, hidden = [128], bidirectional, reads = "last", dropout = 0, seed, read } = options;
  const name = "trainer.lstm";
  const recurrent = new Lstm({ inputs, units: hidden, bidirectional, seed: hash32(seed, seedPurpose, 2), name });
  const drop = new Dropout(dropout, hash32(seed, seedPurpose, 3));
  const head = new Dense({
    inputs: recurrent.width,
    outputs: classes,
    seed: hash32(seed, seedPurpose, 4),
    name: "trainer.logits",
  });
  return {
    recurrent,
    reads,
    head,
    parameters: [...options.parameters, ...recurrent.parameters, ...head.parameters],
    forward(input, context = inference): Tensor {
      const states = recurrent.forward(read(input, context));
      const summary = reads === "mean" ? recurrent.meanStates(states) : recurrent.lastStates(states);
      return head.forward(drop.forward(summary, context));
    },
  };
}
