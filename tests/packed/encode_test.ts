import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  decodePnet,
  encodePnet,
  type HeadLayer,
  type HeadPrecision,
  PnetFormatError,
  type PnetModel,
} from "../../lib/packed/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { FAMILIES, type FamilyCase, HEADS, INPUTS, makeModel, type ModelOptions, suits, TABLES } from "./models.ts";

function assertRoundTrip(model: PnetModel): void {
  const bytes = encodePnet(model);
  const decoded = decodePnet(bytes);
  assertEquals(decoded, model);
  assertEquals(encodePnet(decoded), bytes);
}

const PATCH: FamilyCase = { family: "patch", smallest: 1, largest: 1 };
const COUNTS: FamilyCase = { family: "conv", filter: 1, stride: 1, cell: 2, cellStride: 2, reads: "counts" };

Deno.test("encodePnet: every family, head, number of layers and kind of input comes back", () => {
  let seed = 0;
  for (const projection of FAMILIES) {
    for (const head of HEADS.filter((head) => suits(projection, head))) {
      for (const input of INPUTS) assertRoundTrip(makeModel({ projection, head, input, seed: seed++ }));
    }
  }
});

Deno.test("encodePnet: thresholds of every width and shift come back in that width", () => {
  for (let width = 1; width <= 32; width++) {
    for (let shift = 0; shift + width <= 32; shift++) {
      const model = makeModel({ width, shift });
      assertRoundTrip(model);
      const without = encodePnet({ ...model, thresholds: new Int32Array(9) }).length;
      assertEquals(encodePnet(model).length - without, 4 + Math.ceil(9 * width / 8));
    }
  }
});

Deno.test("encodePnet: sizes around the steps of packing", () => {
  for (let bits = 1; bits <= 18; bits++) {
    for (const head of HEADS) {
      if (TABLES.includes(head[0])) assertRoundTrip(makeModel({ functions: 2, bitsPerFunction: 1 + bits % 8, head }));
      assertRoundTrip(makeModel({ functions: bits, bitsPerFunction: 1, head, hidden: bits, width: 3 }));
    }
  }
});

Deno.test("encodePnet: files around the sizes where the length takes one more byte", () => {
  for (const middle of [128, 16384]) {
    const lengths = new Set<number>();
    const base = encodePnet(makeModel({ labels: ["a", "b", ""] })).length;
    for (let extra = middle - base - 6; extra <= middle - base + 6; extra++) {
      const model = makeModel({ labels: ["a", "b", "x".repeat(extra)] });
      assertRoundTrip(model);
      lengths.add(encodePnet(model).length);
    }
    assertEquals(
      [...lengths].some((length) => length < middle) && [...lengths].some((length) => length >= middle),
      true,
    );
  }
});

Deno.test("encodePnet: labels of every script, empty, long, with a byte order mark, decimal and nearly so", () => {
  const cases = [
    ["", "a", "ö"],
    ["日本", "😀", "\ufeffx"],
    ["0", "1", "2"],
    ["0", "1", "3"],
    ["00", "1", "2"],
    ["x".repeat(200), "\u0000", "\n"],
  ];
  for (const labels of cases) assertRoundTrip(makeModel({ labels }));
  assertRoundTrip(makeModel({ labels: ["only"] }));
  assertRoundTrip(makeModel({ labels: Array.from({ length: 300 }, (_, i) => `${i}`) }));
});

Deno.test("encodePnet: decimal labels take one byte", () => {
  const decimal = encodePnet(makeModel({ labels: ["0", "1", "2"] }));
  assertEquals(encodePnet(makeModel({ labels: ["0", "1", "3"] })).length - decimal.length, 6);
});

Deno.test("encodePnet: vectors take the smallest form", () => {
  const size = (bias: number[]): number => {
    const model = makeModel();
    model.head[0].bias = Float32Array.from(bias);
    assertRoundTrip(model);
    return encodePnet(model).length;
  };
  const smallest = size([0, 0, 0]);
  assertEquals(size([2, 2, 2]) - smallest, 0);
  assertEquals(size([0.1, 0.1, 0.1]) - smallest, 2);
  assertEquals(size([1, 2, -3.5]) - smallest, 4);
  assertEquals(size([0, -0, 0]) - smallest, 4);
  assertEquals(size([0.1, 1, 1]) - smallest, 10);
});

