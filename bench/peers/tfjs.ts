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
import { type Contestant, oneHot, type Problem, type Training } from "../problem.ts";

/** TensorFlow.js on one of its backends. */
export function tfjs(backend: "cpu" | "wasm"): Contestant {
  tf.enableProdMode();
  return { name: `tfjs-${backend}`, threads: 1, prepare: (problem) => prepare(problem, backend) };
}

async function prepare(problem: Problem, backend: string): Promise<Training> {
  const activate = async (): Promise<void> => {
    if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
    if (backend === "wasm" && !await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) {
      throw new Error("TensorFlow.js finds no WebAssembly SIMD here");
    }
  };
  await activate();
  const { widths, weights, batchSize, learningRate, momentum } = problem;
  const classes = widths[widths.length - 1];
  const layers = weights.map((values, layer) => ({
    weights: tf.variable(tf.tensor2d(values, [widths[layer], widths[layer + 1]])),
    bias: tf.variable(tf.zeros<tf.Rank.R1>([widths[layer + 1]])),
  }));
  const batches = problem.batches.map((batch) => ({
    features: tf.tensor2d(batch.features, [batchSize, widths[0]]),
    targets: tf.tensor2d(oneHot(batch, classes), [batchSize, classes]),
  }));
  const optimizer = tf.train.momentum(learningRate, momentum);
  let count = 0;

  const step = (): number => {
    const { features, targets } = batches[count++ % batches.length];
    const loss = optimizer.minimize(() => {
      let x: tf.Tensor = features;
      layers.forEach(({ weights, bias }, layer) => {
        x = tf.fused.matMul({ a: x, b: weights, bias, activation: layer < layers.length - 1 ? "relu" : "linear" });
      });
      return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(targets, x);
    }, true)!;
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  };

  return {
    activate,
    run(steps) {
      let loss = NaN;
      for (let i = 0; i < steps; i++) loss = step();
      return Promise.resolve(loss);
    },
    dispose() {
      tf.dispose([layers, batches]);
      optimizer.dispose();
    },
  };
}
