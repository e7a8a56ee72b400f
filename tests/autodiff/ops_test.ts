import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  add,
  availableVariants,
  averagePool,
  batchNorm,
  checkGradients,
  concatenate,
  conv2d,
  crossEntropy,
  dropout,
  exp,
  gather,
  gatherMean,
  gatherSum,
  type KernelVariant,
  linear,
  log,
  logSoftmax,
  lstm,
  matmul,
  max,
  maxPool,
  mean,
  multiply,
  quantize,
  Region,
  relu,
  reshape,
  ShapeError,
  sigmoid,
  sign,
  slice,
  softCrossEntropy,
  softmax,
  sum,
  Tape,
  Tensor,
  tensor,
  transpose,
  useKernels,
  zeros,
} from "../../mod.ts";
import { quantizeColumns, roundToBfloat16 } from "../../lib/autodiff/mod.ts";
import { gradientRules } from "../../lib/autodiff/registry.ts";
import { assertClose } from "../close.ts";
import { caseValues, type OpCase, opCases } from "./op_cases.ts";

function inputsOf({ shapes, range }: OpCase): Tensor[] {
  return shapes.map((shape, i) => {
    const values = caseValues(shape.reduce((a, b) => a * b, 1), range, i + 1);
    return tensor(Float32Array.from(values), { shape, requiresGradient: true });
  });
}

for (const variant of availableVariants()) {
  Deno.test(`every operation computes what its definition says, with the kernels ${variant}`, () =>
    withKernels(variant, checkForward));
  Deno.test(`every operation's gradient agrees with numeric differences, with the kernels ${variant}`, () =>
    withKernels(variant, checkBackward));
}

function withKernels(variant: KernelVariant, work: () => void): void {
  useKernels({ variant, threads: 1 });
  try {
    work();
  } finally {
    useKernels();
  }
}

function checkForward(): void {
  using region = new Region();
  for (const opCase of opCases) {
    const inputs = inputsOf(opCase);
    const output = region.run(() => opCase.run(inputs));
    const message = `${opCase.op}, ${opCase.note}`;
    assertEquals(output.shape, opCase.shape, message);
    const expected = opCase.expected(inputs.map(({ data }) => Array.from(data)));
    assertClose(output.data, expected, { relative: 1e-5, absolute: 1e-6, message });
  }
}

function checkBackward(): void {
  using region = new Region();
  for (const opCase of opCases) {
    if (opCase.differentiable === false) continue;
    const inputs = inputsOf(opCase);
    // Unequal weights, so that a gradient that ends up in the wrong place shows.
    const weigh = (output: Tensor) => {
      const weights = tensor(Float32Array.from(caseValues(output.size, [0.5, 1.5], 99)), { shape: output.shape });
      return sum(multiply(output, weights));
    };
    const check = region.run(() => checkGradients((xs) => weigh(opCase.run(xs)), inputs));
    assert(check.largestError < 4e-3, `${opCase.op}, ${opCase.note}: ${JSON.stringify(check)}`);
    region.reset();
  }
}

Deno.test("the table has a case for every gradient rule, and a rule for every case", () => {
  assertEquals([...new Set(opCases.map(({ op }) => op))].sort(), Object.keys(gradientRules).sort());
});

Deno.test("a gradient adds up over several uses of a tensor", () => {
  const x = tensor([1, 2, 3], { requiresGradient: true });
  for (const use of [relu, sigmoid, exp, (t: Tensor) => slice(t, { start: 0 }), (t: Tensor) => gather(t, [0, 1, 2])]) {
    const check = checkGradients(([t]) => sum(add(multiply(use(t), use(t)), multiply(t, t))), [x]);
    assert(check.largestError < 4e-3, JSON.stringify(check));
  }
});

Deno.test("accumulating gradients of matrix operations equals the sum of their parts", () => {
  const x = tensor(Float32Array.from(caseValues(12)), { shape: [3, 4], requiresGradient: true });
  const w = tensor(Float32Array.from(caseValues(16, [-1, 1], 2)), { shape: [4, 4], requiresGradient: true });
  const bias = tensor(Float32Array.from(caseValues(4, [-1, 1], 3)), { requiresGradient: true });
  const compute = ([a, b, c]: Tensor[]) => {
    const once = linear(a, b, { bias: c, relu: true });
    const twice = linear(once, b, { bias: c });
    const parts = [
      softmax(twice),
      logSoftmax(twice),
      matmul(twice, b),
      transpose(transpose(twice)),
      reshape(twice, [3, 4]),
    ];
    const joined = concatenate(parts, { axis: 1 });
    return add(sum(multiply(joined, joined)), add(mean(max(twice, { axis: 1 })), sum(add(twice, c))));
  };
  const check = checkGradients(compute, [x, w, bias], { h: 3e-3 });
  assert(check.largestError < 1e-2, JSON.stringify(check));
});

