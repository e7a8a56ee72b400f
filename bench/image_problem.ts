/**
 * What the contestants train on images: the convolutional trainer network, blocks of two 3x3 convolutions, each with batch normalisation and ReLU, and 2x2
 * maximum pooling between the two; then a layer of logits, softmax and cross-entropy, stochastic gradient descent with momentum. All start from the same weights and see the
 * same batches.
 *
 * @module
 */
import { glorotUniform, hash32, heUniform } from "../mod.ts";
import { type Batch, batchCount } from "./problem.ts";

/** A convolution of a problem. */
export interface ConvolutionLayer {
  /** Channels that it reads. */
  readonly inputs: number;
  /** Channels that it gives. */
  readonly outputs: number;
  /** First weights, [3, 3, inputs, outputs]. */
  readonly weights: Float32Array<ArrayBuffer>;
}

/** A training task on images. */
export interface ImageProblem {
  /** Such as `28x28x1-16-32-10`. */
  readonly name: string;
  /** Size of an image. */
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  /** The convolutions of each block. */
  readonly blocks: readonly (readonly ConvolutionLayer[])[];
  /** Length of what the last block gives. */
  readonly flattened: number;
  /** Number of classes. */
  readonly classes: number;
  /** Images in a step. */
  readonly batchSize: number;
  /** Step size. */
  readonly learningRate: number;
  /** Part of the velocity that is kept. */
  readonly momentum: number;
  /** What is added to variances. */
  readonly epsilon: number;
  /** First weights of the last layer, [flattened, classes]. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** The batches, [batchSize, height, width, channels]; a training goes through them again and again. */
  readonly batches: readonly Batch[];
  /** Multiplications and additions in the convolutions and the last layer of a step, forward and backward. */
  readonly operations: number;
}

/** Makes a task from a text such as `28x28x1-16-32-10@64`: the image, the channels of the blocks, the classes, then the batch size. */
export function makeImageProblem(text: string): ImageProblem {
  const match = /^((\d+)x(\d+)x(\d+)((?:-\d+)+)-(\d+))@(\d+)$/.exec(text);
  if (match === null) {
    throw new RangeError(
      `--networks: "${text}" found, image, channels of blocks, classes and batch size such as 28x28x1-16-32-10@64 wanted`,
    );
  }
  const [height, width, channels, classes, batchSize] = [2, 3, 4, 6, 7].map((group) => Number(match[group]));
  let inputs = channels, rows = height, columns = width, operations = 0, seed = 0;
  const blocks = match[5].slice(1).split("-").map(Number).map((outputs) => {
    if (rows % 2 !== 0 || columns % 2 !== 0) {
      throw new RangeError(`--networks: "${text}" pools images of ${rows}x${columns}, even sides wanted`);
    }
    return [0, 1].map((position): ConvolutionLayer => {
      const weights = new Float32Array(9 * inputs * outputs);
      heUniform(weights, { inputs: 9 * inputs, outputs: 9 * outputs, seed: ++seed });
      // The gradient of the images is not needed.
      operations += (seed === 1 ? 4 : 6) * batchSize * rows * columns * weights.length;
      const layer = { inputs, outputs, weights };
      inputs = outputs;
      if (position === 0) {
        rows /= 2;
        columns /= 2;
      }
      return layer;
    });
  });
  const flattened = rows * columns * inputs, weights = new Float32Array(flattened * classes);
  glorotUniform(weights, { inputs: flattened, outputs: classes, seed: ++seed });
  operations += 6 * batchSize * weights.length;
  const batches = Array.from({ length: batchCount }, (_, batch): Batch => ({
    features: Float32Array.from(
      { length: batchSize * height * width * channels },
      (_, i) => (hash32(95, batch, i) & 255) / 255,
    ),
    labels: Int32Array.from({ length: batchSize }, (_, i) => hash32(96, batch, i) % classes),
  }));
  return {
    ...{ name: match[1], image: { height, width, channels }, blocks, flattened, classes, batchSize },
    ...{ learningRate: 0.001, momentum: 0.9, epsilon: 1e-5, weights, batches, operations },
  };
}
