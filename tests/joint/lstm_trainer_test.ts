import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertRejects } from "@std/assert";
import {
  Adam,
  fit,
  type FitData,
  type Module,
  Region,
  type TokenLists,
  tokenRows,
  train,
  TrainingError,
} from "../../mod.ts";
import { embeddingBagTrainer } from "../../lib/joint/embedding_bag_trainer.ts";
import { measureTrainer } from "../../lib/joint/fit.ts";
import { tokenLstmTrainer } from "../../lib/joint/lstm_trainer.ts";
import { blobs, orderedTokens } from "./fixtures.ts";

function rowsOf(count: number, seed: number): FitData<TokenLists> {
  const { tokens, labels } = orderedTokens(count, { seed });
  return { count, labels, features: tokenRows(tokens), codes: [] };
}

/** Accuracy on fresh sentences after training on others. */
async function learn(create: () => Module<TokenLists>): Promise<number> {
  using region = new Region();
  const trainer = region.run(create);
  const optimizer = region.run(() => new Adam(trainer.parameters, { learningRate: 0.01 }));
  const training = rowsOf(600, 1);
  await fit(trainer, { training, networks: [], optimizers: [optimizer], epochs: 6, batchSize: 32, seed: 1 });
  return measureTrainer(trainer, rowsOf(300, 2));
}

const small = { classes: 2, buckets: 64, embedding: 8, seed: 1 };

Deno.test("a recurrent trainer learns the order of tokens, which a bag of them cannot hold", async () => {
  const states = { hidden: [12], dropout: 0.1 };
  assertGreaterOrEqual(await learn(() => tokenLstmTrainer({ ...small, ...states })), 0.97);
  const both = { ...small, ...states, bidirectional: true, reads: "mean" as const };
  assertGreaterOrEqual(await learn(() => tokenLstmTrainer(both)), 0.97);
  assertLess(await learn(() => embeddingBagTrainer({ ...small, hidden: [8] })), 0.65);
});

Deno.test("lengths that are not those of the rows are refused", async () => {
  const trainer = tokenLstmTrainer({ ...small, hidden: [2] });
  const data = rowsOf(10, 1);
  const training = { ...data, features: { ...data.features, lengths: [1, 2] } };
  const optimizers = [new Adam(trainer.parameters, { learningRate: 0.01 })];
  const running = fit(trainer, { training, networks: [], optimizers, epochs: 1, batchSize: 2, seed: 1 });
  await assertRejects(() => running, TrainingError, "training: 10 lengths were wanted, 2 found");
});

Deno.test("the same seed trains the same network over sequences, another seed another", async () => {
  const state = async (seed: number): Promise<Float32Array> => {
    using region = new Region();
    const trainer = region.run(() => tokenLstmTrainer({ ...small, hidden: [4], dropout: 0.2, seed }));
    const optimizer = region.run(() => new Adam(trainer.parameters, { learningRate: 0.01 }));
    await fit(trainer, {
      training: rowsOf(100, 1),
      networks: [],
      optimizers: [optimizer],
      epochs: 1,
      batchSize: 16,
      seed,
    });
    return trainer.parameters[1].data.slice();
  };
  assertEquals(await state(1), await state(1));
  assert((await state(1))[0] !== (await state(2))[0]);
});

Deno.test("joint training with a recurrent trainer over the rows of images", async () => {
  const { trainer, networks } = await train({
    data: blobs(600),
    test: blobs(200, { seed: 2 }),
    trainer: { kind: "lstm", hidden: [12], bidirectional: true },
    projections: [{ functions: 12, bitsPerFunction: 8 }],
    epochs: 6,
    batchSize: 32,
    optimizer: { learningRate: 0.02 },
  });
  assertGreaterOrEqual(trainer.testAccuracy!, 0.95);
  assertGreaterOrEqual(networks[0].test!.accuracy, 0.85);
  assertEquals(trainer.parameters, 2 * (8 * 48 + 12 * 48 + 48) + 24 * 4 + 4);
  assertEquals(trainer.state[0].name, "trainer.lstm.0.inputWeights");
});