Deno.test("the gradient of an LSTM's states accumulates, and flows through two layers in both directions", () => {
  const value = (shape: number[], seed: number): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(Float32Array.from(caseValues(size, [-1, 1], seed)), { shape, requiresGradient: true });
  };
  const parameters = [value([7, 2], 1), value([2, 12], 2), value([3, 12], 3), value([12], 4), value([3, 12], 5)];
  const sizes = [3, 2, 1, 1];
  const check = checkGradients(([x, inputWeights, recurrentWeights, bias, secondWeights]) => {
    const forward = lstm(x, { inputWeights, recurrentWeights, bias, sizes });
    const backward = lstm(x, { inputWeights, recurrentWeights, bias, sizes, reverse: true });
    const second = lstm(add(forward, backward), { inputWeights: secondWeights, recurrentWeights, bias, sizes });
    return sum(multiply(second, add(second, forward)));
  }, parameters);
  assert(check.largestError < 4e-3, JSON.stringify(check));
});

Deno.test("gradients of a small convolutional network accumulate, with a weight that is used twice", () => {
  const value = (shape: number[], seed: number): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(Float32Array.from(caseValues(size, [-1, 1], seed)), { shape, requiresGradient: true });
  };
  const parameters = [value([3, 6, 6, 2], 1), value([3, 3, 2, 2], 2), value([2], 3), value([2], 4), value([2], 5)];
  const check = checkGradients(
    ([x, weights, bias, gain, shift]) => {
      const options = { bias, padding: "same" } as const;
      const moments = { mean: new Float32Array(2), variance: new Float32Array(2) };
      const first = batchNorm(conv2d(x, weights, options), { gain, bias: shift, moments, training: true });
      const second = add(conv2d(first, weights, options), add(first, x));
      const pooled = concatenate([maxPool(second, { size: 2 }), averagePool(second, { size: 2 })], { axis: 3 });
      return mean(multiply(pooled, pooled));
    },
    parameters,
    { h: 3e-3 },
  );
  assert(check.largestError < 4e-3, JSON.stringify(check));
});

Deno.test("a convolution of more images than are unfolded at a time is that of each image alone, and so are its gradients", () => {
  const images = 5, shape = [26, 21, 24], size = shape.reduce((a, b) => a * b);
  const value = (of: readonly number[], seed: number): Tensor => {
    const values = caseValues(of.reduce((a, b) => a * b), [-1, 1], seed);
    return tensor(Float32Array.from(values), { shape: of, requiresGradient: true });
  };
  const x = value([images, ...shape], 1), weights = value([3, 3, 24, 8], 2), bias = value([8], 3);
  const convolve = (of: Tensor): Tensor => {
    const tape = new Tape();
    const out = tape.record(() => conv2d(of, weights, { bias, padding: "same" }));
    tape.backward(tape.record(() => sum(multiply(out, out))));
    return out;
  };
  const whole = convolve(x).data, gradients = [x, weights, bias].map(({ gradient }) => gradient!.slice());
  const outs: number[] = [], pixels: number[] = [], sums = [weights, bias].map(() => [] as number[]);
  for (let image = 0; image < images; image++) {
    for (const parameter of [weights, bias]) parameter.gradient!.fill(0);
    const one = tensor(x.data.slice(image * size, (image + 1) * size), {
      shape: [1, ...shape],
      requiresGradient: true,
    });
    outs.push(...convolve(one).data);
    pixels.push(...one.gradient!);
    [weights, bias].forEach(({ gradient }, index) =>
      gradient!.forEach((added, i) => sums[index][i] = (sums[index][i] ?? 0) + added)
    );
  }
  assertClose(whole, outs, { relative: 1e-6 });
  [pixels, ...sums].forEach((expected, index) =>
    assertClose(gradients[index], expected, { relative: 1e-4, absolute: 1e-2, message: `gradient ${index}` })
  );
});

