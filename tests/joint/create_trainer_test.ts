import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { createTrainer, Region, ShapeError, tensor, train, type TrainerOptions, TrainingError } from "../../mod.ts";
import { lstmTrainer } from "../../lib/joint/lstm_trainer.ts";
import { blobs } from "./fixtures.ts";

Deno.test("the elements of a sequence: a row of pixels, a value of a table, or what is asked for", async () => {
  const data = blobs(4, { side: 6 });
  const inputs = async (options: object, of = data) =>
    (await createTrainer({ kind: "lstm", hidden: [2], ...options }, { data: of, seed: 1 })).parameters[0].shape[0];
  assertEquals(await inputs({}), 6);
  assertEquals(await inputs({ elementLength: 4 }), 4);
  assertEquals(await inputs({}, { ...data, input: { kind: "table", columns: [] } }), 1);
  const trainer = lstmTrainer({ classes: 3, elementLength: 2, hidden: [4, 2], seed: 1 });
  assertEquals(trainer.forward(tensor([[1, 2, 3, 4], [5, 6, 7, 8]])).shape, [2, 3]);
  assertThrows(() => trainer.forward(tensor([[1, 2, 3]])), ShapeError, "reshape: [1, 3]");
});

Deno.test("a trainer is made in the region that is given", async () => {
  using region = new Region();
  const { parameters } = await createTrainer({ hidden: [3] }, { data: blobs(4), seed: 1, region });
  const before = parameters[0].data.slice();
  region.reset();
  region.run(() => tensor(new Float32Array(64 * 3).fill(7)));
  assertEquals(parameters[0].data.includes(7) && !before.includes(7), true);
  await assertRejects(
    () => createTrainer({ hidden: [0] }, { data: blobs(4), seed: 1 }),
    TrainingError,
    "trainer.hidden",
  );
});

Deno.test("trainers that do not fit the data are refused by name", async () => {
  const refused: [object, string][] = [
    [{ elementLength: 5 }, "trainer.elementLength: a divisor of the 64 features was wanted, 5 found"],
    [{ elementLength: 0 }, "trainer.elementLength"],
    [{ hidden: [] }, "trainer.hidden: at least one layer was wanted for lstm, none found"],
    [{ hidden: [0.5] }, "trainer.hidden"],
    [{ dropout: 1 }, "trainer.dropout: a number of at least 0 and below 1 was wanted, 1 found"],
  ];
  for (const [options, message] of refused) {
    const trainer = { kind: "lstm" as const, ...options };
    const running = () => train({ data: blobs(20), trainer, projections: [{ functions: 1, bitsPerFunction: 2 }] });
    await assertRejects(running, TrainingError, message);
  }
});

Deno.test("a convolutional trainer is for images", async () => {
  const table = { ...blobs(20), input: { kind: "table" as const, columns: [] } };
  const running = train({ data: table, trainer: { kind: "cnn" }, projections: [{ functions: 1, bitsPerFunction: 2 }] });
  await assertRejects(() => running, TrainingError, "trainer.kind: a cnn is for images, and blobs is a table");
});

Deno.test("each kind of trainer has the step size and the weight decay that its help says", async () => {
  const data = blobs(60), projections = [{ functions: 1, bitsPerFunction: 2 }];
  const weights = async (trainer: TrainerOptions, optimizer: { learningRate?: number; weightDecay?: number }) =>
    (await train({ data, trainer, optimizer, projections, epochs: 2, batchSize: 16 })).trainer.state[0].data;
  const cnn = { kind: "cnn", hidden: [4] } as const, mlp = { hidden: [4] };
  assertEquals(await weights(cnn, {}), await weights(cnn, { learningRate: 0.003, weightDecay: 0.05 }));
  assertEquals(await weights(mlp, {}), await weights(mlp, { learningRate: 0.001, weightDecay: 0 }));
  assertNotEquals(await weights(cnn, {}), await weights(cnn, { weightDecay: 0 }));
  assertNotEquals(await weights(cnn, {}), await weights(cnn, { learningRate: 0.001 }));
});
