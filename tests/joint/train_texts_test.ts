import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { distortText, parseTexts, type TextDataset } from "../../lib/data/mod.ts";
import { type SelectProgress, TrainingError, type TrainTextOptions, trainTexts } from "../../lib/joint/mod.ts";
import { loadPnet } from "../../lib/packed/mod.ts";
import { testNumbers } from "../projection/reference.ts";

const TOPICS = {
  time: ["alarm", "clock", "timer", "wake", "minutes", "hour"],
  music: ["song", "album", "band", "jazz", "volume", "play"],
  food: ["pizza", "soup", "recipe", "oven", "salt", "bread"],
};

/** Texts of common words and one or two of a topic; the first topics are more frequent. */
async function makeTexts(count: number, seed: number): Promise<TextDataset> {
  const next = testNumbers(seed);
  const pick = (words: readonly string[]): string => words[Math.floor(next() * words.length)];
  const lines = Array.from({ length: count }, () => {
    const topic = pick(["time", "time", "time", "music", "music", "food"]) as keyof typeof TOPICS;
    const filler = Array.from({ length: 3 }, () => pick(["please", "the", "a", "now", "could", "you", "my", "for"]));
    filler.splice(Math.floor(next() * 3), 0, pick(TOPICS[topic]));
    return `${topic}\t${filler.join(" ")}`;
  });
  return await parseTexts(new TextEncoder().encode(lines.join("\n")), { file: `texts ${seed}` });
}

const data = await makeTexts(300, 1), test = await makeTexts(100, 2);
const SMALL: TrainTextOptions = {
  data,
  test,
  projections: [{ functions: 600 }],
  epochs: 6,
  trainer: { buckets: 1024 },
};

Deno.test("trainTexts: every trainer learns beside a network whose file fits", async () => {
  for (const kind of ["linear", "mlp", "bag", "lstm"] as const) {
    const { networks: [network], trainer, epochs } = await trainTexts({
      ...SMALL,
      trainer: { kind, buckets: 1024, hidden: kind === "mlp" || kind === "lstm" ? [16] : undefined },
      projections: [{ functions: 600, maxBytes: 500 }],
      epochs: kind === "bag" ? 20 : 8,
    });
    assert(network.bytes.length <= 500 && network.bytes.length > 400, `${network.bytes.length} bytes`);
    assert(network.test!.accuracy > 0.9, `${kind}: projection ${network.test!.accuracy}`);
    assert(trainer.testAccuracy! > 0.9, `${kind}: trainer ${trainer.testAccuracy}`);
    assertEquals(epochs, kind === "bag" ? 20 : 8);
    assertEquals(network.test!.accuracy, countRight(network.bytes, test) / test.count);
  }
});

function countRight(bytes: Uint8Array, { texts, labels }: TextDataset): number {
  const classifier = loadPnet(bytes);
  return texts.filter((text, row) => classifier.classify(text).index === labels[row]).length;
}

Deno.test("trainTexts: Adam's epsilon is 0.001 for hashed features unless said otherwise", async () => {
  const bytesWith = async (epsilon?: number): Promise<Uint8Array> => {
    const given = epsilon === undefined ? {} : { optimizer: { epsilon }, projectionOptimizer: { epsilon } };
    return (await trainTexts({ ...SMALL, epochs: 2, ...given })).networks[0].bytes;
  };
  const usual = await bytesWith();
  assertEquals(await bytesWith(1e-3), usual);
  assert((await bytesWith(1e-8)).join() !== usual.join());
});

Deno.test("trainTexts: the same seed gives the same file, another another", async () => {
  const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => trainTexts({ ...SMALL, seed })));
  assertEquals(first.networks[0].bytes, again.networks[0].bytes);
  assert(first.networks[0].bytes.join() !== other.networks[0].bytes.join());
});

Deno.test("trainTexts: spelling mistakes in training texts, the same from the same seed, make a network that bears them", async () => {
  const misspelt = {
    ...test,
    texts: test.texts.map((text, row) => distortText(text, { probability: 1, seed: 9, epoch: 0, row })),
  };
  const options = { ...SMALL, test: misspelt, projections: [{ functions: 600, maxBytes: 900 }], epochs: 12 };
  const [plain, first, again] = await Promise.all([0, 0.5, 0.5].map((distort) => trainTexts({ ...options, distort })));
  assertEquals(first.networks[0].bytes, again.networks[0].bytes);
  const [without, withMistakes] = [plain, first].map(({ networks: [{ test }] }) => test!.accuracy);
  assert(withMistakes > without + 0.03, `${without} without and ${withMistakes} with mistakes in training`);
});

