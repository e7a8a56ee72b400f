/**
 * jax-js as a contestant, on its WebAssembly backend, with the whole step under `jit`.
 *
 * Results that are read synchronously are computed on the main thread, results that are waited for by its workers. Their number cannot be chosen;
 * it is that of the processors that the platform reports when the package is loaded.
 *
 * @module
 */
import type * as Jax from "npm:@jax-js/jax@0.1.25";
import { type Contestant, oneHot, type Problem, type Training } from "../problem.ts";

type Layer = { weights: Jax.Array; bias: Jax.Array };
type Step = (layers: Layer[], velocities: Layer[], features: Jax.Array, targets: Jax.Array) => StepResult;
type StepResult = [loss: Jax.Array, layers: Layer[], velocities: Layer[]];

/** jax-js on the main thread alone, and on so many workers; where only one is wanted, there is no second contestant. */
export async function jax(mostThreads: number): Promise<Contestant[]> {
  Object.defineProperty(navigator, "hardwareConcurrency", { value: mostThreads, configurable: true });
  const library = await import("npm:@jax-js/jax@0.1.25");
  Reflect.deleteProperty(navigator, "hardwareConcurrency");
  await library.init("wasm");
  library.defaultDevice("wasm");
  return [...new Set([1, mostThreads])].map((threads) => ({
    name: "jax-js",
    threads,
    prepare: (problem) => Promise.resolve(prepare(library, problem, threads)),
  }));
}

function prepare(library: typeof Jax, problem: Problem, threads: number): Training {
  const { blockUntilReady, numpy: np, tree } = library;
  const { widths, batchSize } = problem;
  const classes = widths[widths.length - 1];
  let layers = problem.weights.map((values, layer): Layer => ({
    weights: np.array(values).reshape([widths[layer], widths[layer + 1]]),
    bias: np.zeros([widths[layer + 1]]),
  }));
  let velocities = layers.map(({ weights, bias }): Layer => ({
    weights: np.zeros(weights.shape),
    bias: np.zeros(bias.shape),
  }));
  const batches = problem.batches.map((batch) => ({
    features: np.array(batch.features).reshape([batchSize, widths[0]]),
    targets: np.array(oneHot(batch, classes)).reshape([batchSize, classes]),
  }));
  const step = compile(library, problem);
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
function compile(library: typeof Jax, { batchSize, learningRate, momentum }: Problem): Jax.OwnedFunction<Step> {
  const { jit, nn, numpy: np, tree, valueAndGrad } = library;
  const lossOf = (layers: Layer[], features: Jax.Array, targets: Jax.Array): Jax.Array => {
    let x = features;
    layers.forEach(({ weights, bias }, layer) => {
      x = np.dot(x, weights).add(bias);
      if (layer < layers.length - 1) x = nn.relu(x);
    });
    return nn.logSoftmax(x).mul(targets).sum().mul(-1 / batchSize);
  };
  const step: Step = (layers, velocities, features, targets) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(layers), features, targets);
    const newVelocities = velocities.map(({ weights, bias }, layer): Layer => ({
      weights: weights.mul(momentum).add(gradients[layer].weights),
      bias: bias.mul(momentum).add(gradients[layer].bias),
    }));
    const newLayers = layers.map(({ weights, bias }, layer): Layer => ({
      weights: weights.sub(newVelocities[layer].weights.ref.mul(learningRate)),
      bias: bias.sub(newVelocities[layer].bias.ref.mul(learningRate)),
    }));
    return [loss, newLayers, newVelocities];
  };
  return jit(step) as Jax.OwnedFunction<Step>;
}
