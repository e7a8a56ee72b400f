/**
 * This library as a contestant: layers, tape and optimiser as the fitting loop uses them, one region a step.
 *
 * @module
 */
import { crossEntropy, Dense, Region, Sequential, Sgd, Tape, tensor, useKernels } from "../mod.ts";
import type { Contestant, Problem, Training } from "./problem.ts";

/** This library with so many threads. */
export function ours(threads: number): Contestant {
  return { name: "ours", threads, prepare: (problem) => Promise.resolve(prepare(problem, threads)) };
}

function prepare(problem: Problem, threads: number): Training {
  const { widths, weights, batches, batchSize, learningRate, momentum } = problem;
  const region = new Region(), stepRegion = new Region();
  const { model, optimizer, inputs } = region.run(() => {
    const layers = weights.map((values, layer) =>
      new Dense({
        inputs: widths[layer],
        outputs: widths[layer + 1],
        relu: layer < weights.length - 1,
        seed: 0,
        initializer: (target) => target.set(values),
      })
    );
    const model = new Sequential(layers);
    return {
      model,
      optimizer: new Sgd(model.parameters, { learningRate, momentum }),
      inputs: batches.map(({ features }) => tensor(features, { shape: [batchSize, widths[0]] })),
    };
  });
  let count = 0;

  const step = (): number => {
    const index = count++ % batches.length;
    const tape = new Tape();
    const loss = tape.record(() => crossEntropy(model.forward(inputs[index]), batches[index].labels));
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
