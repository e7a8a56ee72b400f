import { assertEquals, assertThrows } from "@std/assert";
import { openDataset } from "../../mod.ts";
import { resolveDataDir } from "../../lib/data/mod.ts";
import { decodeOnnx, exportProjection, OnnxModelError } from "../../lib/onnx/mod.ts";
import { openSession } from "../../lib/onnx/session.ts";
import { decodePnet, encodePnet, type PnetModel, type TextModel } from "../../lib/packed/mod.ts";
import { loadPnetWasm } from "../../lib/packed/runtime_wasm.ts";
import { FAMILIES, type FamilyCase, HEADS, INPUTS, makeModel, type ModelOptions, suits } from "../packed/models.ts";
import { assertSame, samplesOf } from "./run.ts";

Deno.test("every family and every head: the graph gives the code, the class and the logits of the runtime", async () => {
  // Each family meets every kind of input, and a part of the heads; each head meets a part of the families.
  for (const [f, projection] of FAMILIES.entries()) {
    const heads = HEADS.filter((head, h) => suits(projection, head) && (h + f) % 8 === 0);
    for (const [h, head] of heads.entries()) {
      const model = makeModel({
        projection,
        head,
        input: INPUTS[h % INPUTS.length],
        width: 6,
        shift: 2,
        seed: 10 * f + h,
      });
      const isFloat = head.some((kind, layer) => kind === "float" || layer > 0);
      await assertSame(model, samplesOf(model, 12), { rounding: isFloat ? 1e-5 : 0 });
    }
  }
});

/** A model over images of 28x28 with a random head. */
function imageModel(projection: FamilyCase, options: ModelOptions): PnetModel {
  const image = { kind: "image", width: 28, height: 28, channels: 1 } as const;
  const labels = Array.from({ length: 10 }, (_, i) => `${i}`);
  return makeModel({ projection, input: image, labels, bitsPerFunction: 6, functions: 8, seed: 3, ...options });
}

const mnistModels: Record<string, PnetModel> = {
  "gaussian, int8": imageModel({ family: "gaussian" }, { head: ["int8"], width: 16, shift: 2 }),
  "gaussian, selected, float": imageModel({ family: "gaussian", pool: 500 }, { head: ["float"] }),
  "sign, ternary tables": imageModel({ family: "sign" }, { head: ["ternary tables"], width: 11 }),
  "taps, int4 and a hidden layer": imageModel({ family: "taps", taps: 28 }, {
    head: ["ternary", "int4"],
    hidden: 12,
    width: 8,
  }),
  "hadamard, binary": imageModel({ family: "hadamard" }, { head: ["binary"], width: 20 }),
  "patch, selected, ternary": imageModel({ family: "patch", smallest: 4, largest: 20, pool: 5000 }, {
    head: ["ternary"],
  }),
  "conv, bits": imageModel({ family: "conv", filter: 5, stride: 2, cell: 4, cellStride: 3 }, {
    head: ["int8"],
    width: 4,
  }),
  "conv, counts": imageModel({ family: "conv", filter: 5, stride: 2, cell: 6, cellStride: 6, reads: "counts" }, {
    head: ["int8"],
  }),
};

function hasMnist(): boolean {
  try {
    return Deno.statSync(`${resolveDataDir()}/mnist/t10k-images-idx3-ubyte`).isFile;
  } catch {
    return false;
  }
}

for (const [name, model] of Object.entries(mnistModels)) {
  Deno.test({
    name: `${name}: the same class for 10,000 of 10,000 digits of MNIST, and the same bits`,
    ignore: !hasMnist(),
    async fn() {
      const { count, features } = await openDataset("mnist", { split: "test" }),
        pixels = features as Uint8Array,
        rows = 500,
        length = 784;
      const classifier = loadPnetWasm(encodePnet(model));
      const session = await openSession(exportProjection(model), name);
      try {
        let same = 0, bits = 0;
        for (let start = 0; start < count; start += rows) {
          const data = pixels.subarray(start * length, (start + rows) * length);
          const input = { type: "uint8", data, dims: [rows, 28, 28, 1] } as const;
          const { class: classes, code } = await session.run({ input }, ["class", "code"]);
          classifier.classifyBatch(data).forEach(({ index }, row) =>
            same += Number(index === Number(classes.data[row]))
          );
          if (model.reads === "counts") continue;
          for (let row = 0; row < rows; row++) {
            const wanted = classifier.codes(data.subarray(row * length, (row + 1) * length)),
              at = row * classifier.bits;
            for (let k = 0; k < classifier.bits; k++) {
              bits += ((wanted[k >> 3] >> (k & 7)) & 1) ^ Number(code.data[at + k]);
            }
          }
        }
        assertEquals([same, bits], [count, 0]);
      } finally {
        await session.release();
      }
    },
  });
}

Deno.test("long rows: transforms with shifts, and taps that add up to more than a byte", async () => {
  const labels = ["a", "b"];
  const quantization = { rule: "none" } as const;
  const long = makeModel({
    projection: { family: "hadamard", pool: 20_000 },
    input: { kind: "table", features: 5000, quantization },
    labels,
  });
  await assertSame(long, samplesOf(long, 3));
  const heavy = makeModel({
    projection: { family: "taps", taps: 200_000 },
    input: { kind: "table", features: 6, quantization },
    labels,
    width: 12,
  });
  assertEquals(decodeOnnx(exportProjection(heavy)).nodes.some(({ operator }) => operator === "MatMul"), true);
  await assertSame(heavy, samplesOf(heavy, 20));
});

Deno.test("integer heads are integers in the file, and the metadata tell of labels and pixels", () => {
  const model = imageModel({ family: "sign" }, { head: ["int8", "int4"], labels: ["zéro", "one"] });
  const { initializers, metadata, inputs, nodes } = decodeOnnx(exportProjection(model));
  const typeOf = (name: string): unknown => initializers.find((tensor) => tensor.name === name)?.type;
  assertEquals([typeOf("projection"), typeOf("first.weights"), typeOf("second.weights")], ["int8", "int8", "int8"]);
  assertEquals(nodes.filter(({ operator }) => operator === "MatMulInteger").length, 2);
  assertEquals(metadata.labels, '["zéro","one"]');
  assertEquals(metadata["Image.NominalPixelRange"], "NominalRange_0_255");
  assertEquals(inputs[0].shape, ["batch", 28, 28, 1]);
  assertEquals(inputs[0].denotations, ["DATA_BATCH", "DATA_FEATURE", "DATA_FEATURE", "DATA_CHANNEL"]);
  assertEquals(JSON.parse(metadata["projectionnet.projection"]), {
    ...{ family: "sign", seed: model.projection.seed, functions: 8, bitsPerFunction: 6, reads: "bits" },
    head: ["int8", "int4"],
  });
});

Deno.test("models of texts, and matrices too large to be written out, are refused", () => {
  const text = { input: { kind: "text" } } as TextModel;
  assertThrows(
    () => exportProjection(text),
    OnnxModelError,
    "a model of texts hashes words, and ONNX has no operator for that",
  );
  const quantization = { rule: "none" } as const;
  const wide = makeModel({
    projection: { family: "taps", taps: 2 },
    input: { kind: "table", features: 2 ** 22, quantization },
    functions: 9,
  });
  assertEquals(decodePnet(encodePnet(wide)).projection.family, "taps");
  assertThrows(() => exportProjection(wide), OnnxModelError, "4194304 features and 27 bits has 113246208 entries");
});
