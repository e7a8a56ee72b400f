import { assertEquals, assertInstanceOf, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import {
  decodePnet,
  encodePnet,
  finishSums,
  inspectPnet,
  loadPnet,
  PnetFormatError,
  type PnetModel,
  preparePool,
  type TrunkConvolution,
} from "../../lib/packed/mod.ts";
import { loadPnet as loadPlain } from "../../lib/packed/runtime.ts";
import { loadPnet as loadText } from "../../lib/packed/runtime_text.ts";
import { loadPnet as loadTrunk } from "../../lib/packed/runtime_trunk.ts";
import { loadPnetWasm as loadNumericWasm } from "../../lib/packed/runtime_wasm.ts";
import { loadPnetWasm } from "../../lib/packed/runtime_trunk_wasm.ts";
import { testNumbers } from "../projection/reference.ts";
import { featuresOf } from "./models.ts";
import { EXAMPLE, fileOf, seal, section, varint } from "./file_builder.ts";
import {
  classifyTrunkReference,
  makeConvolution,
  makeTrunkModel,
  makeTrunks,
  runTrunkReference,
} from "./trunk_models.ts";

const models = makeTrunks().map((parts) => makeTrunkModel(parts));
const files = models.map((model) => encodePnet(model));

function refusal(call: () => unknown): string {
  const error = assertThrows(call, PnetFormatError);
  assertInstanceOf(error, PnetFormatError);
  return error.message;
}

Deno.test("a trunk round-trips, and the parts of the file add up to it", () => {
  models.forEach((model, i) => {
    assertEquals(decodePnet(files[i]), model);
    const parts = inspectPnet(files[i]);
    assertEquals(parts.reduce((sum, { bytes }) => sum + bytes, 0), files[i].length);
    assertEquals(parts.map(({ name }) => name).slice(0, 4), ["header", "input", "trunk", "projection"]);
  });
  const { detail, bytes } = inspectPnet(files[0])[2];
  assertStringIncludes(detail, "zero point 121, int8 3x3 5x7x4 (108 weights), ternary 3x3 5x7x4 (144 weights), ");
  assertStringIncludes(detail, "int4 3x3 5x7x4 plus layer 0 (144 weights), largest of 2x2 2x3x4, ");
  assertStringIncludes(detail, "binary 1x1 2x3x4 plus layer 3 (16 weights), mean of 2x3 1x1x4");
  assertLess(bytes, 108 + 29 + 72 + 2 + 5 * (8 * 4 + 12));
});

Deno.test("loadPnet: bits and logits of models with a trunk equal an independent version to the last bit", () => {
  const next = testNumbers(9);
  const loaders = [[loadPnet, "plain"], [loadTrunk, "plain"], [loadPnetWasm, "wasm"]] as const;
  const seen = new Set<number>();
  models.forEach((model, i) => {
    const { input } = model;
    const features = featuresOf(input);
    for (let sample = 0; sample < 12; sample++) {
      const bytes = Array.from({ length: features }, () => sample === 0 ? 0 : sample === 1 ? 255 : next() * 256 | 0);
      // The table is quantised: what lies in the middle of a step becomes its byte.
      const raw = input.kind === "table" ? bytes.map((byte) => byte / Math.fround(33.3) - 1.5) : bytes;
      const { bits, logits } = classifyTrunkReference(model, bytes);
      runTrunkReference(model.trunk!, input, bytes).values.forEach((value) => seen.add(value));
      for (const [load, runtime] of loaders) {
        const classifier = load(files[i]);
        assertEquals([...classifier.logits(raw)], logits);
        const code = classifier.codes(raw);
        assertEquals(bits.map((_, k) => code[k >> 3] >> (k & 7) & 1), bits);
        const twice = classifier.classifyBatch([...raw, ...raw]);
        assertEquals([...twice[1].logits], logits);
        assertEquals([classifier.bits, classifier.runtime], [10, runtime]);
      }
    }
  });
  assertLess(60, seen.size);
});

Deno.test("bytes of a trunk's sums: the middle between two numbers becomes the larger one", () => {
  const weights = { precision: "int4" as const, inputs: 1, outputs: 2, weights: new Int8Array(2) };
  const layer: TrunkConvolution = {
    kind: "convolution",
    kernel: 1,
    stride: 1,
    padding: false,
    weights: { ...weights, scales: Float32Array.of(0.5, 0.25), bias: Float32Array.of(0, -0.5) },
  };
  const out = new Uint8Array(8), shifts = new Float64Array(2);
  finishSums(layer, [1, 4, 3, 8, -1, 12, 509, 5000], { out, shifts });
  assertEquals([...out], [1, 1, 2, 2, 0, 3, 255, 255]);
  const pool = { kind: "mean" as const, rows: 1, columns: 2, stride: 1, scale: 0.5 };
  const mean = new Uint8Array(1);
  preparePool(pool, { width: 2, height: 1, channels: 1 })(Uint8Array.of(2, 5), mean);
  assertEquals(mean[0], 4);
});

Deno.test("WebAssembly gives the logits of the plain runtime for layers of more outputs than it takes at once", () => {
  const next = testNumbers(21);
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    const layers = [
      makeConvolution({ precision, kernel: 3, channels: 1, outputs: 37, padding: true, next }),
      makeConvolution({ precision, kernel: 3, channels: 37, outputs: 130, stride: 2, padding: true, next }),
      makeConvolution({ precision, kernel: 2, channels: 130, outputs: 3, next }),
    ];
    const input = { kind: "image" as const, width: 9, height: 6, channels: 1 };
    const file = encodePnet(makeTrunkModel({ input, trunk: { zeroPoint: 77, layers } }));
    const samples = Uint8Array.from({ length: 5 * 54 }, () => next() * 256);
    const [plain, wasm] = [loadTrunk(file), loadPnetWasm(file)];
    assertEquals(wasm.classifyBatch(samples), plain.classifyBatch(samples));
    assertEquals([plain.runtime, wasm.runtime], ["plain", "wasm"]);
  }
});

