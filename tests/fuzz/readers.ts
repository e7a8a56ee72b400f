/**
 * Every reader of files that may come from anywhere: valid files by their real writers, how they fall apart, what is done with a changed one, and how a reader
 * may refuse it. A new reader is one entry more.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointOptions,
  readCheckpoint,
  type SavedTrainer,
  type TextDataset,
  train,
  type TrainerOptions,
  TrainingError,
  trainTexts,
} from "../../mod.ts";
import { openCifar } from "../../lib/data/cifar.ts";
import type { Dataset, StoredDataset } from "../../lib/data/dataset.ts";
import { DataFormatError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { formatEdges, parseEdges } from "../../lib/data/graph.ts";
import { gunzip } from "../../lib/data/gzip.ts";
import { openIdxImages } from "../../lib/data/idx_images.ts";
import { parseNodeLabels, parseNodeSplit } from "../../lib/data/nodes.ts";
import { decodePng } from "../../lib/data/png.ts";
import { parseSparse } from "../../lib/data/sparse.ts";
import { parseTable } from "../../lib/data/table.ts";
import { readTar } from "../../lib/data/tar.ts";
import { takeRows, takeTexts } from "../../lib/data/take_rows.ts";
import { loadTexts, parseTexts } from "../../lib/data/text.ts";
import type { StoredTextDataset } from "../../lib/data/text_dataset.ts";
import {
  exportProjection,
  exportTrainer,
  importTrainer,
  inspectOnnx,
  OnnxFormatError,
  OnnxModelError,
  onnxTeacher,
} from "../../lib/onnx/mod.ts";
import type { Classifier } from "../../lib/packed/classifier.ts";
import { encodePnet } from "../../lib/packed/encode.ts";
import { PnetFormatError } from "../../lib/packed/errors.ts";
import { inspectPnet } from "../../lib/packed/inspect.ts";
import { classifyLines } from "../../lib/packed/jsonl.ts";
import { decodePnet, loadPnet } from "../../lib/packed/load.ts";
import type { AnyModel } from "../../lib/packed/model.ts";
import { loadPnetWasm } from "../../lib/packed/runtime_trunk_wasm.ts";
import { cifar100Files, cifar10Files, cifarRecord, tarBytes } from "../data/cifar_fixtures.ts";
import { concatenated, gzipped, idxBytes, range, text as encoded } from "../data/fixtures.ts";
import { encodePng } from "../data/png_fixtures.ts";
import { blobs } from "../joint/fixtures.ts";
import { FAMILIES, INPUTS, type LayerKind, makeModel, suits } from "../packed/models.ts";
import { makeTextModel } from "../packed/text_models.ts";
import { makeTrunkModel, makeTrunks } from "../packed/trunk_models.ts";
import type { Dice } from "./dice.ts";
import {
  checkpointParts,
  type FileParts,
  gzipParts,
  onnxParts,
  pnetParts,
  pngParts,
  tarGzipParts,
  tarParts,
} from "./parts.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

/** Where a case takes place. */
export interface CaseContext {
  readonly dice: Dice;
  /** A folder of its own, for readers of paths. */
  readonly folder: string;
}

/** A reader and what is expected of it. */
export interface FuzzReader {
  /** Valid files. */
  seeds(): Uint8Array[] | Promise<Uint8Array[]>;
  /** How they fall apart; lines of texts when left out. */
  readonly parts?: FileParts;
  /** Whether they are text, or have text in them. */
  readonly text?: boolean | "partly";
  /** Reads a file and uses what it holds; throws one of `refusals`, or an AssertionError for an answer that cannot be. */
  read(bytes: Uint8Array<ArrayBuffer>, context: CaseContext): unknown;
  /** The errors that refuse a file. */
  readonly refusals: readonly ErrorClass[];
  /** The most bytes of arrays that a file may make a reader allocate: so many whatever the file, and so many for each of its bytes. */
  readonly most: { readonly fixed: number; readonly perByte: number };
}

