/**
 * The kernels against each other: `deno bench -A bench/kernels_bench.ts [--filter matmul]`. The plain TypeScript implementation is the baseline of each
 * group. Sizes are the parameters below; each implementation must agree with the baseline before it is timed.
 *
 * @module
 */
import { availableVariants, patchGrid, type PatchShape, Region, useKernels } from "../lib/kernels/mod.ts";
import type { Kernels, MatmulOptions } from "../lib/kernels/interface.ts";
import { assertClose } from "../tests/close.ts";

/** rows, columns, inner, layout: the products of 784-1000-1000-1000-10 at batch 128 and of 784-128-10 at batch 32, and a large one. */
const products: readonly [number, number, number, "NN" | "TN" | "NT"][] = [
  [128, 1000, 784, "NN"],
  [128, 1000, 1000, "NN"],
  [128, 1000, 1000, "NT"],
  [1000, 1000, 128, "TN"],
  [784, 1000, 128, "TN"],
  [128, 10, 1000, "NN"],
  [32, 128, 784, "NN"],
  [784, 128, 32, "TN"],
  [32, 10, 128, "NN"],
  [1024, 1024, 1024, "NN"],
];

/** A layer's activations, and its parameters. */
const rows = 128, columns = 1000, parameters = 784 * 1000, pixels = 784, bits = 720, classes = 10, examples = 2000;

const threads = Math.min(navigator.hardwareConcurrency, 4);

/** An implementation by name; chosen when its benchmark runs. */
const implementations: Readonly<Record<string, () => Kernels>> = Object.fromEntries(
  availableVariants().flatMap((variant) => {
    const one = [variant, () => useKernels({ variant, threads: 1 })];
    const several = [`${variant}, ${threads} threads`, () => useKernels({ variant, threads })];
    return variant === "reference" || threads < 2 ? [one] : [one, several];
  }),
);

const region = new Region();

function values(count: number, seed: number, lowest = -1): Float32Array {
  const view = region.float32(count);
  for (let index = 0; index < count; index++) {
    const noise = Math.sin(seed * 7919 + index * 12.9898) * 43758.5453;
    view[index] = lowest + (1 - lowest) * (noise - Math.floor(noise));
  }
  return view;
}

type Values = Float32Array | Int32Array | Uint8Array;

/** Times `run` with each implementation; `results` are the arrays that it changes. */
function group(name: string, results: readonly Values[], run: (kernels: Kernels) => void): void {
  for (const [implementation, choose] of Object.entries(implementations)) {
    Deno.bench({ name: `${name}: ${implementation}`, group: name, baseline: implementation === "reference" }, (b) => {
      const before = results.map((result) => result.slice());
      const restore = (): void => results.forEach((result, index) => result.set(before[index]));
      run(useKernels({ variant: "reference" }));
      const expected = results.map((result) => result.slice());
      restore();
      const kernels = choose();
      run(kernels);
      const tolerance = { relative: 1e-4, absolute: 1e-3, message: `${name} by ${implementation}` };
      results.forEach((result, index) => assertClose(result, expected[index], tolerance));
      b.start();
      run(kernels);
      b.end();
      restore();
    });
  }
}

for (const [m, n, k, layout] of products) {
  const options: MatmulOptions = {
    rows: m,
    columns: n,
    inner: k,
    transposeA: layout === "TN",
    transposeB: layout === "NT",
  };
  const a = values(m * k, 1), b = values(k * n, 2), out = values(m * n, 3);
  group(`matmul ${m}×${n}×${k} ${layout}`, [out], (kernels) => kernels.matmul(a, b, out, options));
}

