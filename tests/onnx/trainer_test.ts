import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AdamW,
  crossEntropy,
  type Dataset,
  hash32,
  Region,
  restoreTrainer,
  type SavedTrainer,
  standardizeBy,
  Tape,
  train,
  type TrainerOptions,
  TrainingError,
} from "../../mod.ts";
import { decodeOnnx, exportTrainer, importTrainer, OnnxFormatError, OnnxModelError } from "../../lib/onnx/mod.ts";
import { assertClose } from "../close.ts";
import { blobs } from "../joint/fixtures.ts";
import { runOnnx, valuesOf } from "./run.ts";

const projections = [{ functions: 8 }];

/** A trainer network after a short training. */
async function trained(data: Dataset, trainer: TrainerOptions = {}): Promise<SavedTrainer> {
  const result = await train({ data, trainer, projections, epochs: 1, validation: 0 });
  return { ...result.trainer.description!, state: result.trainer.state };
}

/** A table of floats, one of whose columns lies far from zero and one does not vary. */
function tableOfFloats(count: number): Dataset {
  const labels = Uint16Array.from({ length: count }, (_, row) => hash32(1, 0, row) % 3);
  const features = new Float32Array(4 * count);
  labels.forEach((label, row) => {
    const noise = (column: number): number => hash32(2, row, column) / 2 ** 32;
    features.set([label + noise(0), 1e6 + 2 * label + noise(1), 5, -1e-3 * (label + noise(2))], 4 * row);
  });
  const columns = ["a", "b", "c", "d"];
  return {
    name: "floats",
    input: { kind: "table", columns },
    count,
    featureLength: 4,
    features,
    labels,
    labelNames: ["ash", "bee", "cat"],
  };
}

function logitsOf(saved: SavedTrainer, network: Awaited<ReturnType<typeof restoreTrainer>>, data: Dataset): number[] {
  const rows = Uint32Array.from({ length: data.count }, (_, row) => row);
  return valuesOf(() => network.forward(standardizeBy(saved.standardization)(data).gather(rows)));
}

const kinds: Record<string, TrainerOptions> = {
  "feed-forward": { hidden: [16, 12], dropout: 0.2 },
  "linear": { hidden: [] },
  "convolutional": { kind: "cnn", hidden: [3, 4] },
  "recurrent, of two layers in two directions": { kind: "lstm", hidden: [5, 6], bidirectional: true },
  "recurrent, of pixels, the mean of its states": { kind: "lstm", hidden: [4], reads: "mean", elementLength: 2 },
};

for (const [name, options] of Object.entries(kinds)) {
  Deno.test(`a trainer network (${name}) gives the same logits from its file, and comes back from it to the last bit`, async () => {
    using region = new Region();
    const saved = await trained(blobs(120), options), test = blobs(40, { seed: 2 });
    const bytes = await exportTrainer(saved);
    const network = await restoreTrainer(saved, { region });
    const wanted = logitsOf(saved, network, test);
    const input = { data: test.features as Uint8Array, dims: [40, 8, 8, 1] };
    const { logits, probabilities, class: classes } = await runOnnx(bytes, input, ["logits", "probabilities", "class"]);
    assertClose(logits, wanted, { relative: 1e-4, absolute: 1e-5 });
    for (let row = 0; row < 40; row++) {
      const own = wanted.slice(4 * row, 4 * row + 4), most = Math.max(...own);
      assertEquals(own[classes[row]], most);
      const sum = own.reduce((sum, value) => sum + Math.exp(value - most), 0);
      assertClose(probabilities.slice(4 * row, 4 * row + 4), own.map((value) => Math.exp(value - most) / sum), {
        absolute: 1e-5,
      });
    }
    const back = await importTrainer(bytes);
    assertEquals(back.state, saved.state);
    assertEquals(back.standardization, saved.standardization);
    assertEquals(back.shape, saved.shape);
    assertEquals(await exportTrainer(back), bytes);
  });
}

Deno.test("tables are standardised in the graph as in training, far from zero as well", async () => {
  using region = new Region();
  const data = tableOfFloats(90), saved = await trained(data, { hidden: [6] });
  const bytes = await exportTrainer(saved);
  const wanted = logitsOf(saved, await restoreTrainer(saved, { region }), data);
  const { logits } = await runOnnx(bytes, { data: data.features as Float32Array, dims: [90, 4] });
  assertClose(logits, wanted, { relative: 1e-4, absolute: 1e-5 });
  assertEquals((await importTrainer(bytes)).standardization, saved.standardization);
  assertEquals(decodeOnnx(bytes).inputs[0].shape, ["batch", 4]);
});

