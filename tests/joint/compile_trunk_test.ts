import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import {
  AveragePool,
  BatchNorm,
  Conv2d,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  type Module,
  Residual,
  Sequential,
  tensor,
  ToImages,
  TrainingError,
} from "../../mod.ts";
import { compileTrunk, roundTrunk } from "../../lib/joint/compile_trunk.ts";
import { runTrunkRows } from "../../lib/joint/trunk_rows.ts";
import { blobs } from "./fixtures.ts";

const image = { width: 8, height: 8, channels: 1 };
const data = blobs(120);
const features = data.features as Uint8Array;
const input = { image, zeroPoint: 60, unit: 1 / 64, features, count: data.count };
const conv = (inputs: number, outputs: number, rest = {}) =>
  new Conv2d({ inputs, outputs, kernel: 3, padding: "same", seed: inputs + outputs, ...rest });

/** A normalisation with averages and parameters as after training. */
function trainedNorm(channels: number): BatchNorm {
  const norm = new BatchNorm({ channels, relu: true });
  for (let j = 0; j < channels; j++) {
    norm.gain.data[j] = j % 3 === 1 ? -0.7 : 1 + j / 4;
    norm.bias.data[j] = 0.3 - j / 10;
    norm.mean.data[j] = j / 5 - 0.4;
    norm.variance.data[j] = 0.5 + j;
  }
  return norm;
}

/** What the layers give on the tape, and what their whole numbers stand for. */
function compare(modules: Module[], precision: "int8" | "int4" | "ternary" | "binary"): number {
  roundTrunk(modules, precision);
  const trunk = compileTrunk(modules, input);
  const bytes = runTrunkRows(trunk, { image, features, count: data.count });
  const x = tensor(Float32Array.from(features, (q) => (q - 60) / 64), { shape: [data.count, 64] });
  const { data: real } = new Sequential(modules).forward(x);
  assertEquals(bytes.length, real.length);
  // The unit of the last layer is the best factor between the two.
  let dot = 0, squares = 0;
  bytes.forEach((byte, i) => {
    dot += byte * real[i];
    squares += byte * byte;
  });
  const unit = dot / squares;
  const error = Math.hypot(...bytes.map((byte, i) => byte * unit - real[i])) / Math.hypot(...real);
  assert(bytes.some((byte) => byte > 180) && bytes.some((byte) => byte < 20));
  return error;
}

Deno.test("compileTrunk: bytes stand for what the layers give on the tape, batch normalisation included, in every precision", () => {
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    const layers = [
      new ToImages(image),
      conv(1, 6),
      trainedNorm(6),
      new MaxPool({ size: 2 }),
      new Sequential([conv(6, 5, { stride: 2 }), trainedNorm(5), new Dropout(0.5, 1)]),
      conv(5, 4, { relu: true, kernel: 1, padding: 0 }),
      new Flatten(),
      new Dense({ inputs: 16, outputs: 7, relu: true, seed: 5 }),
    ];
    assertLess(compare(layers, precision), 0.03, precision);
  }
});

Deno.test("compileTrunk: means, and layers of a plain network", () => {
  assertLess(
    compare([new ToImages(image), conv(1, 6), trainedNorm(6), new AveragePool({ size: 3, stride: 2 })], "int8"),
    0.03,
  );
  assertLess(compare([new ToImages(image), conv(1, 6), trainedNorm(6), new GlobalAveragePool()], "int4"), 0.03);
  const dense = new Dense({ inputs: 64, outputs: 9, relu: true, seed: 1 });
  assertLess(
    compare([dense, new Dropout(0.1, 2), new Dense({ inputs: 9, outputs: 9, relu: true, seed: 2 })], "int4"),
    0.03,
  );
});

Deno.test("compileTrunk: residual blocks with ReLU before and after the addition", () => {
  const bare = trainedNorm(4);
  const norm = new BatchNorm({ channels: 4 });
  for (const kind of ["gain", "bias", "mean", "variance"] as const) norm[kind].data.set(bare[kind].data);
  for (const precision of ["int8", "int4"] as const) {
    const layers = [
      new ToImages(image),
      conv(1, 4),
      trainedNorm(4),
      new Residual(
        new Sequential([conv(4, 4), trainedNorm(4), new Sequential([conv(4, 4), trainedNorm(4), new Dropout(0.2, 1)])]),
      ),
      new MaxPool({ size: 2 }),
      new Residual(new Sequential([conv(4, 4), norm]), { relu: true }),
      new Residual(conv(4, 4, { relu: true })),
    ];
    assertLess(compare(layers, precision), 0.03, precision);
    const { layers: packed } = compileTrunk(layers, input);
    assertEquals(
      packed.map((layer) =>
        layer.kind === "convolution" && layer.addend && [layer.addend.layer, layer.addend.afterRelu]
      ),
      [undefined, undefined, [0, true], false, [3, false], [4, true]],
    );
  }
});

Deno.test("roundTrunk: a convolution over pixels keeps eight bits", () => {
  const layers = [conv(3, 4), conv(5, 4), new Dense({ inputs: 4, outputs: 4, seed: 1 })];
  roundTrunk([new Sequential(layers)], "ternary");
  assertEquals(layers.map(({ precision }) => precision), ["int8", "ternary", "ternary"]);
});

Deno.test("compileTrunk: a layer that gives nothing but zeros packs as one", () => {
  const dead = new Dense({ inputs: 64, outputs: 3, relu: true, seed: 1 });
  dead.weights.data.fill(0);
  const trunk = compileTrunk([dead], input);
  assertEquals(new Set(runTrunkRows(trunk, { image, features, count: data.count })), new Set([0]));
});

Deno.test("compileTrunk: refuses what cannot be packed", () => {
  const cases: [string, Module[]][] = [
    ["without ReLU", [new ToImages(image), conv(1, 2)]],
    ["without ReLU", [new Dense({ inputs: 64, outputs: 2, seed: 1 })]],
    ["follows no weights", [new ToImages(image), new BatchNorm({ channels: 1 })]],
    ["a mean of pixels", [new ToImages(image), new AveragePool({ size: 2 })]],
    ["pooling with padding", [new ToImages(image), new MaxPool({ size: 3, padding: 1 })]],
    ["padding of 2 around a kernel of 3", [new ToImages(image), conv(1, 2, { padding: 2, relu: true })]],
    ["a residual block that reads pixels", [new ToImages(image), new Residual(conv(1, 1, { relu: true }))]],
    ["without ReLU", [new ToImages(image), conv(1, 4, { relu: true }), new Residual(conv(4, 4))]],
    [
      "ends with a layer without weights",
      [
        new ToImages(image),
        conv(1, 4, { relu: true }),
        new Residual(new Sequential([conv(4, 4, { relu: true }), new MaxPool({ size: 1 })])),
      ],
    ],
    ["kind Object", [{ parameters: [], forward: (x) => x }]],
  ];
  for (const [wanted, modules] of cases) {
    assertStringIncludes(assertThrows(() => compileTrunk(modules, input), TrainingError).message, wanted);
  }
});
