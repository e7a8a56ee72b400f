/**
 * The matrix products of a training step and nothing else: what the step's time is measured against.
 *
 * @module
 */
import { kernels, type MatmulOptions, Region, useKernels } from "../mod.ts";
import { type Contestant, type Problem, productsOf, type Training } from "./problem.ts";

/** The products of a step, in the same order and layouts and over as much memory, with so many threads. */
export function gemm(threads: number): Contestant {
  return { name: "gemm", threads, prepare: (problem) => Promise.resolve(prepare(problem, threads)) };
}

function prepare(problem: Problem, threads: number): Training {
  const { widths, weights, batches, batchSize } = problem;
  const region = new Region();
  const filled = (length: number, values?: Float32Array): Float32Array => {
    const array = region.float32(length);
    if (values === undefined) array.fill(0.5);
    else array.set(values);
    return array;
  };
  const layers = weights.map((values) => ({ weights: filled(values.length, values), gradient: filled(values.length) }));
  const activations = widths.map((width, i) => filled(batchSize * width, i === 0 ? batches[0].features : undefined));
  const gradients = widths.map((width) => filled(batchSize * width));

  const calls = productsOf(problem).map(({ layer, kind }): () => void => {
    const [inputs, outputs] = widths.slice(layer, layer + 2);
    const multiply = (a: Float32Array, b: Float32Array, out: Float32Array, options: MatmulOptions): () => void => () =>
      kernels().matmul(a, b, out, options);
    switch (kind) {
      case "forward":
        return multiply(activations[layer], layers[layer].weights, activations[layer + 1], {
          rows: batchSize,
          columns: outputs,
          inner: inputs,
        });
      case "weights":
        return multiply(activations[layer], gradients[layer + 1], layers[layer].gradient, {
          rows: inputs,
          columns: outputs,
          inner: batchSize,
          transposeA: true,
        });
      case "inputs":
        return multiply(gradients[layer + 1], layers[layer].weights, gradients[layer], {
          rows: batchSize,
          columns: inputs,
          inner: outputs,
          transposeB: true,
        });
    }
  });

  return {
    activate() {
      useKernels({ threads });
      return Promise.resolve();
    },
    run(steps) {
      for (let i = 0; i < steps; i++) for (const call of calls) call();
      return Promise.resolve(NaN);
    },
    dispose: () => region.dispose(),
  };
}