/** The readers by name. */
export const READERS: Readonly<Record<string, FuzzReader>> = {
  "pnet": {
    seeds: modelFiles,
    parts: pnetParts,
    read: usePnet,
    refusals: [PnetFormatError],
    most: { fixed: 2 ** 29, perByte: 1000 },
  },
  "pnet base64": {
    seeds: () => modelFiles().filter((_, i) => i % 9 === 0).map((bytes) => encoded(base64(bytes))),
    read: (bytes) => loadPnet(new TextDecoder().decode(bytes)),
    text: true,
    refusals: [PnetFormatError],
    most: { fixed: 2 ** 29, perByte: 1000 },
  },
  "idx": {
    seeds: idxFiles,
    read: useIdx,
    refusals: [DataFormatError],
    most: { fixed: 2 ** 21, perByte: 16 },
  },
  "idx gzip": {
    seeds: () => Promise.all(idxFiles().map(gzipped)),
    parts: gzipParts,
    read: useIdx,
    refusals: [DataFormatError],
    most: { fixed: 2 ** 21, perByte: 4096 },
  },
  "cifar": {
    seeds: () => [
      concatenated([[0, 3], [1, 1]].map(([a, b]) => cifarRecord([a, b], b))),
      concatenated([cifarRecord([3], 1)]),
    ],
    read: (bytes, context) => useCifar(bytes, { ...context, file: "x.bin" }),
    refusals: [DataFormatError],
    most: { fixed: 2 ** 21, perByte: 16 },
  },
  "cifar tar.gz": {
    seeds: () => Promise.all(cifarArchives().map(gzipped)),
    parts: tarGzipParts,
    read: (bytes, context) => useCifar(bytes, { ...context, file: "x.tar.gz" }),
    refusals: [DataFormatError, DatasetNotFoundError],
    most: { fixed: 2 ** 21, perByte: 4096 },
  },
  "tar": {
    seeds: () => [
      tarBytes([
        { path: "d/", type: "5" },
        { path: "d/one.txt", bytes: encoded("first") },
        { path: "PaxHeader/one", type: "x", bytes: encoded("30 mtime=1350244992.023960108\n") },
        { path: "d/long", bytes: encoded("x".repeat(1500)) },
        { path: "d/link", type: "2" },
      ]),
    ],
    parts: tarParts,
    read: useTar,
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 16 },
  },
  "gzip": {
    seeds: () =>
      Promise.all([range(3000), range(100), [], new Array(5000).fill(7)].map((all) => gzipped(Uint8Array.from(all)))),
    parts: gzipParts,
    read: async (bytes, { dice }) => {
      const length = dice.one([0, 100, 3000, 5000, 2 ** 31, 1e6]);
      const plain = await gunzip(bytes, {
        file: "x",
        announce: (head) => dice.chance(0.1) ? undefined : Math.max(length, head.length),
      });
      assert(plain.length === length || plain.length > 0);
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 4096 },
  },
  "png": {
    seeds: pngFiles,
    parts: pngParts,
    read: async (bytes) => {
      const { width, height, channels, pixels } = await decodePng(bytes, { file: "x.png" });
      assertEquals(pixels.length, width * height * channels);
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 2 ** 15 },
  },
  "csv": {
    seeds: () => TABLES.map(encoded),
    text: true,
    read: (bytes, { dice }) =>
      checkDataset(parseTable(bytes, { file: dice.one(["x.csv", "x.tsv"]), ...dice.one(TABLE_OPTIONS) })),
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "texts": {
    seeds: () => TEXTS.map(encoded),
    text: true,
    read: (bytes, { dice }) =>
      checkTexts(parseTexts(bytes, { file: dice.one(["x.csv", "x.tsv", "x.txt"]), ...dice.one(TEXT_OPTIONS) })),
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "jsonl": {
    seeds: () => JSON_LINES.map(encoded),
    text: true,
    read: (bytes, { dice }) => checkTexts(parseTexts(bytes, { file: "x.jsonl", ...dice.one(TEXT_OPTIONS) })),
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "jsonl stored": {
    seeds: () => JSON_LINES.map(encoded),
    text: true,
    read: async (bytes, { folder, dice }) => {
      await Deno.writeFile(`${folder}/x.jsonl`, bytes);
      checkTexts(await loadTexts(`${folder}/x.jsonl`, { ...dice.one(TEXT_OPTIONS), loadLimit: 0 }));
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 22, perByte: 64 },
  },
  "jsonl predict": {
    seeds: () => PREDICT_LINES.map(encoded),
    text: true,
    read: usePredict,
    refusals: [],
    most: { fixed: 2 ** 16, perByte: 256 },
  },
  "svmlight": {
    seeds: () => SPARSE.map(encoded),
    text: true,
    read: (bytes, { dice }) => {
      const { count, featureLength, features, labels } = parseSparse(bytes, {
        file: "x.svm",
        columns: dice.one([undefined, undefined, 12]),
      });
      assertEquals(features.length, count * featureLength);
      assert(labels === undefined || labels.length === count);
      assertFinite(features);
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 27, perByte: 2 ** 13 },
  },
  "edges": {
    seeds: () => EDGES.map(encoded),
    text: true,
    read: (bytes, { dice }) => {
      const nodes = dice.one([5, 5, 40, ["a", "b", "c", "d", "e"]]);
      const { edges, offsets, neighbours, weights } = parseEdges(bytes, { file: "x.tsv", nodes });
      assertEquals(neighbours.length, 2 * edges);
      assertEquals(offsets.at(-1), 2 * edges);
      const count = typeof nodes === "number" ? nodes : nodes.length;
      assert(neighbours.every((node) => node < count));
      assert(weights.every((weight) => weight > 0 && weight < Infinity));
      formatEdges({ nodes: count, edges, offsets, neighbours, weights, notes: [] });
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 18, perByte: 64 },
  },
  "node labels": {
    seeds: () => ["0\tant\n1\tbee\n3\tcat\n", "node,label\n0,ant\n2,\n", "# nodes\n0 1\n1 2\n"].map(encoded),
    text: true,
    read: (bytes) => assertEquals(parseNodeLabels(bytes, { file: "x.tsv", nodes: 5 }).length, 5),
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "node split": {
    seeds: () =>
      ['{"train":[0,1,2],"val":[3],"test":[4]}', '{"train":[2],"dev":[],"other":{"a":[1,{"b":null}]}}'].map(encoded),
    text: true,
    read: (bytes) => {
      const split = parseNodeSplit(new TextDecoder().decode(bytes), { file: "x.json", nodes: 5 });
      for (const part of Object.values(split)) assert(part.every((node: number) => node < 5));
    },
    refusals: [DataFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "onnx": {
    seeds: async () => [...await trainerFiles(), ...projectionFiles()],
    parts: onnxParts,
    text: "partly",
    read: (bytes) => {
      const { parts, parameters, inputs, outputs } = inspectOnnx(bytes);
      assertEquals(parts.reduce((sum, { bytes }) => sum + bytes, 0), bytes.length);
      assert(Number.isFinite(parameters) && inputs.length >= 0 && outputs.length > 0);
    },
    refusals: [OnnxFormatError],
    most: { fixed: 2 ** 16, perByte: 64 },
  },
  "saved trainer": {
    seeds: trainerFiles,
    parts: onnxParts,
    text: "partly",
    read: async (bytes, { dice }) => {
      const saved = await importTrainer(bytes);
      if (dice.chance(0.1)) await exportTrainer(saved);
    },
    refusals: [OnnxFormatError, OnnxModelError],
    most: { fixed: 2 ** 20, perByte: 256 },
  },
  "checkpoint": {
    seeds: checkpointFiles,
    parts: checkpointParts,
    text: true,
    read: useCheckpoint,
    refusals: [CheckpointError, TrainingError, PnetFormatError, OnnxModelError],
    // The models in it are written and loaded as .pnet files.
    most: { fixed: 2 ** 29, perByte: 1000 },
  },
  "onnx teacher": {
    seeds: async () => (await trainerFiles()).slice(0, 2),
    parts: onnxParts,
    text: "partly",
    read: async (bytes) => {
      const teacher = await onnxTeacher(bytes, { data: teacherData });
      try {
        const logits = await teacher.logits(teacherData);
        assertEquals(logits.length, teacherData.count * teacherData.labelNames.length);
      } finally {
        await teacher.release();
      }
    },
    refusals: [OnnxFormatError, OnnxModelError],
    most: { fixed: 2 ** 20, perByte: 256 },
  },
};

const teacherData = blobs(24);
const words = orderedWords(24);

/** A training of every kind of network whose parts differ in a checkpoint, and one of texts. */
const runs = {
  numbers: (checkpoint: CheckpointOptions) =>
    train({
      ...{ data: teacherData, trainer: { hidden: [3] }, epochs: 2, batchSize: 8, checkpoint },
      projections: [{ functions: 2, head: "ternary", hidden: 2 }, {
        functions: 3,
        family: "taps",
        taps: 2,
        select: { pool: 9 },
      }],
    }),
  texts: (checkpoint: CheckpointOptions) =>
    trainTexts({
      data: words,
      trainer: { buckets: 64 },
      epochs: 2,
      batchSize: 8,
      projections: [{ functions: 16 }],
      checkpoint,
    }),
};

let checkpoints: Promise<Uint8Array[]> | undefined;

function checkpointFiles(): Promise<Uint8Array[]> {
  const newest = async (run: (checkpoint: CheckpointOptions) => Promise<unknown>): Promise<Uint8Array> => {
    const folder = await Deno.makeTempDir({ prefix: "projectionnet-fuzz-" });
    try {
      await run({ folder, seconds: 0 });
      return await Deno.readFile((await readCheckpoint(folder)).path);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  return checkpoints ??= Promise.all([newest(runs.numbers), newest(runs.texts)]);
}

/** The trainer network, if it has a form outside: one that reads texts has none. */
async function useTrainer({ trainer }: Checkpoint): Promise<void> {
  let saved: SavedTrainer;
  try {
    saved = trainer();
  } catch (error) {
    if (error instanceof CheckpointError && error.message.includes("has no form outside")) return;
    throw error;
  }
  await exportTrainer(saved);
}

/** Reads what it says and its networks; goes on from it now and then. */
async function useCheckpoint(bytes: Uint8Array, { folder, dice }: CaseContext): Promise<void> {
  const path = `${folder}/checkpoint-00000001.pnck`;
  await Deno.writeFile(path, bytes);
  const checkpoint = await readCheckpoint(path);
  assertEquals(checkpoint.bytes, bytes.length);
  const attempts = [
    () => useTrainer(checkpoint),
    () => usePnet(encodePnet(checkpoint.model(0)), { folder, dice }),
    () => usePnet(encodePnet(checkpoint.model(1)), { folder, dice }),
    async () => {
      const onEvent = (): void => {};
      await (dice.chance(0.5) ? runs.numbers : runs.texts)({ folder, resume: true, seconds: 1e6, onEvent });
    },
  ];
  try {
    await dice.one(attempts)();
  } finally {
    for await (const { name } of Deno.readDir(folder)) await Deno.remove(`${folder}/${name}`);
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function assertFinite(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new Error(`value ${i} is ${values[i]}`);
  }
}

function checkDataset(data: Dataset | StoredDataset): void {
  const { count, featureLength, labels, labelNames } = data, features = takeRows(data, range(count));
  assertEquals([features.length, labels.length], [count * featureLength, count]);
  assertFinite(features);
  assert(labels.every((label) => label < labelNames.length));
  assertEquals(new Set(labelNames).size, labelNames.length);
}

function checkTexts(data: TextDataset | StoredTextDataset): void {
  const { count, labels, labelNames } = data, texts = takeTexts(data, range(count));
  assertEquals([texts.length, labels.length], [count, count]);
  assert(texts.every((text) => typeof text === "string"));
  assert(labels.every((label) => label < labelNames.length));
  assertEquals(new Set(labelNames).size, labelNames.length);
}

/** Texts that two words tell apart. */
function orderedWords(count: number): TextDataset {
  const lines = range(count).map((i) => `{"text":"word${i % 5} ${i % 2 ? "yes" : "no"} x","label":"${i % 2}"}`);
  return parseTexts(encoded(lines.join("\n")), { file: "x.jsonl" });
}

/** Models of every family, input, head and trunk, and of texts. */
function modelFiles(): Uint8Array<ArrayBuffer>[] {
  const heads: LayerKind[][] = [
    ...[["float"], ["int8", "int4"], ["ternary tables"], ["binary", "ternary"], ["int4 tables"], ["ternary"], [
      "int4",
      "float",
    ]],
  ] as LayerKind[][];
  let seed = 0;
  const models: AnyModel[] = FAMILIES.flatMap((projection) =>
    INPUTS.map((input) => {
      const head = heads[seed++ % heads.length];
      return makeModel({ projection, input, head: suits(projection, head) ? head : ["int4"], width: seed % 9, seed });
    })
  );
  models.push(
    makeModel({ labels: ["a", "ö", "日本"], functions: 40, bitsPerFunction: 2, head: ["ternary"], width: 3 }),
  );
  for (const entries of ["presence", "sign", "ternary"] as const) {
    models.push(makeTextModel({ entries, head: ["int4", "ternary"], rejection: 9, seed: ++seed }));
    const weights = entries === "presence" ? "equal" : "length";
    models.push(makeTextModel({ entries, weights, head: ["binary"], fold: 15, seed: ++seed }));
    if (entries !== "presence") {
      models.push(makeTextModel({ entries, selected: true, head: ["int8 tables"], seed: ++seed }));
    }
  }
  models.push(...makeTrunks(7).map((trunk) => makeTrunkModel(trunk)));
  const sparse = makeTextModel({ bitsPerFunction: 20, labels: range(6).map((i) => `kind ${i}`) });
  sparse.head[0].weights = (sparse.head[0].weights as Int8Array).map((weight, i) => i % 11 === 0 ? weight : 0);
  models.push(sparse);
  return models.map(encodePnet);
}

/** More values than this are not classified: the time that they take is stated in FORMAT.md, and not measured a million times. */
const MOST_VALUES = 2 ** 14;

/** Loads, decodes and inspects a model, and classifies with it. */
function usePnet(bytes: Uint8Array, { dice }: CaseContext): void {
  const classifier = loadPnet(bytes);
  try {
    decodePnet(bytes);
  } catch (error) {
    // What is loaded but not in the smallest form is run all the same.
    if (!(error instanceof PnetFormatError)) throw error;
  }
  const parts = inspectPnet(bytes);
  assertEquals(parts.reduce((sum, { bytes }) => sum + bytes, 0), bytes.length);
  const { input, bits, labels } = classifier;
  assertEquals(classifier.modelBytes, bytes.length);
  const features = input.kind === "text"
    ? 1
    : input.kind === "image"
    ? input.width * input.height * input.channels
    : input.features;
  if (features > MOST_VALUES || bits > MOST_VALUES || labels.length > MOST_VALUES) return;
  const isOther = input.kind !== "text" && dice.chance(1 / 16);
  const other = isOther ? loadPnetWasm(bytes) : undefined;
  for (let row = 0; row < 2; row++) {
    const sample = makeSample(classifier, features, dice);
    const found = classifier.classify(sample);
    checkAnswer(classifier, found);
    assertEquals(classifier.codes(sample).length, Math.ceil(bits / 8));
    if (other !== undefined) assertEquals(other.classify(sample), found, "WebAssembly answers otherwise");
  }
}

function checkAnswer(
  { labels }: Classifier,
  { index, label, probability, probabilities, logits }: ReturnType<Classifier["classify"]>,
): void {
  assert(Number.isInteger(index) && index >= 0 && index < labels.length, `class ${index}`);
  assertEquals([label, probabilities.length, logits.length], [labels[index], labels.length, labels.length]);
  assertFinite(logits);
  assert(probabilities.every((value) => value >= 0 && value <= 1), "probabilities");
  assertEquals(probability, probabilities[index]);
}

const FLOATS = [0, -0, 1, -1, 0.5, 255, 256, 1e-45, -3e38, 3.4e38, 1e308, -1e308, 5e-324];
const PIECES = [
  "a",
  "Z",
  "ß",
  "word",
  " ",
  "\t",
  "9",
  "!",
  "😀",
  "\ud800",
  "\udc00",
  "\0",
  "\ufeff",
  "é",
  "漢",
  "́",
  "x".repeat(200),
];

function makeSample({ input }: Classifier, features: number, dice: Dice): ArrayLike<number> | string {
  if (input.kind === "text") return range(dice.below(40)).map(() => dice.one(PIECES)).join("");
  const isBytes = input.kind === "image" || input.quantization.rule === "none";
  return Float64Array.from(
    { length: features },
    () => isBytes || dice.chance(0.3) ? dice.below(256) : dice.one(FLOATS),
  );
}

function idxFiles(): Uint8Array<ArrayBuffer>[] {
  return [idxBytes([6, 2, 3], range(36)), idxBytes([6, 2, 2, 3], range(72)), idxBytes([6], range(6))];
}

/** As images when it has several dimensions, else as labels. */
async function useIdx(bytes: Uint8Array, { folder, dice }: CaseContext): Promise<void> {
  const [images, labels] = idxFiles().filter((_, i) => i !== 1);
  const isLabels = bytes[0] === 0 ? bytes[3] === 1 : dice.chance(0.5);
  await Deno.writeFile(`${folder}/images`, isLabels ? images : bytes);
  await Deno.writeFile(`${folder}/labels`, isLabels ? bytes : labels);
  const loadLimit = dice.one([0, Infinity]);
  checkDataset(await openIdxImages(`${folder}/images`, `${folder}/labels`, { loadLimit }));
}

async function useCifar(bytes: Uint8Array, { folder, file, dice }: CaseContext & { file: string }): Promise<void> {
  const path = `${folder}/${file}`;
  await Deno.writeFile(path, bytes);
  checkDataset(
    await openCifar(path, {
      split: dice.one(["train", "test"]),
      label: dice.one([undefined, "fine", "coarse"]),
      loadLimit: dice.one([0, Infinity]),
    }),
  );
}

function cifarArchives(): Uint8Array<ArrayBuffer>[] {
  return [tarBytes(cifar100Files({ train: [0], test: [2] })), tarBytes(cifar10Files())];
}

async function useTar(bytes: Uint8Array, { dice }: CaseContext): Promise<void> {
  const step = dice.one([100, 512, 700, 1e6]);
  const pieces = range(Math.ceil(bytes.length / step)).map((i) => bytes.subarray(i * step, (i + 1) * step));
  for await (const { path, size, content } of readTar(ReadableStream.from(pieces), { file: "x.tar" })) {
    assert(!path.split(/[/\\]/).includes("..") && !/^([/\\]|[A-Za-z]:)/.test(path) && path !== "", path);
    let found = 0;
    if (dice.chance(0.9)) { for await (const piece of content()) found += piece.length; }
    assert(found === 0 || found === size);
  }
}

async function pngFiles(): Promise<Uint8Array[]> {
  const size = { width: 9, height: 7 }, sample = (x: number, y: number, c: number): number => 31 * x + 7 * y + 50 * c;
  const cut = (depth: number) => (x: number, y: number, c: number): number => sample(x, y, c) % 2 ** depth;
  return await Promise.all([
    encodePng({ ...size, depth: 8, colourType: 0, sample: cut(8), filter: (row) => row % 5 }),
    encodePng({ ...size, depth: 1, colourType: 0, sample: cut(1), transparency: [0, 1] }),
    encodePng({ ...size, depth: 16, colourType: 2, sample: cut(8), filter: (row) => row % 5, interlaced: true }),
    encodePng({ ...size, depth: 2, colourType: 3, sample: cut(2), palette: range(12), transparency: [3, 200] }),
    encodePng({ ...size, depth: 8, colourType: 6, sample: cut(8), filter: () => 4 }),
    encodePng({ ...size, depth: 16, colourType: 4, sample: cut(8), interlaced: true }),
  ]);
}

const TABLES = [
  "length,width,class\n5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n",
  "1;2;3\r\n4;5;6\r\n7;8;9\r\n",
  'a\tb\tlabel\n1\t2\t"x ""y"", z"\n-3.25e2\t.5\tä\n',
  "0,255,12,0\n1,0,3,1\n\n 2 , 4 ,5,0\n",
];
const TABLE_OPTIONS = [{}, {}, { header: true }, { header: false }, { label: "0" }, { label: "class" }, {
  labelNames: ["setosa", "x"],
}];
const TEXTS = [
  "alarm\twake me at six\nmusic\tplay some jazz\nalarm\tset a timer\n",
  'text,label\n"hello, ""you""",greet\nbye,leave\n"two\nlines",greet\n',
  "HUM:ind Who was first ?\nLOC:other Where is it ?\nNUM:count How many ?\n",
  "message;intent\nmir ist kalt;kälte\nes ist warm;wärme\n",
];
const TEXT_OPTIONS = [{}, {}, { header: true }, { labelField: "0" }, { textField: "text" }, {
  labelField: "label",
  labelNames: ["greet"],
}];
const JSON_LINES = [
  '{"text":"wake me at six","label":"alarm"}\n{"text":"play some jazz","label":"music"}\n',
  '{"label":3,"text":"a"}\n\n{"label":true,"text":"\\u00e4\\n\\ud83d\\ude00"}\r\n{"label":"x","text":"","other":[1,{"a":null}]}\n',
];
const SPARSE = [
  "1 0:1 3:0.5 7:2 # comment\n-1 1:3 2:4\n1 qid:3 5:1e2\n",
  "0:1 3:2\n\n2:5\n",
  "0 3 7\n1 2\n\n5\n",
];
const EDGES = [
  "0\t1\t0.5\n1\t2\n3\t3\t1\n2\t1\t2.25\n",
  "# a graph\nsource,target,weight\n0,1,1\n1,4,0\n4,2,3e1\n",
  "a b\nb c\nc d\n% the end\nd e\n",
];
const PREDICT_LINES = [
  '[1,2,3,4,5,6]\n{"id":1,"input":[0,0,255,1,2,3]}\n{"id":{"a":[1]},"input":[9,9,9,9,9,9]}\n',
  '"a text"\n{"id":"x","input":"wake me at six"}\n\n{"input":"\\ud83d\\ude00 9"}\r\n',
];
const predictors = [makeModel(), makeModel({ input: INPUTS[3] }), makeTextModel({ rejection: 9 })];

async function usePredict(bytes: Uint8Array, { dice }: CaseContext): Promise<void> {
  const classifier = loadPnet(encodePnet(dice.one(predictors)));
  const step = dice.one([1, 7, 64, 1e6]), raw = classifier.input.kind === "text" && dice.chance(0.3);
  const pieces = range(Math.ceil(bytes.length / step)).map((i) => bytes.subarray(i * step, (i + 1) * step));
  let answers = "", problems = 0;
  const options = {
    raw,
    top: dice.one([undefined, 2, 9]),
    maxLineBytes: dice.one([undefined, 100]),
    onProblem: () => problems++,
  };
  for await (const some of classifyLines(classifier, ReadableStream.from(pieces), options)) answers += some;
  for (const line of answers.split("\n").slice(0, -1)) {
    const { label, probability, error } = JSON.parse(line);
    if (error !== undefined) problems--;
    else assert(classifier.labels.includes(label) && probability >= 0 && probability <= 1, line);
  }
  assertEquals(problems, 0);
}

let trained: Promise<Uint8Array[]> | undefined;

/** Trainer networks of each kind. */
function trainerFiles(): Promise<Uint8Array[]> {
  const data = teacherData;
  const file = async (trainer: TrainerOptions): Promise<Uint8Array> => {
    const result = await train({ data, trainer, projections: [{ functions: 2 }], epochs: 1, validation: 0 });
    return await exportTrainer({ ...result.trainer.description!, state: result.trainer.state });
  };
  return trained ??= (async () => [
    await file({ hidden: [3] }),
    await file({ kind: "cnn", hidden: [2] }),
    await file({ kind: "lstm", hidden: [2], bidirectional: true }),
  ])();
}

function projectionFiles(): Uint8Array[] {
  return [["int8", "float"], ["ternary tables"]].map((head) =>
    exportProjection(makeModel({ head: head as LayerKind[] }))
  );
}
