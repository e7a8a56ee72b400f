/**
 * This library as a contestant: layers, tape and optimiser as the fitting loop uses them, one region a step.
 *
 * @module
 */
import {
  BatchNorm,
  Conv2d,
  crossEntropy,
  Dense,
  Flatten,
  type Initializer,
  MaxPool,
  type Module,
  Region,
  Sequential,
  Sgd,
  Tape,
  tensor,
  ToImages,
  useKernels,
} from "../mod.ts";
import type { ImageProblem } from "./image_problem.ts";
import type { Contestant, Problem, Training, TrainingSettings } from "./problem.ts";

/** This library with so many threads. */
export function ours(threads: number): Contestant {
  return { name: "ours", threads, prepare: (problem) => Promise.resolve(trainingOf(problem, denseLayers, threads)) };
}

/** This library with so many threads, on images. */
export function oursOnImages(threads: number): Contestant<ImageProblem> {
  return { name: "ours", threads, prepare: (problem) => Promise.resolve(trainingOf(problem, imageLayers, threads)) };
}

const from = (values: Float32Array): Initializer => (target) => target.set(values);

function denseLayers({ widths, weights }: Problem): Module[] {
  return weights.map((values, layer) =>
    new Dense({
      inputs: widths[layer],
      outputs: widths[layer + 1],
      relu: layer < weights.length - 1,
      seed: 0,
      initializer: from(values),
    })
  );
}

function imageLayers({ image, blocks, epsilon, flattened, classes, weights }: ImageProblem): Module[] {
  return [
    new ToImages(image),
    ...blocks.flatMap((block) =>
      block.flatMap(({ inputs, outputs, weights }, position) => [
        new Conv2d({ inputs, outputs, kernel: 3, padding: "same", seed: 0, initializer: from(weights) }),
        new BatchNorm({ channels: outputs, relu: true, epsilon }),
        ...position === 0 ? [new MaxPool({ size: 2 })] : [],
      ])
    ),
    new Flatten(),
    new Dense({ inputs: flattened, outputs: classes, seed: 0, initializer: from(weights) }),
  ];
}

function trainingOf<Task extends TrainingSettings>(
  problem: Task,
  layers: (problem: Task) => Module[],
  threads: number,
): Training {
  const { batches, batchSize, learningRate, momentum } = problem;
  const region = new Region(), stepRegion = new Region();
  const { model, optimizer, inputs } = region.run(() => {
    const model = new Sequential(layers(problem));
    return {
      model,
      optimizer: new Sgd(model.parameters, { learningRate, momentum }),
      inputs: batches.map(({ features }) => tensor(features, { shape: [batchSize, features.length / batchSize] })),
    };
  });
  let count = 0;

  const step = (): number => {
    const index = count++ % batches.length;
    const tape = new Tape(), context = { training: true, step: count };
    const loss = tape.record(() => crossEntropy(model.forward(inputs[index], context), batches[index].labels));
    tape.backward(loss);
    optimizer.step();
    return loss.item();
  };

  return {
    activate() {
      useKernels({ threads });
      return Promise.resolve();
    },
    run(steps) {
      let loss = NaN;
      for (let i = 0; i < steps; i++) {
        loss = stepRegion.run(step);
        stepRegion.reset();
      }
      return Promise.resolve(loss);
    },
    dispose() {
      region.dispose();
      stepRegion.dispose();
    },
  };
}
