import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { checkGradients, Embedding, EmbeddingBag, multiply, sum, tensor } from "../../mod.ts";

const tokens = { offsets: Int32Array.of(0, 2, 2, 5), ids: Int32Array.of(1, -1, 7, 3, 7) };

Deno.test("Embedding: each token selects a row by its unsigned number, and rows of tokens become sequences", () => {
  const table = new Embedding({ buckets: 4, width: 2, seed: 1 });
  table.weights.data.set([0, 0.5, 10, 10.5, 20, 20.5, 30, 30.5]);
  const { values, layout } = table.forward(tokens);
  // −1 is 2³² − 1, and 7, 3 and −1 all select row 3.
  assertEquals(values.toArray(), [[30, 30.5], [10, 10.5], [30, 30.5], [30, 30.5], [30, 30.5]]);
  assertEquals(Array.from(layout.sizes), [2, 2, 1]);
  assertEquals([layout.position(0, 0), layout.position(2, 0)], [1, 0]);
});

Deno.test("EmbeddingBag: the mean of a row's vectors, zero for a row without tokens", () => {
  const bag = new EmbeddingBag({ buckets: 8, width: 1, seed: 1 });
  bag.weights.data.set([0, 1, 2, 3, 4, 5, 6, 12]);
  assertEquals(bag.forward(tokens).toArray(), [[6.5], [0], [9]]);
});

Deno.test("embeddings learn in the rows that were selected alone", () => {
  for (const Layer of [Embedding, EmbeddingBag]) {
    const layer = new Layer({ buckets: 8, width: 2, seed: 1 });
    const check = checkGradients(() => {
      const output = layer.forward(tokens), values = "values" in output ? output.values : output;
      return sum(multiply(values, multiply(values, tensor([0.5, 1.5]))));
    }, [layer.weights]);
    assert(check.largestError < 4e-3, JSON.stringify(check));
    assert(layer.weights.gradient!.every((slope, i) => (slope !== 0) === [1, 3, 7].includes(i >> 1)));
  }
});

Deno.test("an embedding's first vectors have a length of about 1 and depend on the seed alone", () => {
  const weights = (seed: number) => new Embedding({ buckets: 50, width: 64, seed }).weights.data;
  assertEquals(weights(1), weights(1));
  assertNotEquals(weights(1)[0], weights(2)[0]);
  for (let row = 0; row < 50; row++) {
    const length = Math.hypot(...weights(1).subarray(row * 64, row * 64 + 64));
    assert(length > 0.75 && length < 1.25, `${length}`);
  }
});