Deno.test("trainTexts: sums are cut where asked and rows chosen from a pool, and both gain", async () => {
  const dense = { functions: 24, entries: "sign", head: "int8" } as const;
  const events: SelectProgress[] = [];
  const { networks } = await trainTexts({
    ...SMALL,
    projections: [
      dense,
      { ...dense, select: { pool: 600 } },
      { ...dense, select: { pool: 600, by: "prune" }, thresholds: "median" },
      { ...dense, thresholds: "mean" },
    ],
    epochs: 20,
    onSelect: (event) => events.push(event),
  });
  const [first, greedy, prune, mean] = networks;
  for (const { bytes, test: report } of networks) assertEquals(report!.accuracy, countRight(bytes, test) / test.count);
  for (const { model, test: report } of [greedy, prune]) {
    assertEquals([model.projection.selection?.pool, model.projection.selection?.indices.length], [600, 24]);
    assert(report!.accuracy > first.test!.accuracy + 0.05, `${first.test!.accuracy} and ${report!.accuracy} selected`);
  }
  assertEquals(first.model.thresholds, new Int32Array(24));
  assert(mean.model.thresholds.some((threshold) => threshold !== 0));
  // At the median half of the training texts have a bit, or fewer where many have the same sum.
  const set = data.texts.map((text) => loadPnet(prune.bytes).codes(text));
  const share = set.flatMap((code) => [...code]).reduce(
    (sum, byte) => sum + byte.toString(2).replaceAll("0", "").length,
    0,
  );
  assert(share > 0.3 * 24 * data.count && share < 0.6 * 24 * data.count);
  assertEquals(events.at(-1)?.pool, 600);
});

Deno.test("trainTexts: parts of texts in training make a network that bears short texts", async () => {
  const long = {
    ...data,
    texts: data.texts.map((text, row) => `${text} ${data.texts[(row + 7) % data.count].slice(0, 9)}`),
  };
  const shape = { ...SMALL, data: long, projections: [{ functions: 600, maxBytes: 900 }] };
  const [plain, first, again] = await Promise.all([0, 0.9, 0.9].map((crop) => trainTexts({ ...shape, crop })));
  assertEquals(first.networks[0].bytes, again.networks[0].bytes);
  assert(first.networks[0].bytes.join() !== plain.networks[0].bytes.join());
});

Deno.test("trainTexts: probabilities are calibrated, and the share asked for is rejected", async () => {
  const { networks: [{ bytes }] } = await trainTexts({ ...SMALL, validation: test, reject: 0.2 });
  const classifier = loadPnet(bytes);
  const answers = classifier.classifyBatch(test.texts);
  const sure = answers.reduce((sum, { probability }) => sum + probability, 0) / test.count;
  assertAlmostEquals(sure, countRight(bytes, test) / test.count, 0.1);
  const rejected = answers.filter((answer) => answer.rejected).length;
  assert(rejected <= 20 && rejected > 0, `${rejected} of ${test.count}`);
});

Deno.test("trainTexts: balance takes the frequency of classes out of the answers", async () => {
  // The texts tell nothing: a network can only learn that one class is four times as frequent.
  const texts = new Array<string>(200).fill("the same words");
  const labels = Uint16Array.from(texts, (_, i) => i % 5 === 0 ? 0 : 1);
  const same = { ...data, count: 200, texts, labels, labelNames: ["rare", "usual"] };
  for (const [balance, wanted] of [[0, 0.2], [0.5, 1 / 3], [1, 0.5]]) {
    const { networks: [{ bytes }] } = await trainTexts({
      ...SMALL,
      data: same,
      test: undefined,
      validation: 0,
      balance,
      epochs: 30,
    });
    assertAlmostEquals(loadPnet(bytes).classify("the same words").probabilities[0], wanted, 0.06);
  }
});

Deno.test("trainTexts: what does not fit is refused before the training", async () => {
  const cases: [string, Partial<TrainTextOptions>][] = [
    ["epochs: ", { epochs: 0 }],
    ["distort: ", { distort: 2 }],
    ["crop: ", { crop: -1 }],
    ["select: is for sums", { projections: [{ functions: 60, select: { pool: 100 } }] }],
    ["thresholds: is for sums", { projections: [{ functions: 60, thresholds: "mean" }] }],
    ["selection: pool is 59, wanted an integer 60", {
      projections: [{ functions: 60, entries: "sign", select: { pool: 59 } }],
    }],
    ["balance: ", { balance: 2 }],
    ["reject: a number", { reject: -1 }],
    ["reject: chooses on validation", { reject: 0.1, validation: 0 }],
    ["validation: ", { validation: 1 }],
    ["seed: ", { seed: -1 }],
    ["at least one projection network", { projections: [] }],
    ["maxBytes: ", { projections: [{ functions: 100, maxBytes: 0.5 }] }],
    ["data: at least one row", { data: { ...data, count: 0 } }],
    ["at least 2 classes", { data: { ...data, labels: data.labels.map(() => 0), labelNames: ["x"] }, test: undefined }],
    ["test: class 0", { test: { ...test, labelNames: ["a", "b", "c"] } }],
    ["lambda: ", { lambda: [1, -1, 1] }],
  ];
  for (const [message, change] of cases) {
    await assertRejects(() => trainTexts({ ...SMALL, ...change }), TrainingError, message);
  }
  await assertRejects(
    () => trainTexts({ ...SMALL, projections: [{ functions: 600, maxBytes: 60 }] }),
    TrainingError,
    "without any weight it has",
  );
});