Deno.test("encodePnet: float weights that are bfloat16 take two bytes", () => {
  const model = makeModel({ head: ["float"] });
  const wide = encodePnet(model).length;
  model.head[0].weights = Float32Array.from(model.head[0].weights, (_, i) => i - 3);
  assertRoundTrip(model);
  // The length of the wide file takes a second byte.
  assertEquals(wide - encodePnet(model).length, 2 * model.head[0].weights.length + 1);
});

Deno.test("encodePnet: arrays that are views into larger buffers", () => {
  const model = makeModel({ head: ["int8"] });
  const plain = encodePnet(model);
  const room = new ArrayBuffer(1024);
  const layer = model.head[0];
  const weights = new Int8Array(room, 5, layer.weights.length);
  weights.set(layer.weights);
  const bias = new Float32Array(room, 512, layer.bias.length);
  bias.set(layer.bias);
  assertEquals(encodePnet({ ...model, head: [{ ...layer, weights, bias }] }), plain);
});

Deno.test("encodePnet: a model of the paper's size", () => {
  const model = makeModel({
    input: { kind: "image", width: 28, height: 28, channels: 1 },
    functions: 60,
    bitsPerFunction: 12,
    labels: Array.from({ length: 10 }, (_, i) => `${i}`),
  });
  model.projection.seed = 1;
  model.head[0].scales.fill(0.5);
  model.head[0].bias.fill(0);
  assertRoundTrip(model);
  // 7,200 ternary weights of log2(3) bits each as coded, two bytes each for scale and bias, 30 for all the rest.
  const weights = encodePnet(model).length - 4 - 30;
  assert(weights >= Math.floor(7200 * Math.log2(3) / 8) && weights < 1440, `${weights} bytes of weights`);
});

/** Parts of a model with one table, too small for its rows. */
function makeTables(tableBits: number): Partial<PnetModel> {
  const model = makeModel({ head: ["int8"], functions: 1, bitsPerFunction: tableBits });
  return { ...model, head: [{ ...model.head[0], tableBits }] };
}

Deno.test("encodePnet: a selection takes close to the entropy of a random subset, and less than plain numbers", () => {
  const next = testNumbers(5);
  for (const [bits, pool] of [[1, 1], [1, 2 ** 24], [80, 12000], [720, 100000], [256, 300]]) {
    const chosen = new Set<number>();
    while (chosen.size < bits) chosen.add(Math.floor(next() * pool));
    const model = makeModel({ functions: bits, bitsPerFunction: 1 });
    const plain = encodePnet(model).length;
    const selection = { pool, indices: Uint32Array.from(chosen).sort() };
    const selected = { ...model, projection: { ...model.projection, selection } };
    assertRoundTrip(selected);
    let entropy = 0;
    for (let i = 0; i < bits; i++) entropy += Math.log2((pool - i) / (bits - i));
    // Pool, parameter and growing lengths beside the code.
    const spent = 8 * (encodePnet(selected).length - plain - 7);
    assertEquals(
      spent <= entropy + 0.5 * bits + 16,
      true,
      `${bits} of ${pool}: ${spent} bits, entropy ${entropy}`,
    );
    assertEquals(spent <= bits * Math.ceil(Math.log2(pool)) + 8, true);
  }
});