Deno.test("the runtimes without trunks refuse one by name, the one with trunks takes models without", () => {
  for (const load of [loadPlain, loadText, loadNumericWasm]) {
    assertStringIncludes(refusal(() => load(files[0])), "a trunk, wanted its runtime");
  }
  const { trunk: _, ...plain } = models[2];
  const model: PnetModel = { ...plain, projection: { ...plain.projection, features: 6 } };
  const bytes = encodePnet(model), sample = [0, 1, 2, 3, 4, 5];
  assertEquals(loadTrunk(bytes).classify(sample), loadPlain(bytes).classify(sample));
});

Deno.test("decodePnet: every truncation, and every byte changed under a right checksum, is refused or canonical", () => {
  let accepted = 0;
  for (const file of files) {
    for (let length = 0; length < file.length; length++) refusal(() => decodePnet(file.slice(0, length)));
    const body = [...file.slice(0, -4)];
    for (let at = 0; at < body.length; at++) {
      for (const value of [0, 0xff, body[at] + 1 & 255, body[at] ^ 4 << at % 3]) {
        const changed = seal(body.with(at, value));
        try {
          assertEquals(encodePnet(decodePnet(changed)), changed);
          accepted++;
        } catch (error) {
          assertInstanceOf(error, PnetFormatError);
        }
      }
    }
  }
  assertLess(300, accepted);
});

const { input, projection, labels, thresholds, output } = EXAMPLE;
/** The weights of one output of three ternary inputs, with their length: scale and bias 1 as bfloat16, and a byte. */
const weights = [6, 3, 0x80, 0x3f, 0x80, 0x3f, 13];
const HUGE = varint(0xffffffff);
const wide = section(1, [0, ...varint(2048), ...varint(2048), 1]);
const withTrunk = (payload: number[], first = input): Uint8Array =>
  fileOf(first, section(8, payload), projection, labels, thresholds, output);

