import { assertEquals } from "@std/assert";
import { Adam, fit, Region, tokenRows } from "../../mod.ts";
import { embeddingBagTrainer } from "../../lib/joint/embedding_bag_trainer.ts";
import { measureTrainer } from "../../lib/joint/fit.ts";

Deno.test("a trainer over a bag of embeddings learns which tokens occur", async () => {
  using region = new Region();
  const trainer = region.run(() => embeddingBagTrainer({ classes: 3, buckets: 64, embedding: 8, seed: 1 }));
  const offsets = Int32Array.from({ length: 121 }, (_, i) => 3 * i);
  const ids = Int32Array.from({ length: 360 }, (_, i) => i % 3 === 1 ? 40 + Math.floor(i / 3) % 3 : i * i % 30);
  const labels = Uint8Array.from({ length: 120 }, (_, row) => row % 3);
  const training = { count: 120, labels, features: tokenRows({ offsets, ids }), codes: [] };
  const optimizer = region.run(() => new Adam(trainer.parameters, { learningRate: 0.03 }));
  await fit(trainer, { training, networks: [], optimizers: [optimizer], epochs: 15, batchSize: 16, seed: 1 });
  assertEquals(measureTrainer(trainer, training), 1);
});