Deno.test("encodePnet: refuses models whose parts disagree or that the format cannot hold", () => {
  const layer = (change: Partial<HeadLayer>, options: ModelOptions = {}) => (): PnetModel => {
    const model = makeModel(options);
    return { ...model, head: [{ ...model.head[0], ...change }] };
  };
  const change = (part: Record<string, unknown>) => (): PnetModel => ({ ...makeModel(), ...part }) as PnetModel;
  const bad: [string, () => PnetModel][] = [
    ["thresholds: length is 8", change({ thresholds: new Int32Array(8) })],
    ["outputs is 3, wanted 2", change({ labels: ["a", "b"] })],
    ["0 labels", change({ labels: [] })],
    ["label 1 has a lone surrogate", change({ labels: ["a", "\ud800", "c"] })],
    ["0 layers", change({ head: [] })],
    ["3 layers", change({ head: [...makeModel().head, ...makeModel().head, ...makeModel().head] })],
    ["features is 6, wanted 12", change({ input: { kind: "image", width: 3, height: 2, channels: 2 } })],
    ["width is 1.5", change({ input: { kind: "image", width: 1.5, height: 2, channels: 2 } })],
    ["family is other", change({ projection: { ...makeModel().projection, family: "other" } })],
    ["counts of the family sign", change({ reads: "counts" })],
    [
      "layer 0: tables that read counts",
      () => {
        const model = makeModel({ projection: COUNTS, head: ["int8"] });
        return { ...model, head: [{ ...model.head[0], tableBits: 2 }] };
      },
    ],
    ["reads is words", change({ reads: "words" })],
    [
      "thresholds of counts",
      () => ({ ...makeModel({ projection: COUNTS }), thresholds: Int32Array.of(1, 0, 0, 0, 0, 0) }),
    ],
    ["wanted an image", () => ({ ...makeModel({ projection: PATCH }), input: INPUTS[1] })],
    [
      "projection: width is 3, wanted 6",
      () => ({ ...makeModel({ projection: PATCH }), input: { kind: "image", width: 6, height: 1, channels: 1 } }),
    ],
    ["seed is -1", change({ projection: { ...makeModel().projection, seed: -1 } })],
    ["inputs is 8, wanted 9", layer({ inputs: 8 })],
    ["weights is 26", layer({ weights: new Int8Array(26) })],
    ["weights of the wrong type", layer({ weights: new Float32Array(27) })],
    ["weights of the wrong type", layer({ precision: "float" })],
    ["2 among the weights, wanted ternary", layer({ weights: new Int8Array(27).fill(2) })],
    ["-2 among the weights, wanted ternary", layer({ weights: new Int8Array(27).fill(-2, 5) })],
    ["8 among the weights, wanted int4", layer({ weights: new Int8Array(27).fill(8, 26) }, { head: ["int4"] })],
    ["-9 among the weights, wanted int4", layer({ weights: new Int8Array(27).fill(-9) }, { head: ["int4"] })],
    ["0 among the weights, wanted binary", layer({ weights: new Int8Array(27) }, { head: ["binary"] })],
    ["3 among the weights, wanted binary", layer({ weights: new Int8Array(27).fill(3) }, { head: ["binary"] })],
    ["precision is int2", layer({ precision: "int2" as HeadPrecision })],
    ["tableBits is 2, wanted 3", layer({ tableBits: 2 }, { head: ["int4 tables"] })],
    ["inputs is 9, wanted 24", layer({ tableBits: 3 })],
    ["binary tables", layer({ precision: "binary" }, { head: ["int4 tables"] })],
    ["float tables", layer({ precision: "float" }, { head: ["int4 tables"] })],
    ["tables of 17 bits", change(makeTables(17))],
    ["tables, wanted them only as layer 0", (): PnetModel => {
      const model = makeModel({ head: ["int8", "int8"] });
      model.head[1].tableBits = 3;
      return model;
    }],
    ["scales is 2", layer({ scales: new Float32Array(2) })],
    ["scale 1 is NaN", layer({ scales: Float32Array.of(1, NaN, 1) })],
    ["bias 2 is Infinity", layer({ bias: Float32Array.of(1, 1, Infinity) })],
    ["bias 0 is 8589934592", layer({ bias: Float32Array.of(2 ** 33, 1, 1) })],
    ["weight 26 is NaN", layer({ weights: new Float32Array(27).fill(NaN, 26) }, { head: ["float"] })],
    ["scales is 3, wanted 0", layer({ scales: new Float32Array(3) }, { head: ["float"] })],
    [
      "wanted float32 numbers",
      change({ input: { kind: "table", features: 6, quantization: { rule: "shared", offset: 0.1, scale: 1 } } }),
    ],
    [
      "input: offset, scale 0 is NaN",
      change({ input: { kind: "table", features: 6, quantization: { rule: "shared", offset: NaN, scale: 1 } } }),
    ],
    [
      "input: scales is 5",
      change({
        input: {
          kind: "table",
          features: 6,
          quantization: { rule: "columns", offsets: new Float32Array(6), scales: new Float32Array(5) },
        },
      }),
    ],
    ["rule is other", change({ input: { kind: "table", features: 6, quantization: { rule: "other" } } })],
    ["kind is sound", change({ input: { kind: "sound", features: 6 } })],
  ];
  for (const [message, make] of bad) {
    const error = assertThrows(() => encodePnet(make()), PnetFormatError);
    assertStringIncludes(error.message, message);
  }
});
