import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Dataset, Region, restoreTrainer, type SavedTrainer, train, TrainingError } from "../../mod.ts";
import { prepareTrainer } from "../../lib/joint/saved_trainer.ts";
import { blobs } from "./fixtures.ts";

async function trained(data: Dataset): Promise<SavedTrainer> {
  const { trainer: { description, state } } = await train({
    data,
    trainer: { hidden: [5] },
    projections: [{ functions: 4 }],
    epochs: 1,
    validation: 0,
  });
  return { ...description!, state };
}

Deno.test("a training tells what its trainer is, and the network comes back from that with the same values", async () => {
  const data = blobs(40), saved = await trained(data);
  assertEquals([saved.options, saved.shape.bytes, saved.shape.labelNames], [{ hidden: [5] }, true, data.labelNames]);
  using region = new Region();
  const network = await restoreTrainer(saved, { region });
  assertEquals(network.parameters.map(({ data }) => Array.from(data)), saved.state.map(({ data }) => Array.from(data)));
});

Deno.test("values that are not those of the network are refused by name", async () => {
  const saved = await trained(blobs(40)), { state } = saved;
  using region = new Region();
  const refused = (state: SavedTrainer["state"], message: string) =>
    assertRejects(() => restoreTrainer({ ...saved, state }, { region }), TrainingError, message);
  await refused(state.slice(1), "trainer.0.weights [64, 5] was wanted, trainer.0.bias [5] found");
  await refused(state.slice(0, 3), "trainer.1.bias [4] was wanted, nothing found");
  await refused([...state, { ...state[0], name: "more" }], "more is no part of the network");
  await refused(
    [{ ...state[0], shape: [5, 64] }, ...state.slice(1)],
    "trainer.0.weights [64, 5] was wanted, trainer.0.weights [5, 64] found",
  );
});

Deno.test("a teacher is asked once for each part of the data, and its answers are what the network passes on", async () => {
  const training = blobs(6), test = blobs(4, { seed: 2 }), asked: string[] = [];
  const teacher = {
    name: "counter",
    parameters: 7,
    logits({ count, labelNames }: Dataset): Promise<Float32Array> {
      asked.push(`${count}`);
      return Promise.resolve(Float32Array.from({ length: count * labelNames.length }, (_, i) => i));
    },
  };
  const prepare = await prepareTrainer({ teacher }, [training, test]);
  assertEquals(asked, ["6", "4"]);
  using region = new Region();
  region.run(() => {
    const { network, optimizer, parameters, description, rows } = prepare();
    assertEquals([network.parameters, optimizer, parameters, description], [[], undefined, 7, undefined]);
    assertEquals(network.forward(rows(test).gather(Uint32Array.of(3, 1))).toArray(), [[12, 13, 14, 15], [4, 5, 6, 7]]);
  });
});

Deno.test("a saved trainer that is not described, or by no numbers and texts, is refused", async () => {
  const image = { kind: "image", width: 2, height: 2, channels: 1 };
  const shape = { name: "x", input: image, featureLength: 4, labelNames: ["a", "b"], bytes: true };
  const standardization = { factors: Float64Array.of(1), offsets: Float64Array.of(0) };
  const damages = [
    ...[
      { input: { ...image, width: null } },
      { input: { ...image, width: 3 } },
      { input: undefined },
      { featureLength: NaN },
      { labelNames: ["a", 1] },
      { input: { kind: "table" } },
    ].map((damage) => ({ shape: { ...shape, ...damage } })),
    { shape: undefined },
    { options: undefined },
    { options: null },
    { standardization: undefined },
    { standardization: { factors: standardization.factors } },
    { standardization: { ...standardization, factors: new Float64Array(3) } },
    { standardization: { factors: [1], offsets: [0] } },
  ];
  for (const damage of damages) {
    const saved = { options: { hidden: [] }, shape, standardization, state: [], ...damage };
    const found = await assertRejects(() => restoreTrainer(saved as unknown as SavedTrainer), TrainingError);
    assertStringIncludes(found.message, "not all described", JSON.stringify(damage));
  }
});
