import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { type Dataset, hash32, train, TrainingError } from "../../mod.ts";
import {
  type Dimension,
  exportTrainer,
  OnnxFormatError,
  OnnxModelError,
  onnxTeacher,
  type OnnxTeacherOptions,
} from "../../lib/onnx/mod.ts";
import { GraphWriter } from "../../lib/onnx/graph_writer.ts";
import { inFolder } from "../cli/harness.ts";
import { assertClose } from "../close.ts";
import { blobs } from "../joint/fixtures.ts";
import "./run.ts";

/** Small images of three channels whose label is the channel that is brightest. */
function colors(count: number, seed = 1): Dataset {
  const labels = Uint16Array.from({ length: count }, (_, row) => hash32(seed, 0, row) % 3);
  const features = new Uint8Array(count * 2 * 4 * 3);
  for (let at = 0; at < features.length; at++) {
    const row = Math.floor(at / 24);
    features[at] = (hash32(seed, 1, at) & 127) + (at % 3 === labels[row] ? 60 : 0);
  }
  const input = { kind: "image", width: 4, height: 2, channels: 3 } as const;
  return { name: "colors", input, count, featureLength: 24, features, labels, labelNames: ["red", "green", "blue"] };
}

interface ForeignOptions {
  /** Axes of the input. */
  readonly shape?: readonly Dimension[];
  /** The places of the channels' pixels in a row of the input. */
  readonly channelOf?: (place: number) => number;
  readonly type?: "float32" | "uint8" | "float64" | "int32";
  readonly softmax?: boolean;
  /** What the pixels are multiplied by and what is added, to be as they were in training. */
  readonly scale?: number;
  readonly offset?: number;
  readonly metadata?: Record<string, string>;
  readonly denotations?: readonly string[];
  readonly classes?: number;
}

/** A classifier that adds up the pixels of each channel, for what an exporter of another framework might have made of it. */
function foreign(options: ForeignOptions = {}): Uint8Array {
  const { shape = ["N", 3, 2, 4], channelOf = (place) => Math.floor(place / 8), type = "float32", softmax } = options;
  const { scale = 1, offset = 0, classes = 3, metadata = {}, denotations } = options;
  const graph = new GraphWriter();
  let x = graph.input("pixels", { type, shape, denotations });
  if (type !== "float32") x = graph.cast(x, "float32");
  x = graph.reshape(x, [-1, 24]);
  const number = (name: string, value: number): string => graph.constant(name, Float32Array.of(value), []);
  const pixels = graph.node("Add", [graph.node("Mul", [x, number("scale", scale)]), number("offset", offset)]);
  // As with networks, the answers are bad when pixels are not what they were in training.
  const steep = graph.node("Mul", [graph.node("Sub", [pixels, number("middle", 0.5)]), number("slope", 20)]);
  const bright = graph.node("Clip", [steep, number("least", -1), number("most", 1)]);
  const weights = Float32Array.from(
    { length: 24 * classes },
    (_, at) => channelOf(Math.floor(at / classes)) === at % classes ? 1 : 0,
  );
  let y = graph.node("MatMul", [bright, graph.constant("weights", weights, [24, classes])], { output: "answer" });
  if (softmax) y = graph.node("Softmax", [y], { output: "chances" });
  graph.output(y, { type: "float32", shape: [shape[0], classes] });
  return graph.finish({ name: "foreign", documentation: "", metadata });
}

async function teach(bytes: Uint8Array, options: Partial<OnnxTeacherOptions> = {}) {
  const data = options.data ?? colors(60);
  const teacher = await onnxTeacher(bytes, { data, name: "foreign.onnx", ...options });
  try {
    return { ...teacher, answers: await teacher.logits(data) };
  } finally {
    await teacher.release();
  }
}

const last = (place: number): number => place % 3;
const unit = { scale: 1, offset: 0 };

