/**
 * TensorFlow.js as a contestant, on its CPU backend (plain JavaScript) and on its WebAssembly backend (XNNPACK with SIMD). Both run on one thread:
 * the WebAssembly backend has a threaded build but loads it in browsers only.
 *
 * @module
 */
import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
import "npm:@tensorflow/tfjs-backend-cpu@4.22.0";
import "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
// Its bundle registers the gradients, which the core's bundle leaves out.
import "npm:@tensorflow/tfjs-layers@4.22.0";
import type { ImageProblem } from "../image_problem.ts";
import { type Contestant, oneHot, type Problem, type Training, type TrainingSettings } from "../problem.ts";

type Backend = "cpu" | "wasm";

/** TensorFlow.js on one of its backends. */
export function tfjs(backend: Backend): Contestant {
  return contestant(backend, prepareDense);
}

/** TensorFlow.js on one of its backends, on images. */
export function tfjsOnImages(backend: Backend): Contestant<ImageProblem> {
  return contestant(backend, prepareImages);
}

/** What a training needs beside its batches: the shape of a sample, and the logits of a batch. */
interface Network {
  readonly sample: readonly number[];
  readonly classes: number;
  logits(features: tf.Tensor): tf.Tensor;
}

function contestant<Task extends TrainingSettings>(
  backend: Backend,
  network: (problem: Task) => Network,
): Contestant<Task> {
  tf.enableProdMode();
  const prepare = async (problem: Task): Promise<Training> => {
    await useBackend(backend);
    return trainingOf(problem, network(problem), backend);
  };
  return { name: `tfjs-${backend}`, threads: 1, prepare };
}

async function useBackend(backend: Backend): Promise<void> {
  if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
  if (backend === "wasm" && !await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) {
    throw new Error("TensorFlow.js finds no WebAssembly SIMD here");
  }
}

function prepareDense({ widths, weights }: Problem): Network {
  const layers = weights.map((values, layer) => ({
    weights: tf.variable(tf.tensor2d(values, [widths[layer], widths[layer + 1]])),
    bias: tf.variable(tf.zeros<tf.Rank.R1>([widths[layer + 1]])),
  }));
  return {
    sample: [widths[0]],
    classes: widths[widths.length - 1],
    logits(features) {
      let x = features;
      layers.forEach(({ weights, bias }, layer) => {
        const activation = layer < layers.length - 1 ? "relu" : "linear";
        x = tf.fused.matMul({ a: x, b: weights, bias, activation });
      });
      return x;
    },
  };
}

function prepareImages({ image, blocks, flattened, classes, weights, epsilon }: ImageProblem): Network {
  const parameter = (size: number, value: number): tf.Variable => tf.variable(tf.fill([size], value));
  const layers = blocks.map((block) =>
    block.map(({ inputs, outputs, weights }) => ({
      weights: tf.variable(tf.tensor4d(weights, [3, 3, inputs, outputs])),
      offsets: parameter(outputs, 0),
      gain: parameter(outputs, 1),
      bias: parameter(outputs, 0),
    }))
  );
  const last = { weights: tf.variable(tf.tensor2d(weights, [flattened, classes])), bias: parameter(classes, 0) };
  return {
    sample: [image.height, image.width, image.channels],
    classes,
    logits(features) {
      let x = features as tf.Tensor4D;
      for (const block of layers) {
        for (const [position, { weights, offsets, gain, bias }] of block.entries()) {
          const convolved = tf.add<tf.Tensor4D>(convolve(x, weights as tf.Tensor<tf.Rank.R4>), offsets);
          const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
          const factors = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), gain);
          x = tf.relu(tf.add<tf.Tensor4D>(tf.mul(tf.sub(convolved, mean), factors), bias));
          if (position === 0) x = tf.maxPool(x, 2, 2, "valid");
        }
      }
      return tf.add(tf.matMul(tf.reshape(x, [-1, flattened]), last.weights as tf.Tensor<tf.Rank.R2>), last.bias);
    },
  };
}

/**
 * A 3x3 convolution whose gradients are convolutions as well. The WebAssembly backend has no gradient of a convolution's weights of its own; as one over the
 * transposed batch it runs on the same fast code as the convolution, and so does the gradient of the images.
 */
const convolve = tf.customGrad((...inputs) => {
  const [x, weights, save] = inputs as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
  save([x, weights]);
  return {
    value: tf.conv2d(x, weights, 1, "same"),
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, weights] = saved as tf.Tensor4D[], upstream = gradient as tf.Tensor4D;
      const flipped = tf.transpose(tf.reverse(weights, [0, 1]), [0, 1, 3, 2]);
      const channels = tf.transpose(x, [3, 1, 2, 0]), kernel = tf.transpose(upstream, [1, 2, 0, 3]);
      return [
        tf.conv2d(upstream, flipped, 1, "same"),
        tf.transpose(tf.conv2d(channels, kernel, 1, 1), [1, 2, 0, 3]),
      ];
    },
  };
}) as (x: tf.Tensor4D, weights: tf.Tensor4D) => tf.Tensor4D;

function trainingOf(problem: TrainingSettings, { sample, classes, logits }: Network, backend: Backend): Training {
  const { batchSize, learningRate, momentum } = problem;
  const batches = problem.batches.map((batch) => ({
    features: tf.tensor(batch.features, [batchSize, ...sample]),
    targets: tf.tensor2d(oneHot(batch, classes), [batchSize, classes]),
  }));
  const optimizer = tf.train.momentum(learningRate, momentum);
  let count = 0;

  const step = (): number => {
    const { features, targets } = batches[count++ % batches.length];
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(targets, logits(features)),
      true,
    )!;
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  };

  return {
    activate: () => useBackend(backend),
    run(steps) {
      let loss = NaN;
      for (let i = 0; i < steps; i++) loss = step();
      return Promise.resolve(loss);
    },
    dispose() {
      tf.disposeVariables();
      tf.dispose(batches);
      optimizer.dispose();
    },
  };
}