Deno.test("sign and quantize pass the gradient straight through", () => {
  const x = tensor([-2, -0.5, 0.5, 2], { requiresGradient: true });
  const tape = new Tape();
  tape.backward(tape.record(() => sum(multiply(sign(x), tensor([1, 2, 3, 4])))));
  assertEquals(Array.from(x.gradient!), [0, 2, 3, 0]);

  const weights = tensor([[1, -0.1], [-3, 0.2]], { requiresGradient: true });
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    const next = new Tape();
    next.backward(next.record(() => sum(multiply(quantize(weights, precision), tensor([[1, 2], [3, 4]])))));
    assertEquals(Array.from(weights.gradient!), [1, 2, 3, 4]);
  }
});

Deno.test("quantize: a column of zeros stays zero", () => {
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    const [a, one, b, minusOne] = quantize(tensor([[0, 1], [0, -1]]), precision).data;
    assertEquals([a, b], [0, 0]);
    assertClose([one, minusOne], [1, -1], { relative: 2 ** -8 });
  }
});

Deno.test("quantizeColumns: the levels times the scales are what quantize computes, for tiny and huge weights too", () => {
  const ranges = { int8: [-127, 127], int4: [-7, 7], ternary: [-1, 1], binary: [-1, 1] } as const;
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    for (const size of [1e-45, 1e-42, 1e-38, 1e-31, 1e-29, 1, 1e30]) {
      const weights = Float32Array.from(caseValues(60, [-1, 1]), (value) => value * size);
      const { levels, scales } = quantizeColumns(weights, { columns: 3, precision });
      const rounded = quantize(tensor(weights, { shape: [20, 3] }), precision).data;
      assertEquals(Array.from(rounded), Array.from(levels, (level, i) => Math.fround(level * scales[i % 3])));
      const [least, most] = ranges[precision];
      assert(levels.every((level) => level >= least && level <= most));
      assertEquals(Array.from(roundToBfloat16(scales.slice())), Array.from(scales));
      if (size > 1e-30) assertClose(rounded, weights, { absolute: 1.1 * size * (precision === "int8" ? 0.005 : 1) });
    }
  }
});

Deno.test("quantize: a higher ternary threshold keeps fewer weights, at the mean magnitude of those", () => {
  const weights = Float32Array.of(1, -2, 3, -6);
  const kept = (ternaryThreshold?: number) =>
    quantizeColumns(weights, { columns: 1, precision: "ternary", ternaryThreshold });
  assertEquals(kept(), { levels: Int8Array.of(0, 0, 1, -1), scales: Float32Array.of(4.5) });
  assertEquals(kept(0), { levels: Int8Array.of(1, -1, 1, -1), scales: Float32Array.of(3) });
  assertEquals(kept(1.5), { levels: Int8Array.of(0, 0, 0, -1), scales: Float32Array.of(6) });
  assertEquals([...quantize(tensor([[1], [-2], [3], [-6]]), "ternary", { ternaryThreshold: 1.5 }).data], [0, 0, 0, -6]);
});

Deno.test("batchNorm: tells the moments of a batch in training, and keeps those that it is given otherwise", () => {
  const parts = { gain: tensor([1, 1]), bias: tensor([0, 0]), epsilon: 0 };
  const moments = { mean: new Float32Array(2), variance: new Float32Array(2) };
  batchNorm(tensor([[1, 5], [3, 5]]), { ...parts, moments, training: true });
  assertEquals(moments, { mean: Float32Array.of(2, 5), variance: Float32Array.of(1, 0) });
  moments.variance[1] = 4;
  assertEquals([...batchNorm(tensor([[1, 9]]), { ...parts, moments, training: false }).data], [-1, 2]);
  assertEquals(moments, { mean: Float32Array.of(2, 5), variance: Float32Array.of(1, 4) });
});

Deno.test("quantize: NaN shows in its column", () => {
  for (const precision of ["int8", "int4", "ternary", "binary"] as const) {
    const { data } = quantize(tensor([[NaN, 1], [1, -1]]), precision);
    assert(Number.isNaN(data[0]) && Number.isNaN(data[2]) && Number.isFinite(data[1] + data[3]), precision);
  }
});

