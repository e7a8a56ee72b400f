import { assertEquals, assertLess } from "@std/assert";
import { GraphWriter } from "../../lib/onnx/graph_writer.ts";
import { asRows } from "../../lib/onnx/layers.ts";
import { decodeOnnx, exportProjection } from "../../lib/onnx/mod.ts";
import { writeTrunk } from "../../lib/onnx/trunk.ts";
import type { NumericInput, PnetModel, Trunk, TrunkConvolution } from "../../lib/packed/mod.ts";
import { featuresOf, makeModel } from "../packed/models.ts";
import { makeConvolution, makeTrunkModel, makeTrunks, runTrunkReference } from "../packed/trunk_models.ts";
import { testNumbers } from "../projection/reference.ts";
import { assertSame, runOnnx, samplesOf } from "./run.ts";

interface TrunkParts {
  readonly input: NumericInput;
  readonly trunk: Trunk;
}

const next = testNumbers(17);
const image = { kind: "image", width: 13, height: 10, channels: 3 } as const;

const randomBytes = (length: number): number[] => Array.from({ length }, () => Math.floor(256 * next()));

/** Compares every byte that a trunk gives in the graph with FORMAT.md's, and gives the number of different ones. */
async function assertBytes({ input, trunk }: TrunkParts, samples: number[]): Promise<number> {
  const graph = new GraphWriter(), features = featuresOf(input), count = samples.length / features;
  const shape = input.kind === "image" ? [input.height, input.width, input.channels] : [features];
  const name = graph.input("input", { type: "uint8", shape: ["batch", ...shape] });
  const { name: found, shape: [length] } = asRows(writeTrunk(graph, { name, shape }, trunk), graph);
  graph.output(found, { type: "uint8", shape: ["batch", length] });
  const file = graph.finish({ name: "trunk", documentation: "", metadata: {} });
  const values = (await runOnnx(file, { data: Uint8Array.from(samples), dims: [count, ...shape] }, [found]))[found];
  for (let row = 0; row < count; row++) {
    const wanted = runTrunkReference(trunk, input, samples.slice(row * features, (row + 1) * features)).values;
    assertEquals(values.slice(row * length, (row + 1) * length), wanted, `sample ${row}`);
  }
  return new Set(values).size;
}

Deno.test("every kind of layer: the graph gives the bits, the class and the logits of the runtime for 400 samples each", async () => {
  for (const seed of [1, 2]) {
    for (const parts of makeTrunks(seed)) {
      const model = makeTrunkModel(parts);
      await assertSame(model, samplesOf(model, 200));
      await assertBytes(parts, randomBytes(50 * featuresOf(parts.input)));
    }
  }
});

Deno.test("strides, padding and addends before every family of projections", async () => {
  const layers = [
    makeConvolution({ precision: "int8", kernel: 5, channels: 3, outputs: 6, stride: 2, padding: true, next }),
    makeConvolution({ precision: "int4", kernel: 2, channels: 6, outputs: 6, padding: true, next }),
    makeConvolution({
      ...{ precision: "int8", kernel: 3, channels: 6, outputs: 6, padding: true, next },
      addend: { layer: 0, scale: Math.fround(0.37), afterRelu: true },
    }),
    // Kernels that are further apart than they are wide.
    makeConvolution({ precision: "ternary", kernel: 1, channels: 6, outputs: 5, stride: 2, padding: true, next }),
  ];
  const trunk = { zeroPoint: 93, layers };
  await assertBytes(
    { input: image, trunk },
    randomBytes(40 * featuresOf(image)),
  );
  const reduced = { kind: "image", width: 4, height: 3, channels: 5 } as const;
  for (
    const projection of [
      { family: "conv", filter: 2, stride: 1, cell: 2, cellStride: 1 },
      { family: "patch", smallest: 1, largest: 3 },
      { family: "hadamard" },
      { family: "taps", taps: 7 },
      { family: "sign" },
    ] as const
  ) {
    const behind = makeModel({ projection, input: reduced, head: ["ternary", "int8"], width: 10 });
    const model: PnetModel = { ...behind, input: image, trunk };
    await assertSame(model, samplesOf(model, 60), { rounding: 1e-5 });
  }
});

/** A convolution of these weights, whose sums are scaled alike. */
function plainConvolution(
  { channels, kernel = 1, weight, scale, bias }: {
    channels: number;
    kernel?: number;
    weight: (i: number) => number;
    scale: number;
    bias: number;
  },
): TrunkConvolution {
  const layer = makeConvolution({ precision: "int8", kernel, channels, outputs: 4, next }) as TrunkConvolution;
  const { weights } = layer;
  weights.weights = Int8Array.from(weights.weights, (_, i) => weight(i));
  weights.scales = weights.scales.map(() => Math.fround(scale));
  weights.bias = weights.bias.map(() => bias);
  return layer;
}

Deno.test("halves are rounded up, and those of means too", async () => {
  const convolution = plainConvolution({ channels: 3, weight: (i) => 1 - i % 2, scale: 0.5, bias: -40 });
  const trunk = {
    zeroPoint: 0,
    layers: [convolution, { kind: "mean", rows: 1, columns: 2, stride: 1, scale: 0.5 } as const],
  };
  const samples = randomBytes(100 * featuresOf(image));
  assertLess(60, await assertBytes({ input: image, trunk }, samples));
});

Deno.test("the greatest sums of products are exact: int8 weights of full size, inputs from -255 to 255", async () => {
  const wide: NumericInput = { kind: "image", width: 6, height: 6, channels: 40 };
  const pixels = 6 * 6 * 40, inputs = 5 * 5 * 40;
  const extremes = [() => 255, () => 0, (i: number) => i % 2 * 255];
  const random = Array.from({ length: 40 }, () => () => 255 - Number(next() < 0.25));
  const values = [...random, ...extremes].flatMap((value) => Array.from({ length: pixels }, (_, i) => value(i)));
  for (const zeroPoint of [0, 255]) {
    const samples = zeroPoint === 0 ? values : values.map((value) => 255 - value);
    for (const weight of [() => -128, () => 127, (i: number) => i % 2 ? 127 : -128]) {
      // Of sums around 2^25 the last bits become bytes, those of random inputs around 100.
      const sum = inputs * (weight(0) + weight(1)) / 2 * 254.75 * (zeroPoint === 0 ? 1 : -1);
      const scale = Math.sign(sum) / 128;
      const convolution = plainConvolution({
        ...{ channels: 40, kernel: 5, weight, scale },
        bias: Math.fround(100 - scale * sum),
      });
      const trunk = { zeroPoint, layers: [convolution] };
      assertLess(25, await assertBytes({ input: wide, trunk }, samples));
    }
  }
});

Deno.test("weights stay bytes in the file, sums are integers, and no layer is written in float32", () => {
  const [parts] = makeTrunks();
  const { nodes, initializers } = decodeOnnx(exportProjection(makeTrunkModel(parts)));
  const weights = initializers.filter(({ name }) => /^trunk\.\d+\.weights$/.test(name));
  assertEquals(weights.map(({ type, bytes }) => [type, bytes.length]), [
    ["uint8", 108],
    ["uint8", 144],
    ["uint8", 144],
    ["uint8", 16],
  ]);
  assertEquals(nodes.filter(({ operator }) => operator === "ConvInteger").length, 5);
  assertEquals(nodes.filter(({ operator }) => operator === "Conv").length, 0);
});
