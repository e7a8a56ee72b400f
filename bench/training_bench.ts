/**
 * Parts of a training step, by implementation of the kernels: forward, backward, optimiser and the whole; and the operations that it is made of.
 * `deno bench -A bench/training_bench.ts`. Plain TypeScript is the baseline of each group.
 */
import {
  AdamW,
  add,
  availableVariants,
  batchNorm,
  concatenate,
  conv2d,
  crossEntropy,
  dropout,
  linear,
  lstm,
  matmul,
  maxPool,
  mlpTrainer,
  multiply,
  type Optimizer,
  quantize,
  Region,
  Sgd,
  sigmoid,
  slice,
  softCrossEntropy,
  softmax,
  sum,
  tanh,
  Tape,
  type Tensor,
  tensor,
  useKernels,
} from "../mod.ts";

/** Inputs, hidden widths, classes and rows of a batch. */
const networks = [
  { inputs: 784, hidden: [128], classes: 10, batch: 32 },
  { inputs: 784, hidden: [256, 256], classes: 10, batch: 128 },
] as const;

const parameters = new Region();
const step = new Region();

function values(rows: number, columns: number): Tensor {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9898));
  return parameters.run(() => tensor(data, { shape: [rows, columns], requiresGradient: true }));
}

/** Times `run` on one thread with each implementation; what it allocates is released each time. */
function group(name: string, run: () => unknown): void {
  for (const variant of availableVariants()) {
    Deno.bench({
      name: variant,
      group: name,
      baseline: variant === "reference",
      fn(bench) {
        useKernels({ variant, threads: 1 });
        bench.start();
        step.run(run);
        bench.end();
        step.reset();
      },
    });
  }
}

for (const { inputs, hidden, classes, batch } of networks) {
  const name = [inputs, ...hidden, classes].join("-") + `, batch ${batch}`;
  const model = parameters.run(() => mlpTrainer({ inputs, hidden, classes, seed: 1 }));
  const x = values(batch, inputs);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
  const optimizers: Record<string, Optimizer> = parameters.run(() => ({
    "SGD with momentum": new Sgd(model.parameters, { learningRate: 1e-6, momentum: 0.9 }),
    AdamW: new AdamW(model.parameters, { learningRate: 1e-6 }),
  }));
  group(`${name}: forward`, () => model.forward(x));
  const backward = (): void => {
    const tape = new Tape();
    tape.backward(tape.record(() => crossEntropy(model.forward(x), labels)));
  };
  group(`${name}: forward and backward`, backward);
  for (const [kind, optimizer] of Object.entries(optimizers)) {
    group(`${name}: whole step, ${kind}`, () => {
      backward();
      optimizer.step();
    });
  }
}

const rows = 128, columns = 1000, classes = 10;
const activations = values(rows, columns), weights = values(columns, classes), logits = values(rows, classes);
const bias = parameters.run(() => tensor(new Float32Array(classes)));
const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
group(`linear ${rows}×${columns}×${classes}`, () => linear(activations, weights, { bias }));
group(`dropout ${rows}×${columns}`, () => dropout(activations, { rate: 0.2, seed: 1, step: 1 }));
group(`quantize ternary ${columns}×${classes}`, () => quantize(weights, "ternary"));
group(`softmax ${rows}×${classes}`, () => softmax(logits));
group(`crossEntropy ${rows}×${classes}`, () => crossEntropy(logits, labels));
group(`softCrossEntropy ${rows}×${classes}`, () => softCrossEntropy(logits, logits));

/** An LSTM over the rows of a batch of MNIST images: the operation, and the same composed of smaller ones. */
const steps = 28, inputs = 28, units = 128;
const sequence = values(steps * rows, inputs), inputWeights = values(inputs, 4 * units);
const recurrentWeights = values(units, 4 * units);
const gateBias = parameters.run(() => tensor(new Float32Array(4 * units), { requiresGradient: true }));
const sizes = new Array<number>(steps).fill(rows);
const fused = (): Tensor => lstm(sequence, { inputWeights, recurrentWeights, bias: gateBias, sizes });
const composed = (): Tensor => {
  const states: Tensor[] = [];
  const sums = linear(sequence, inputWeights, { bias: gateBias });
  let cells: Tensor | undefined;
  for (let step = 0; step < steps; step++) {
    const fromInput = slice(sums, { start: step * rows, end: (step + 1) * rows });
    const all = step === 0 ? fromInput : add(fromInput, matmul(states[step - 1], recurrentWeights));
    const gate = (index: number): Tensor => slice(all, { axis: 1, start: index * units, end: (index + 1) * units });
    const written = multiply(sigmoid(gate(0)), tanh(gate(2)));
    cells = cells === undefined ? written : add(multiply(sigmoid(gate(1)), cells), written);
    states.push(multiply(sigmoid(gate(3)), tanh(cells)));
  }
  return concatenate(states);
};
for (const [kind, run] of Object.entries({ "one operation": fused, "composed of operations": composed })) {
  const name = `LSTM of ${units} units, ${steps} steps of ${inputs}, batch ${rows}, ${kind}`;
  group(`${name}: forward`, run);
  group(`${name}: forward and backward`, () => {
    const tape = new Tape();
    tape.backward(tape.record(() => sum(run())));
  });
}

/** A block of a convolutional network: of the pixels, and of a layer of 32 channels. */
const blocks = [{ side: 28, channels: 1, outputs: 32 }, { side: 14, channels: 32, outputs: 64 }];
for (const { side, channels, outputs } of blocks) {
  const variable = (shape: readonly number[]): Tensor => {
    const size = shape.reduce((a, b) => a * b);
    return parameters.run(() => tensor(values(1, size).data, { shape, requiresGradient: true }));
  };
  const images = variable([32, side, side, channels]), kernel = variable([3, 3, channels, outputs]);
  const gain = variable([outputs]), kernelBias = variable([outputs]), shift = variable([outputs]);
  const moments = { mean: new Float32Array(outputs), variance: new Float32Array(outputs) };
  const convolve = (): Tensor => conv2d(images, kernel, { bias: kernelBias, padding: "same" });
  const block = (): Tensor =>
    maxPool(batchNorm(convolve(), { gain, bias: shift, moments, training: true }), { size: 2 });
  const name = `32×${side}×${side}×${channels} to ${outputs} channels`;
  for (const [kind, run] of Object.entries({ "conv2d": convolve, "conv2d, batchNorm, maxPool": block })) {
    group(`${kind}, ${name}: forward`, run);
    group(`${kind}, ${name}: forward and backward`, () => {
      const tape = new Tape();
      tape.backward(tape.record(() => sum(run())));
    });
  }
}