Deno.test("roundToBfloat16: to nearest, ties to even, infinities and NaN kept", () => {
  const cases = [[1, 1], [1 + 2 ** -8, 1], [1 + 3 * 2 ** -8, 1 + 2 ** -6], [-1 - 2 ** -8 - 2 ** -20, -1 - 2 ** -7]];
  cases.push([0, 0], [Infinity, Infinity], [NaN, NaN], [3.4e38, Infinity], [-1e-40, -9.183549615799121e-41]);
  const rounded = roundToBfloat16(Float32Array.from(cases, ([value]) => value));
  assertClose(rounded, Float32Array.from(cases, ([, wanted]) => wanted), { absolute: 1e-45 });
  assert(Object.is(roundToBfloat16(Float32Array.of(-0))[0], -0));
});

Deno.test("NaN goes through and is never hidden", () => {
  const x = tensor([[NaN, 1], [1, 2]]);
  for (
    const output of [relu(x), sigmoid(x), exp(x), log(x), sign(x), softmax(x), logSoftmax(x), add(x, x), matmul(x, x)]
  ) {
    assert(Number.isNaN(output.data[0]), output.name);
  }
  assert(Number.isNaN(sum(x).item()));
  assert(Number.isNaN(max(x).item()));
  assert(Number.isNaN(crossEntropy(x, [0, 1]).item()));
});

Deno.test("softmax and cross-entropy hold for logits far from zero", () => {
  assertClose(softmax(tensor([[1000, 0, -1000]])).data, [1, 0, 0], { absolute: 1e-7 });
  assertClose([crossEntropy(tensor([[1000, 0]]), [1]).item()], [1000], { relative: 1e-6 });
  assertClose(logSoftmax(tensor([[-1e30, -1e30]])).data, [-Math.LN2, -Math.LN2], { relative: 1e-6 });
});