Deno.test("images go in as the graph wants them: axes in either order, flat, batches of a fixed length, other types", async () => {
  const wanted = (await teach(foreign(), { scaling: "unit" })).answers;
  const cases: [name: string, model: ForeignOptions, options: Partial<OnnxTeacherOptions>][] = [
    ["nhwc", { shape: ["N", 2, 4, 3], channelOf: last }, {}],
    [
      "nhwc",
      { shape: ["N", null, null, null], channelOf: last, denotations: ["DATA_BATCH", "", "", "DATA_CHANNEL"] },
      {},
    ],
    ["nhwc", { shape: ["N", null, null, null], channelOf: last }, { layout: "nhwc" }],
    ["nchw", { shape: ["N", "C", "H", "W"] }, {}],
    ["nchw", { shape: [1, 3, 2, 4] }, {}],
    ["nchw", { shape: [7, 3, 2, 4] }, {}],
    ["flat", { shape: ["N", 24], channelOf: last }, {}],
    ["nchw", { type: "float64" }, {}],
    ["nchw", {}, { batchSize: 11 }],
    ["nchw", { type: "uint8", scale: 1 / 255 }, { scaling: "raw" }],
    ["nchw", { type: "int32", scale: 1 / 255 }, { scaling: "raw" }],
    ["nchw", { scale: 0.25, offset: 0.4 }, { scaling: { mean: [0.4], deviation: [0.25] } }],
  ];
  for (const [layout, model, options] of cases) {
    const found = await teach(foreign({ ...unit, ...model }), { scaling: "unit", ...options });
    assertEquals(found.layout, layout);
    assertClose(found.answers, wanted, { absolute: 2e-5, message: JSON.stringify([model, options]) });
  }
});

Deno.test("what the pixels are is found out, unless the file says so", async () => {
  const scalings: [ForeignOptions, string][] = [
    [{ scale: 1, offset: 0 }, "unit"],
    [{ scale: 1 / 255, offset: 0 }, "raw"],
    [{ scale: 1 / 255, offset: 0, type: "uint8" }, "raw"],
    [{ scale: 0.5, offset: 0.5 }, "signed"],
  ];
  for (const [model, wanted] of scalings) {
    const { scaling, sampleAccuracy, gives } = await teach(foreign(model));
    assertEquals([scaling, gives], [wanted, "logits"]);
    assertGreaterOrEqual(sampleAccuracy, 0.95);
  }
  const told = await teach(foreign({ metadata: { "Image.NominalPixelRange": "Normalized_1_1" } }));
  assertEquals(told.scaling, "signed");
});

Deno.test("probabilities count by their logarithms, and labels by their names", async () => {
  const data = colors(60);
  const logits = await teach(foreign(), { data, scaling: "unit" });
  const chances = await teach(foreign({ softmax: true }), { data, scaling: "unit" });
  assertEquals([logits.gives, chances.gives, logits.output, chances.output], [
    "logits",
    "probabilities",
    "answer",
    "chances",
  ]);
  for (let row = 0; row < data.count; row++) {
    const of = (values: Float32Array): Float32Array => values.slice(3 * row, 3 * row + 3);
    const total = Math.log(of(logits.answers).reduce((sum, value) => sum + Math.exp(value), 0));
    assertClose(of(chances.answers), of(logits.answers).map((value) => value - total), { absolute: 1e-4 });
  }
  const metadata = { labels: '["green","blue","red"]' };
  const shifted = await teach(foreign({ channelOf: (place) => (Math.floor(place / 8) + 2) % 3, metadata }), {
    data,
    scaling: "unit",
  });
  assertEquals(shifted.answers, logits.answers);
  const others = foreign({ metadata: { labels: '["a","b","c"]' } });
  await assertRejects(
    () => teach(others, { data }),
    OnnxModelError,
    'foreign.onnx: the labels are ["a","b","c"], those of colors',
  );
});

Deno.test("a teacher tells how far it is, and stops when it is told to", async () => {
  const data = colors(25), seen: number[] = [];
  await teach(foreign(), {
    data,
    scaling: "unit",
    batchSize: 10,
    onProgress: ({ done, rows }) => seen.push(done / rows),
  });
  assertEquals(seen, [0.4, 0.8, 1, 0.4, 0.8, 1]);
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("enough"));
  await assertRejects(
    () => teach(foreign(), { data, batchSize: 10, onProgress, signal: controller.signal }),
    Error,
    "enough",
  );
});