const shape = { rows, columns }, size = rows * columns;
const x = values(size, 4), y = values(size, 5), out = values(size, 6), sums = values(columns, 7);
group(`relu ${size}`, [out], (kernels) => kernels.unary("relu", x, out));
group(`tanh ${size}`, [out], (kernels) => kernels.unary("tanh", x, out));
group(`gradient of tanh ${size}`, [out], (kernels) => kernels.unaryGradient("tanh", { x, y, gradient: x }, out, false));
group(`add ${size}`, [out], (kernels) => kernels.binary("add", x, y, out, false));
group(
  `columnSums ${rows}×${columns}`,
  [sums],
  (kernels) => kernels.columnSums(x, sums, { ...shape, accumulate: false }),
);
group(
  `reluBiasGradient ${rows}×${columns}`,
  [sums, out],
  (kernels) => kernels.reluBiasGradient(y, out, sums, { ...shape, accumulate: false }),
);
group(`softmax ${rows}×${columns}`, [out], (kernels) => kernels.softmax(x, out, shape));

const logits = values(rows * classes, 8), logProbabilities = values(rows * classes, 9);
group(
  `logSoftmax ${rows}×${classes}`,
  [logProbabilities],
  (kernels) => kernels.logSoftmax(logits, logProbabilities, { rows, columns: classes }),
);

const parameter = values(parameters, 10), gradient = values(parameters, 11), velocity = values(parameters, 12);
const square = values(parameters, 13, 0);
const sgd = { learningRate: 0.01, momentum: 0.9, weightDecay: 0, nesterov: false };
group(`sgd ${parameters}`, [parameter, velocity], (kernels) => kernels.sgd(parameter, gradient, velocity, sgd));
const adam = {
  ...{ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  weightDecay: 0,
  decoupled: false,
  step: 9,
};
group(
  `adam ${parameters}`,
  [parameter, velocity, square],
  (kernels) => kernels.adam(parameter, gradient, { mean: velocity, square }, adam),
);

const images = new Uint8Array(examples * pixels).map((_, index) => index * 31 % 256);
const codes = new Uint8Array(examples * bits / 8).map((_, index) => index * 37 % 256);
const batch = Uint32Array.from({ length: rows }, (_, index) => index * 431 % examples);
const pixelBatch = values(rows * pixels, 14), signBatch = values(rows * bits, 15);
group(
  `gatherBytes ${rows}×${pixels}`,
  [pixelBatch],
  (kernels) => kernels.gatherBytes(images, batch, pixelBatch, { columns: pixels, factor: 1 / 255, offset: 0 }),
);
group(`gatherSigns ${rows}×${bits}`, [signBatch], (kernels) => kernels.gatherSigns(codes, batch, signBatch, { bits }));

const labels = region.int32(rows);
labels.forEach((_, index) => labels[index] = index * 7 % classes);
const classGradient = values(rows * classes, 16), step = { factor: 1 / rows, accumulate: false };
group(
  `crossEntropyGradient ${rows}×${classes}`,
  [classGradient],
  (kernels) => kernels.crossEntropyGradient(logits, labels, classGradient, { rows, columns: classes, ...step }),
);
group(
  `softCrossEntropyGradient ${rows}×${classes}`,
  [classGradient],
  (kernels) => kernels.softCrossEntropyGradient(logits, logits, classGradient, { rows, columns: classes, ...step }),
);
group(
  `softmaxGradient ${rows}×${columns}`,
  [out],
  (kernels) => kernels.softmaxGradient(x, y, out, { ...shape, accumulate: false }),
);
group(
  `logSoftmaxGradient ${rows}×${columns}`,
  [out],
  (kernels) => kernels.logSoftmaxGradient(x, y, out, { ...shape, accumulate: false }),
);
group(
  `dropoutMask ${size}`,
  [out],
  (kernels) => kernels.dropoutMask(out, { seed: 1, step: 2, limit: 2 ** 30, kept: 2 }),
);

const projected = values(rows * bits, 17), thresholds = values(bits, 18), packed = region.uint8(rows * bits / 8);
group(
  `packBits ${rows}×${bits}`,
  [packed],
  (kernels) => kernels.packBits(projected, thresholds, packed, { rows, bits }),
);

const batchCodes = region.uint8(rows * bits / 8), signs = region.uint8(classes * bits / 8);
batchCodes.set(codes.subarray(0, batchCodes.length));
signs.set(codes.subarray(0, signs.length));
const counts = region.int32(rows * classes);
group(
  `popcountMatmul ${rows}×${bits}×${classes}`,
  [counts],
  (kernels) => kernels.popcountMatmul(batchCodes, signs, counts, { rows, bytes: bits / 8, outputs: classes }),
);

/** A table head of `functions` tables of 2^`tableBits` rows. */
const functions = 80, tableBits = 4;
const tables = values(functions * 2 ** tableBits * classes, 19), scores = values(rows * classes, 20);
const indices = region.int32(rows * functions);
indices.forEach((_, index) => indices[index] = index * 11 % 2 ** tableBits);
group(
  `lookupSums ${rows}×${functions} of ${tableBits} bits to ${classes}`,
  [scores],
  (kernels) => kernels.lookupSums(indices, tables, scores, { rows, functions, bits: tableBits, outputs: classes }),
);

/** Convolutions with 5×5 and 3×3 kernels: of the pixels, and of a layer of 32 channels. */
const convolutions: readonly PatchShape[] = [
  { images: 32, height: 28, width: 28, channels: 1, kernel: [5, 5], stride: [1, 1], padding: [0, 0, 0, 0] },
  { images: 32, height: 12, width: 12, channels: 32, kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] },
];
for (const convolution of convolutions) {
  const { images: count, height, width, channels, kernel } = convolution, grid = patchGrid(convolution);
  const source = values(count * height * width * channels, 21), bytes = images.subarray(0, source.length);
  const patches = values(count * grid.rows * grid.columns * kernel[0] * kernel[1] * channels, 22);
  const name = `of ${count}×${height}×${width}×${channels}, kernel ${kernel.join("×")}`;
  group(`im2col ${name}`, [patches], (kernels) => kernels.im2col(source, patches, convolution));
  group(`im2col of bytes ${name}`, [patches], (kernels) => kernels.im2col(bytes, patches, convolution));
  group(
    `col2im ${name}`,
    [source],
    (kernels) => kernels.col2im(patches, source, { ...convolution, accumulate: false }),
  );
}

