/**
 * The gradient rule of every operation, by its name.
 *
 * @module
 */
import type { GradientRule } from "./record.ts";
import { batchNormGradient } from "./ops/batchNorm.ts";
import { conv2dGradient } from "./ops/conv2d.ts";
import { dropoutGradient, elementwiseGradients } from "./ops/elementwise.ts";
import { addGradient, divideGradient, multiplyGradient, scaleGradient, subtractGradient } from "./ops/arithmetic.ts";
import { concatenateGradient, reshapeGradient, sliceGradient, transposeGradient } from "./ops/layout.ts";
import { crossEntropyGradient, logSoftmaxGradient, softCrossEntropyGradient, softmaxGradient } from "./ops/softmax.ts";
import { gatherGradient, gatherListsGradient } from "./ops/gather.ts";
import { linearGradient, matmulGradient } from "./ops/matmul.ts";
import { lstmGradient } from "./ops/lstm.ts";
import { averagePoolGradient, maxPoolGradient } from "./ops/pool.ts";
import { maxGradient, meanGradient, sumGradient } from "./ops/reductions.ts";
import { quantizeGradient } from "./ops/quantize.ts";

/** The gradient rule of every operation, by its name. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseGradients,
  add: addGradient,
  averagePool: averagePoolGradient,
  batchNorm: batchNormGradient,
  concatenate: concatenateGradient,
  conv2d: conv2dGradient,
  crossEntropy: crossEntropyGradient,
  divide: divideGradient,
  dropout: dropoutGradient,
  gather: gatherGradient,
  gatherMean: gatherListsGradient,
  gatherSum: gatherListsGradient,
  linear: linearGradient,
  logSoftmax: logSoftmaxGradient,
  lstm: lstmGradient,
  matmul: matmulGradient,
  max: maxGradient,
  maxPool: maxPoolGradient,
  mean: meanGradient,
  multiply: multiplyGradient,
  quantize: quantizeGradient,
  reshape: reshapeGradient,
  scale: scaleGradient,
  slice: sliceGradient,
  softCrossEntropy: softCrossEntropyGradient,
  softmax: softmaxGradient,
  subtract: subtractGradient,
  sum: sumGradient,
  transpose: transposeGradient,
};