Deno.test("a mismatch says which tensor, what was found and what was wanted", async () => {
  const cases: [bytes: Uint8Array, options: Partial<OnnxTeacherOptions>, message: string][] = [
    [
      foreign({ shape: ["N", 3, 32, 32] }),
      {},
      'foreign.onnx: input "pixels" is [N, 3, 32, 32] of float32; for colors [batch, 3, 2, 4] (nchw) or [batch, 2, 4, 3] (nhwc) or [batch, 24] (flat) was wanted',
    ],
    [foreign(), { layout: "flat" }, "for colors and the layout flat"],
    [foreign({ shape: [2 ** 31 - 1, 3, 2, 4] }), {}, "batches of a fixed length of at most 4096 were wanted"],
    [foreign({ classes: 10 }), {}, 'an output [batch, 3] of float32 was wanted, "answer" [N, 10] of float32 found'],
    [foreign(), { output: "logits" }, 'there is no output "logits"; there are "answer" [N, 3] of float32'],
    [foreign(), { scaling: { mean: [1, 2], deviation: [1] } }, "mean has 2 numbers, wanted 1 or 3"],
  ];
  for (const [bytes, options, message] of cases) {
    await assertRejects(() => teach(bytes, options), OnnxModelError, message);
  }
  await assertRejects(() => teach(new Uint8Array(9).fill(255)), OnnxFormatError);
  const graph = new GraphWriter();
  const sum = graph.node("Add", [
    graph.input("a", { type: "float32", shape: ["N", 24] }),
    graph.input("b", { type: "float32", shape: ["N", 24] }),
  ]);
  graph.output(sum, { type: "float32", shape: ["N", 3] });
  const two = graph.finish({ name: "two", documentation: "", metadata: {} });
  await assertRejects(() => teach(two), OnnxModelError, 'one input was wanted, "a", "b" found');
  const strange = new GraphWriter();
  const out = strange.node("Sorcery", [strange.input("pixels", { type: "float32", shape: ["N", 24] })]);
  strange.output(out, { type: "float32", shape: ["N", 3] });
  const unknown = strange.finish({ name: "strange", documentation: "", metadata: {} });
  await assertRejects(() => teach(unknown), OnnxModelError, "foreign.onnx: onnxruntime-web says:");
});

Deno.test("a teacher's answers are kept on disk by the hash of model and data, and computed again when the file is damaged", () =>
  inFolder(async (folder) => {
    const cache = `${folder}/kept`, data = colors(40), bytes = foreign();
    const files = (): string[] => [...Deno.readDirSync(cache)].map(({ name }) => `${cache}/${name}`).sort();
    const first = await teach(bytes, { data, cache });
    const kept = files();
    assertEquals(kept.length, 2);
    // Without the model's constants onnxruntime could not answer.
    const again = await teach(bytes, { data, cache });
    assertEquals([again.answers, again.scaling, again.sampleAccuracy], [
      first.answers,
      first.scaling,
      first.sampleAccuracy,
    ]);
    assertEquals(files(), kept);
    for (const file of kept) {
      const content = await Deno.readFile(file);
      content[content.length - 1] ^= 1;
      await Deno.writeFile(file, content);
    }
    assertEquals((await teach(bytes, { data, cache })).answers, first.answers);
    await teach(bytes, { data: colors(40, 2), cache });
    assertEquals(files().length, 4);
    await teach(foreign({ scale: 1.5 }), { data, cache });
    assertEquals(files().length, 6);
  }));

Deno.test("a projection network learns from a teacher what its trainer network would have taught, and the teacher stays as it is", async () => {
  const data = blobs(400), test = blobs(200, { seed: 2 });
  const options = {
    data,
    test,
    projections: [{ functions: 60, lambda: [1, 0] as const }],
    epochs: 8,
    batchSize: 16,
    seed: 3,
  };
  const first = await train({ ...options, trainer: { hidden: [24] } });
  const bytes = await exportTrainer({ ...first.trainer.description!, state: first.trainer.state });
  const teacher = await onnxTeacher(bytes, { data });
  try {
    const taught = await train({ ...options, teacher });
    assertEquals(taught.trainer.testAccuracy, first.trainer.testAccuracy);
    assertEquals(taught.trainer.state, []);
    assertEquals(taught.trainer.description, undefined);
    assertGreaterOrEqual(taught.trainer.parameters, first.trainer.parameters);
    // No label was looked at: lambda3 is 0.
    assertGreaterOrEqual(taught.networks[0].test!.accuracy, first.networks[0].test!.accuracy - 0.06);
    const refused = (more: object, message: string) =>
      assertRejects(() => train({ ...options, teacher, ...more }), TrainingError, message);
    await refused({ trainer: {} }, "one trainer was wanted, trainer and teacher found");
    await refused({ augment: { shift: 1 } }, "augment: a teacher is run over the images as they are");
    await refused(
      { projectFrom: { stage: "hidden" } },
      "layers that are trained from the start were wanted, teacher found",
    );
    await refused({ trainerLearns: true }, "trainerLearns: a teacher is not changed");
    await assertRejects(() => teacher.logits(blobs(4, { side: 6 })), OnnxModelError, "for blobs");
    const broken = {
      name: "broken",
      parameters: 0,
      logits: ({ count }: Dataset) => Promise.resolve(new Float32Array(4 * count).fill(NaN)),
    };
    await assertRejects(
      () => train({ ...options, teacher: broken }),
      TrainingError,
      "teacher: broken gives NaN for row 0 of blobs",
    );
    const short = { ...broken, logits: () => Promise.resolve(new Float32Array(3)) };
    await assertRejects(
      () => train({ ...options, teacher: short }),
      TrainingError,
      "logits for 360 rows of blobs were wanted, 3 found",
    );
  } finally {
    await teacher.release();
  }
  assert(first.trainer.testAccuracy! > 0.8, `${first.trainer.testAccuracy}`);
});