/** A step of an LSTM. */
const state = { rows, units: 128, carried: rows }, stateSize = rows * state.units;
const gates = values(4 * stateSize, 23, -4), before = values(stateSize, 24), cells = values(stateSize, 25);
const squashed = values(stateSize, 26), states = values(stateSize, 27), activations = values(4 * stateSize, 28, 0);
group(
  `lstmCell ${rows}×${state.units}`,
  [gates, cells, squashed, states],
  (kernels) => kernels.lstmCell({ gates, before, cells, squashed, out: states }, state),
);
group(
  `lstmCellGradient ${rows}×${state.units}`,
  [activations, cells],
  (kernels) =>
    kernels.lstmCellGradient({ gates: activations, before, squashed, gradient: states, cellGradient: cells }, state),
);

/** Pooling of a convolutional layer's output, and the statistics of its channels. */
const pooling: PatchShape = {
  ...{ images: 32, height: 28, width: 28, channels: 32 },
  ...{ kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] },
};
const layer = { rows: 32 * 28 * 28, columns: 32 }, layerSize = layer.rows * layer.columns, accumulate = false;
const outputs = values(layerSize, 29), outputGradient = values(layerSize, 30), pooled = values(layerSize / 4, 31);
const places = region.int32(layerSize / 4).fill(3);
group(
  "maxPool of 32×28×28×32 by 2",
  [pooled, places],
  (kernels) => kernels.maxPool(outputs, pooled, places, pooling),
);
group(
  "maxPoolGradient of 32×28×28×32 by 2",
  [outputGradient],
  (kernels) => kernels.maxPoolGradient(pooled, places, outputGradient, { ...pooling, accumulate }),
);
const [mean, variance, factors, others] = [32, 33, 34, 35].map((seed) => values(layer.columns, seed));
group(
  `columnMoments ${layer.rows}×${layer.columns}`,
  [mean, variance],
  (kernels) => kernels.columnMoments(outputs, { mean, variance }, layer),
);
group(
  `scaleColumns of two ${layer.rows}×${layer.columns}`,
  [outputGradient],
  (kernels) =>
    kernels.scaleColumns(
      { x: outputs, factors, y: outputs, others, offsets: factors },
      outputGradient,
      { ...layer, accumulate },
    ),
);