const HOSTILE: [string, Uint8Array][] = [
  ["zero point needs 1 bytes", withTrunk([])],
  ["no layers", withTrunk([0, 0])],
  ["kind needs 1 bytes", withTrunk([0, 1])],
  ["left over", withTrunk([0, 1, 3, 3])],
  ["kind is 32", withTrunk([0, 1, 32])],
  ["kind is 7, wanted a known one", withTrunk([0, 1, 7])],
  ["kind is 16, wanted a known one", withTrunk([0, 1, 16])],
  ["layer 0: stride is 0", withTrunk([0, 1, 1, 1, 1, 0])],
  ["layer 0: rows of a window is 0", withTrunk([0, 1, 1, 0, 1, 1])],
  ["layer 0: columns of a window is 4294967295", withTrunk([0, 1, 1, 1, ...HUGE, 1])],
  ["layer 0: windows do not fit into 1x1x3 values", withTrunk([0, 1, 1, 2, 1, 1])],
  ["scale needs 4 bytes", withTrunk([0, 1, 2, 1, 1, 1, 0, 0])],
  ["scale is -1", withTrunk([0, 1, 2, 1, 1, 1, 0, 0, 0x80, 0xbf])],
  ["scale is 0, wanted", withTrunk([0, 1, 2, 1, 1, 1, 0, 0, 0, 0x80])],
  ["scale 0 is NaN", withTrunk([0, 1, 2, 1, 1, 1, 0, 0, 0xc0, 0x7f])],
  ["kernel is 0", withTrunk([0, 1, 0, 0, 1, 1, ...weights])],
  ["kernel is 4294967295", withTrunk([0, 1, 0, ...HUGE, 1, 1, ...weights])],
  ["layer 0: stride is 0", withTrunk([0, 1, 0, 1, 0, 1, ...weights])],
  ["outputs is 0", withTrunk([0, 1, 0, 1, 1, 0, ...weights])],
  ["outputs is 65537", withTrunk([0, 1, 0, 1, 1, ...varint(65537), ...weights])],
  ["weights needs 9 bytes, found 1", withTrunk([0, 1, 0, 1, 1, 1, 9, 3])],
  ["weights that are neither", withTrunk([0, 1, 0, 1, 1, 1, 0])],
  ["weights that are neither", withTrunk([0, 1, 0, 1, 1, 1, 1, 0])],
  ["weights that are neither", withTrunk([0, 1, 0, 1, 1, 1, 1, 6])],
  ["1 outputs of 3 inputs need", withTrunk([0, 1, 0, 1, 1, 1, 4, ...weights.slice(1, 5)])],
  ["65536 outputs of 12884508675 inputs need", withTrunk([0, 1, 0, ...varint(65535), 1, ...varint(65536), ...weights])],
  ["addend is 0, wanted an integer 0...-1", withTrunk([0, 1, 8, 1, 1, 1, 0, 0, 0, 0, 0, ...weights])],
  ["20971520 values so far", withTrunk([0, 5, ...[1, 2, 3, 4, 5].flatMap(() => [1, 1, 1, 1])], wide)],
  ["1101660160000 products so far", withTrunk([0, 1, 2, ...varint(1024), ...varint(1024), 1, 0, 0, 0, 0], wide)],
];

Deno.test("decodePnet: hostile trunks are refused with what is wrong, before anything large is made", () => {
  assertEquals((decodePnet(withTrunk([7, 1, 3])) as PnetModel).trunk, { zeroPoint: 7, layers: [{ kind: "flatten" }] });
  for (const [wanted, file] of HOSTILE) {
    const message = refusal(() => decodePnet(file));
    assertStringIncludes(message, "reading .pnet, trunk");
    assertStringIncludes(message, wanted);
  }
});

Deno.test("encodePnet: refuses trunks that no file can hold", () => {
  const next = testNumbers(4);
  const [model] = models;
  const conv = (rest: Record<string, unknown>) => ({
    ...makeConvolution({ precision: "int4", kernel: 1, channels: 3, outputs: 2, next }),
    ...rest,
  });
  const cases: [string, unknown][] = [
    ["zero point is 256", { ...model.trunk, zeroPoint: 256 }],
    ["zero point is 0.5", { ...model.trunk, zeroPoint: 0.5 }],
    ["no layers", { zeroPoint: 0, layers: [] }],
    ["layer 255: one too many", { zeroPoint: 0, layers: new Array(256).fill({ kind: "flatten" }) }],
    ["layer 0: inputs is 3, wanted an integer 12...12", { zeroPoint: 0, layers: [conv({ kernel: 2 })] }],
    ["layer 0: scale is 0.1, wanted a finite float32", {
      zeroPoint: 0,
      layers: [{ kind: "mean", rows: 1, columns: 1, stride: 1, scale: 0.1 }],
    }],
    ["layer 0: float weights", {
      zeroPoint: 0,
      layers: [makeConvolution({ precision: "float", kernel: 1, channels: 3, outputs: 1, next })],
    }],
    ["addend of 5x7x2 values, wanted 2x3x2", {
      zeroPoint: 0,
      layers: [conv({}), { kind: "largest", rows: 2, columns: 2, stride: 2 }, {
        ...makeConvolution({ precision: "int4", kernel: 1, channels: 2, outputs: 2, next }),
        addend: { layer: 0, scale: 1, afterRelu: false },
      }],
    }],
    ["projection: features is 4, wanted 105", { zeroPoint: 0, layers: [{ kind: "flatten" }] }],
  ];
  for (const [wanted, trunk] of cases) {
    assertStringIncludes(refusal(() => encodePnet({ ...model, trunk } as PnetModel)), wanted);
  }
});