/**
 * What torch.onnx.export of PyTorch 1.13.1 made of Conv2d(3, 2, 2), BatchNorm2d(2), ReLU, Flatten, Linear(6, 3), Softmax(1) with the seed 1, and what that
 * network gives for the images x[n, c, h, w] = (24 n + 8 c + 4 h + w) * 5 / 255.
 */
const ofTorch = {
  file: [
    "CAcSB3B5dG9yY2gaBjEuMTMuMDrDBgqkAQoFaW1hZ2UKDW9ubng6OkNvbnZfMTcKDW9ubng6OkNvbnZfMTgSEC8wL0NvbnZfb3V0cHV0XzAaBy",
    "8wL0NvbnYiBENvbnYqEgoJZGlsYXRpb25zQAFAAaABByoMCgVncm91cBgBoAECKhUKDGtlcm5lbF9zaGFwZUACQAKgAQcqEQoEcGFkc0AAQABA",
    "AEAAoAEHKhAKB3N0cmlkZXNAAUABoAEHCjMKEC8wL0NvbnZfb3V0cHV0XzASEC8yL1JlbHVfb3V0cHV0XzAaBy8yL1JlbHUiBFJlbHUKSQoQLz",
    "IvUmVsdV9vdXRwdXRfMBITLzMvRmxhdHRlbl9vdXRwdXRfMBoKLzMvRmxhdHRlbiIHRmxhdHRlbioLCgRheGlzGAGgAQIKeAoTLzMvRmxhdHRl",
    "bl9vdXRwdXRfMAoINC53ZWlnaHQKBjQuYmlhcxIQLzQvR2VtbV9vdXRwdXRfMBoHLzQvR2VtbSIER2VtbSoPCgVhbHBoYRUAAIA/oAEBKg4KBG",
    "JldGEVAACAP6ABASoNCgZ0cmFuc0IYAaABAgo8ChAvNC9HZW1tX291dHB1dF8wEgZzY29yZXMaCi81L1NvZnRtYXgiB1NvZnRtYXgqCwoEYXhp",
    "cxgBoAECEgl0b3JjaF9qaXQqWggDCAYQAUIINC53ZWlnaHRKSIA1eT41OWM+rFTMvuaTgT71kuk9IUXGPsD3iT7ocr6+r73GvhujSb6xi7c+YE",
    "SLvSfoMj5YRUK+5hjNPu7fML5rwJw+WGmeOyoaCAMQAUIGNC5iaWFzSgzsO1y+yuFWPkroXb4qewgCCAMIAggCEAFCDW9ubng6OkNvbnZfMTdK",
    "YBFQGD7jeAK+KDllvQ+/Cj4uJYu+DUcxPkpAc725YhY+7V8kPWTHEL0P+qM9MVJpPJzs1z2GZOa9bGqsvOHl1LwAYis9+SaXuuEzgT4N+rc9/y",
    "rcvTeIMr6jMEa9nQL/vSodCAIQAUINb25ueDo6Q29udl8xOEoISnO9vVZ2YjxaJAoFaW1hZ2USGwoZCAESFQoHEgViYXRjaAoCCAMKAggCCgII",
    "BGIdCgZzY29yZXMSEwoRCAESDQoHEgViYXRjaAoCCANCAhAO",
  ],
  probabilities: [
    0.28346019983291626,
    0.4335424602031708,
    0.28299736976623535,
    0.285539835691452,
    0.42331841588020325,
    0.2911417484283447,
  ],
};

Deno.test("a file that PyTorch wrote gives PyTorch's probabilities", async () => {
  const bytes = Uint8Array.from(atob(ofTorch.file.join("")), (character) => character.charCodeAt(0));
  const features = new Uint8Array(48);
  features.forEach((_, at) => {
    const n = Math.floor(at / 24), h = Math.floor(at / 12) % 2, w = Math.floor(at / 3) % 4, c = at % 3;
    features[at] = (24 * n + 8 * c + 4 * h + w) * 5;
  });
  const { layout, gives, output, parameters, answers } = await teach(bytes, {
    data: { ...colors(2), features },
    scaling: "unit",
  });
  assertEquals([layout, gives, output], ["nchw", "probabilities", "scores"]);
  // Batch normalisation was folded into the convolution: 2 * 3 * 2 * 2 + 2 and 3 * 6 + 3 values.
  assertEquals(parameters, 26 + 21);
  assertClose(answers.map(Math.exp), ofTorch.probabilities, { absolute: 1e-6 });
});
