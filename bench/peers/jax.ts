/**
 * jax-js as a contestant, on its WebAssembly backend, with the whole step under `jit`.
 *
 * Results that are read synchronously are computed on the main thread, results that are waited for by its workers. Their number cannot be chosen;
 * it is that of the processors that the platform reports when the package is loaded.
 *
 * @module
 */
import type * as Jax from "npm:@jax-js/jax@0.1.25";
import type { ImageProblem } from "../image_problem.ts";
import { type Contestant, oneHot, type Problem, type Training, type TrainingSettings } from "../problem.ts";

type Layer = Record<string, Jax.Array>;
type Step = (layers: Layer[], velocities: Layer[], features: Jax.Array, targets: Jax.Array) => StepResult;
type StepResult = [loss: Jax.Array, layers: Layer[], velocities: Layer[]];

/** A network at its start, the shape of a sample, and the logits of a batch. */
interface Network {
  readonly layers: Layer[];
  readonly sample: readonly number[];
  readonly classes: number;
  logits(layers: Layer[], features: Jax.Array): Jax.Array;
}

/** jax-js on the main thread alone, and on so many workers; where only one is wanted, there is no second contestant. */
export function jax(mostThreads: number): Promise<Contestant[]> {
  return contestants(mostThreads, denseNetwork);
}

/** The same, on images. */
export function jaxOnImages(mostThreads: number): Promise<Contestant<ImageProblem>[]> {
  return contestants(mostThreads, imageNetwork);
}

async function contestants<Task extends TrainingSettings>(
  mostThreads: number,
  network: (library: typeof Jax, problem: Task) => Network,
): Promise<Contestant<Task>[]> {
  Object.defineProperty(navigator, "hardwareConcurrency", { value: mostThreads, configurable: true });
  const library = await import("npm:@jax-js/jax@0.1.25");
  Reflect.deleteProperty(navigator, "hardwareConcurrency");
  await library.init("wasm");
  library.defaultDevice("wasm");
  return [...new Set([1, mostThreads])].map((threads) => ({
    name: "jax-js",
    threads,
    prepare: (problem) =>
      Promise.resolve(trainingOf(library, { problem, network: network(library, problem), threads })),
  }));
}

function denseNetwork({ nn, numpy: np }: typeof Jax, { widths, weights }: Problem): Network {
  return {
    layers: weights.map((values, layer): Layer => ({
      weights: np.array(values).reshape([widths[layer], widths[layer + 1]]),
      bias: np.zeros([widths[layer + 1]]),
    })),
    sample: [widths[0]],
    classes: widths[widths.length - 1],
    logits(layers, features) {
      let x = features;
      layers.forEach(({ weights, bias }, layer) => {
        x = np.dot(x, weights).add(bias);
        if (layer < layers.length - 1) x = nn.relu(x);
      });
      return x;
    },
  };
}

/** Images with their channels first, as this library convolves them. */
function imageNetwork({ lax, nn, numpy: np }: typeof Jax, problem: ImageProblem): Network {
  const { image, blocks, flattened, classes, weights, epsilon } = problem;
  const convolutions = blocks.flat().map(({ inputs, outputs, weights }): Layer => ({
    weights: np.array(weights).reshape([3, 3, inputs, outputs]).transpose([3, 2, 0, 1]),
    offsets: np.zeros([outputs, 1, 1]),
    gain: np.ones([outputs, 1, 1]),
    bias: np.zeros([outputs, 1, 1]),
  }));
  const last = { weights: np.array(weights).reshape([flattened, classes]), bias: np.zeros([classes]) };
  const normalize = (x: Jax.Array, { gain, bias }: Layer): Jax.Array => {
    const centred = x.ref.sub(np.mean(x, [0, 2, 3], { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
    return centred.mul(np.reciprocal(np.sqrt(variance.add(epsilon))).mul(gain)).add(bias);
  };
  return {
    layers: [...convolutions, last],
    sample: [image.height, image.width, image.channels],
    classes,
    logits(layers, features) {
      let x = np.transpose(features, [0, 3, 1, 2]), { height, width } = image;
      for (const [index, block] of blocks.entries()) {
        block.forEach(({ outputs }, position) => {
          const { weights, offsets, ...norm } = layers[index * block.length + position];
          x = nn.relu(normalize(lax.conv(x, weights, [1, 1], "SAME").add(offsets), norm));
          if (position > 0) return;
          height /= 2;
          width /= 2;
          x = np.max(x.reshape([-1, outputs, height, 2, width, 2]), [3, 5]);
        });
      }
      const { weights, bias } = layers[layers.length - 1];
      return np.dot(np.transpose(x, [0, 2, 3, 1]).reshape([-1, flattened]), weights).add(bias);
    },
  };
}

function trainingOf(
  library: typeof Jax,
  { problem, network, threads }: { problem: TrainingSettings; network: Network; threads: number },
): Training {
  const { blockUntilReady, numpy: np, tree } = library;
  const { batchSize } = problem, { sample, classes } = network;
  let { layers } = network;
  let velocities = tree.map((parameter: Jax.Array) => np.zeros(parameter.shape), tree.ref(layers)) as Layer[];
  const batches = problem.batches.map((batch) => ({
    features: np.array(batch.features).reshape([batchSize, ...sample]),
    targets: np.array(oneHot(batch, classes)).reshape([batchSize, classes]),
  }));
  const step = compile(library, problem, network);
  let count = 0;

  const dispatch = (): Jax.Array => {
    const { features, targets } = batches[count++ % batches.length];
    const [loss, newLayers, newVelocities] = step(layers, velocities, features.ref, targets.ref);
    [layers, velocities] = [newLayers, newVelocities];
    return loss;
  };

  return {
    async run(steps) {
      let loss = NaN;
      for (let i = 0; i < steps; i++) {
        const result = dispatch();
        if (threads === 1) loss = result.dataSync()[0];
        else {
          loss = (await result.data())[0];
          await blockUntilReady([layers, velocities]);
        }
      }
      return loss;
    },
    dispose() {
      tree.dispose([layers, velocities, batches]);
      step.dispose();
    },
  };
}

/** The whole step as one compiled function. Functions own their arguments; `ref` keeps one for a further use. */
function compile(
  { jit, nn, tree, valueAndGrad }: typeof Jax,
  { batchSize, learningRate, momentum }: TrainingSettings,
  { logits }: Network,
): Jax.OwnedFunction<Step> {
  const lossOf = (layers: Layer[], features: Jax.Array, targets: Jax.Array): Jax.Array =>
    nn.logSoftmax(logits(layers, features)).mul(targets).sum().mul(-1 / batchSize);
  const step: Step = (layers, velocities, features, targets) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(layers), features, targets);
    const newVelocities = tree.map(
      (velocity: Jax.Array, gradient: Jax.Array) => velocity.mul(momentum).add(gradient),
      velocities,
      gradients,
    ) as Layer[];
    const newLayers = tree.map(
      (parameter: Jax.Array, velocity: Jax.Array) => parameter.sub(velocity.mul(learningRate)),
      layers,
      tree.ref(newVelocities),
    ) as Layer[];
    return [loss, newLayers, newVelocities];
  };
  return jit(step) as Jax.OwnedFunction<Step>;
}