Deno.test("one training step from the file is the step without it", async () => {
  const data = blobs(64), rows = Uint32Array.from({ length: 64 }, (_, row) => row);
  for (const options of Object.values(kinds)) {
    const saved = await trained(data, options);
    const step = async (from: SavedTrainer): Promise<number[][]> => {
      using region = new Region();
      const network = await restoreTrainer(from, { region });
      const optimizer = region.run(() => new AdamW(network.parameters, { learningRate: 0.01 }));
      region.run(() => {
        const tape = new Tape(), features = standardizeBy(from.standardization)(data).gather(rows);
        tape.backward(
          tape.record(() => crossEntropy(network.forward(features, { training: true, step: 1 }), data.labels)),
        );
        optimizer.step();
      });
      return [...network.parameters, ...network.state ?? []].map(({ data }) => Array.from(data));
    };
    const wanted = await step(saved), found = await step(await importTrainer(await exportTrainer(saved)));
    assertEquals(found, wanted);
    assert(wanted[0].some((value, i) => value !== saved.state[0].data[i]), "the step changed nothing");
  }
});

Deno.test("training goes on from a file as from the network itself, for the same data only", async () => {
  const data = blobs(120), saved = await trained(data, { hidden: [8] });
  const again = async (continueFrom: SavedTrainer) =>
    (await train({ data, continueFrom, projections, epochs: 1, validation: 0 })).trainer;
  const there = await importTrainer(await exportTrainer(saved));
  const wanted = await again(saved), found = await again(there);
  assertEquals(found, { ...wanted, description: { ...wanted.description, state: there.state } } as typeof found);
  assert(found.state[0].data.some((value, i) => value !== saved.state[0].data[i]), "the training changed nothing");
  const other = { data: blobs(60, { side: 6 }), continueFrom: saved, projections };
  await assertRejects(
    () => train(other),
    TrainingError,
    "the trainer reads images of 8x8x1, and blobs holds images of 6x6x1",
  );
  await assertRejects(
    () => train({ ...other, data: blobs(60, { classes: 3 }) }),
    TrainingError,
    "the trainer's labels are",
  );
  await assertRejects(
    () => train({ data, continueFrom: saved, trainer: {}, projections }),
    TrainingError,
    "trainer and continueFrom found",
  );
});

Deno.test("what was not written as a trainer network, or has been changed since, is refused", async () => {
  const bytes = await exportTrainer(await trained(blobs(60), { hidden: [4] }));
  /** The file with a text in its metadata replaced by another of the same length. */
  const changed = (from: string, to: string): Uint8Array => {
    assertEquals(to.length, from.length);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    assert(text.includes(from), `no ${from} in the file`);
    return Uint8Array.from(text.replaceAll(from, to), (character) => character.charCodeAt(0));
  };
  const refused = (file: Uint8Array, error: new (message: string) => Error, message: string) =>
    assertRejects(() => importTrainer(file), error, message);
  await refused(
    changed("projectionnet.trainer", "projectionnet.strange"),
    OnnxModelError,
    "no entry projectionnet.trainer",
  );
  await refused(changed('"hidden":[4]', '"hidden":[5]'), OnnxFormatError, "larger than the file");
  await refused(
    changed('"hidden":[4]', '"hidden":[3]'),
    OnnxFormatError,
    '"trainer.0.weights" [3, 64] was wanted, [4, 64] found',
  );
  await refused(changed('"hidden":[4]', '"hidden":"4"'), OnnxFormatError, "options.hidden");
  await refused(changed('"featureLength":64', '"featureLength":65'), OnnxFormatError, "featureLength is 65");
  await refused(changed('"width":8', '"width":9'), OnnxFormatError, "featureLength is 64, wanted the 72 of the input");
  await refused(changed('"kind":"image"', '"kind":"photo"'), OnnxFormatError, "input.kind");
  await refused(
    changed("trainer.1.bias", "trainer.1.fear"),
    OnnxFormatError,
    '"trainer.1.bias" [4] was wanted, nothing found',
  );
  await refused(changed('["0","1","2","3"]', '["0","1","2","3",'), OnnxFormatError, "labels is no JSON");
});