Deno.test("wrong shapes are refused with what was found and wanted", () => {
  const a = tensor([[1, 2, 3], [4, 5, 6]]);
  const image = zeros([2, 2, 1, 1]);
  const moments = { mean: new Float32Array(3), variance: new Float32Array(3) };
  const normParts = { gain: zeros([3]), bias: zeros([3]), moments, training: true };
  const lstmParts = { inputWeights: zeros([3, 8]), recurrentWeights: zeros([2, 8]), bias: zeros([8]) };
  const refused: [() => unknown, string][] = [
    [() => add(a, tensor([1, 2])), "add: shapes [2, 3] and [2] do not broadcast"],
    [() => matmul(a, a), "matmul: shapes [2, 3] and [2, 3] do not multiply"],
    [() => matmul(a, tensor([1, 2, 3])), "do not multiply"],
    [() => linear(a, a, { bias: tensor([1, 2, 3]) }), "linear: x [2, 3], weights [2, 3]"],
    [() => conv2d(a, image, { bias: tensor([1]) }), "conv2d: x [2, 3], weights [2, 2, 1, 1] and bias [1] do not fit"],
    [() => conv2d(image, image, { bias: tensor([1, 2]) }), "bias [2] do not fit"],
    [
      () => conv2d(zeros([1, 1, 1, 1]), zeros([2, 2, 1, 1]), { bias: tensor([1]) }),
      "windows of 2x2 with padding 0 do not",
    ],
    [() => maxPool(a, { size: 2 }), "maxPool: [images, height, width, channels] was wanted, [2, 3] found"],
    [() => maxPool(image, { size: 1, padding: 1 }), "maxPool: windows of 1x1 with padding 1 do not fit images of 2x1"],
    [() => averagePool(image, { size: 2 }), "averagePool: windows of 2x2"],
    [() => averagePool(image, { size: 1, stride: 0 }), "stride 0x0"],
    [() => averagePool(image, { size: 0 }), "kernel 0x0"],
    [() => batchNorm(a, { ...normParts, gain: tensor([1]) }), "batchNorm: x [2, 3], gain [1], bias [3]"],
    [() => batchNorm(zeros([0, 3]), normParts), "at least one row"],
    [() => batchNorm(tensor([1, 2]), normParts), "batchNorm: x [2]"],
    [() => sum(a, { axis: 2 }), "sum: axis 2 is not an axis of shape [2, 3]"],
    [() => reshape(a, [4, 2]), "reshape: [2, 3] has 6 values, shape [4, 2] was wanted"],
    [() => reshape(a, [-1, -1]), "reshape"],
    [() => transpose(a, [0, 0]), "transpose: [0, 0] is no order"],
    [() => slice(a, { start: 1, end: 3 }), "slice: 1 to 3 does not lie inside axis 0"],
    [() => concatenate([]), "concatenate: at least one"],
    [() => concatenate([a, tensor([[1, 2]])]), "concatenate: shapes [2, 3] and [1, 2] differ beside axis 0"],
    [
      () => gatherSum(a, [0, 1, 1], { terms: 2 }),
      "gatherSum: a matrix and a multiple of 2 indices were wanted, [2, 3] and 3",
    ],
    [() => gatherSum(tensor([1, 2]), [0], { terms: 1 }), "[2] and 1 found"],
    [() => gatherSum(tensor([1, 2]), [0], { offsets: [0, 1] }), "gatherSum: a matrix was wanted, [2] found"],
    [
      () => gatherSum(a, [0, 1], { offsets: [0, 1] }),
      "gatherSum: offsets from 0 to the number of indices, 2, were wanted",
    ],
    [
      () => gatherSum(a, [0, 1], { offsets: [0, 2, 1, 2] }),
      "gatherSum: offsets that never fall were wanted, 1 after 2",
    ],
    [() => gatherMean(tensor([1, 2]), [0], { offsets: [0, 1] }), "gatherMean: a matrix was wanted, [2] found"],
    [() => gatherMean(a, [0, 1], { offsets: [0, 1] }), "the number of indices, 2, were wanted, 2 from 0 to 1 found"],
    [() => gatherMean(a, [], { offsets: [] }), "0 from undefined to undefined found"],
    [() => gatherMean(a, [0, 1], { offsets: [0, 2, 1, 2] }), "1 after 2 found"],
    [() => lstm(a, { ...lstmParts, sizes: [1] }), "lstm: sizes that add up to the 2 rows of x were wanted, 1 found"],
    [() => lstm(a, { ...lstmParts, sizes: [1, 2] }), "never rise were wanted, 2 for step 1 found"],
    [() => lstm(a, { ...lstmParts, sizes: [2, 0] }), "0 for step 1 found"],
    [() => lstm(a, { ...lstmParts, bias: tensor([1]), sizes: [2] }), "bias [1] do not fit"],
    [() => lstm(tensor([[1]]), { ...lstmParts, sizes: [1] }), "lstm: x [1, 1], input weights [3, 8]"],
    [() => crossEntropy(a, [0]), "one label a row was wanted, 1 for logits [2, 3] found"],
    [() => softCrossEntropy(a, tensor([[1, 2, 3]])), "[1, 3] for [2, 3] found"],
    [() => softmax(tensor(0)), "softmax: a last axis of at least 1"],
    [() => max(tensor(new Float32Array(0))), "max: at least one value"],
    [() => new Tensor([2, 2], new Float32Array(3)), "shape [2, 2] holds 4 values, 3 were given"],
    [() => tensor([[1, 2], [3]]), "rows of unequal lengths"],
    [() => tensor([1, 2, 3], { shape: [2] }), "shape [2] was wanted, 3 values were given"],
    [() => a.item(), "item: one value was wanted"],
  ];
  for (const [run, message] of refused) assertStringIncludes(assertThrows(run, ShapeError).message, message);
});

Deno.test("wrong indices, labels and rates are refused by position", () => {
  const a = tensor([[1, 2, 3], [4, 5, 6]]);
  const refused: [() => unknown, string][] = [
    [() => gather(a, [0, 2]), "gather: index 2 at position 1 is not one of the 2 rows"],
    [() => gather(a, [0.5]), "index 0.5 at position 0"],
    [() => gatherSum(a, [0, 2], { terms: 2 }), "gatherSum: index 2 at position 1 is not one of the 2 rows"],
    [() => gatherSum(a, [0, NaN], { terms: 2 }), "index NaN at position 1"],
    [() => gatherSum(a, [0.5], { terms: 1 }), "index 0.5 at position 0"],
    [() => gatherMean(a, [0, -1], { offsets: [0, 2] }), "gatherMean: index -1 at position 1"],
    [() => crossEntropy(a, [0, 3]), "label 3 of row 1 is not one of the 3 classes"],
    [() => dropout(a, { rate: 1, seed: 1, step: 1 }), "a rate of at least 0 and below 1 was wanted, 1 found"],
  ];
  for (const [run, message] of refused) assertStringIncludes(assertThrows(run, RangeError).message, message);
});
