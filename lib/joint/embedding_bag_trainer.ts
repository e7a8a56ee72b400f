import { EmbeddingBag, inference, type Module, type TokenLists } from "../nn/mod.ts";
import { hash32 } from "../projection/mod.ts";
import { type MlpOptions, mlpTrainer } from "./mlp_trainer.ts";

/** Keeps the table's random numbers apart from others of the same seed; 'bag0' in ASCII. */
const seedPurpose = 0x62616730;

/** Options of {@linkcode embeddingBagTrainer}. */
export interface EmbeddingBagOptions extends Omit<MlpOptions, "inputs" | "hidden"> {
  /** Rows of the table of embeddings, which tokens select by their hash; 8192 when left out. */
  readonly buckets?: number;
  /** Length of an embedding; 64 when left out. */
  readonly embedding?: number;
  /** Widths of the hidden layers between the mean embedding and the logits; none when left out. */
  readonly hidden?: readonly number[];
}

/** A trainer network over bags of tokens: the mean of their embeddings, hidden layers and logits (fastText: Joulin et al. 2017). */
export function embeddingBagTrainer(options: EmbeddingBagOptions): Module<TokenLists> {
  const { buckets = 8192, embedding: width = 64, hidden = [], seed } = options;
  const bag = new EmbeddingBag({ buckets, width, seed: hash32(seed, seedPurpose, 0), name: "trainer.embedding" });
  const layers = mlpTrainer({ ...options, inputs: width, hidden });
  return {
    parameters: [...bag.parameters, ...layers.parameters],
    forward: (tokens, context = inference) => layers.forward(bag.forward(tokens), context),
  };
}
