/**
 * The gradient rule of every operation, by its name.
 *
 * @module
 */
import type { GradientRule } from "./record.ts";
import { absGradient } from "./ops/abs.ts";
import { addGradient } from "./ops/add.ts";
import { averagePoolGradient } from "./ops/averagePool.ts";
import { batchNormGradient } from "./ops/batchNorm.ts";
import { concatenateGradient } from "./ops/concatenate.ts";
import { conv2dGradient } from "./ops/conv2d.ts";
import { crossEntropyGradient } from "./ops/crossEntropy.ts";
import { divideGradient } from "./ops/divide.ts";
import { dropoutGradient } from "./ops/dropout.ts";
import { expGradient } from "./ops/exp.ts";
import { gatherGradient } from "./ops/gather.ts";
import { gatherMeanGradient } from "./ops/gatherMean.ts";
import { gatherSumGradient } from "./ops/gatherSum.ts";
import { linearGradient } from "./ops/linear.ts";
import { logGradient } from "./ops/log.ts";
import { logSoftmaxGradient } from "./ops/logSoftmax.ts";
import { lstmGradient } from "./ops/lstm.ts";
import { matmulGradient } from "./ops/matmul.ts";
import { maxGradient } from "./ops/max.ts";
import { maxPoolGradient } from "./ops/maxPool.ts";
import { meanGradient } from "./ops/mean.ts";
import { multiplyGradient } from "./ops/multiply.ts";
import { negateGradient } from "./ops/negate.ts";
import { quantizeGradient } from "./ops/quantize.ts";
import { reluGradient } from "./ops/relu.ts";
import { reshapeGradient } from "./ops/reshape.ts";
import { scaleGradient } from "./ops/scale.ts";
import { sigmoidGradient } from "./ops/sigmoid.ts";
import { signGradient } from "./ops/sign.ts";
import { sliceGradient } from "./ops/slice.ts";
import { softCrossEntropyGradient } from "./ops/softCrossEntropy.ts";
import { softmaxGradient } from "./ops/softmax.ts";
import { sqrtGradient } from "./ops/sqrt.ts";
import { squareGradient } from "./ops/square.ts";
import { subtractGradient } from "./ops/subtract.ts";
import { sumGradient } from "./ops/sum.ts";
import { tanhGradient } from "./ops/tanh.ts";
import { transposeGradient } from "./ops/transpose.ts";

/** The gradient rule of every operation, by its name. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  abs: absGradient,
  add: addGradient,
  averagePool: averagePoolGradient,
  batchNorm: batchNormGradient,
  concatenate: concatenateGradient,
  conv2d: conv2dGradient,
  crossEntropy: crossEntropyGradient,
  divide: divideGradient,
  dropout: dropoutGradient,
  exp: expGradient,
  gather: gatherGradient,
  gatherMean: gatherMeanGradient,
  gatherSum: gatherSumGradient,
  linear: linearGradient,
  log: logGradient,
  logSoftmax: logSoftmaxGradient,
  lstm: lstmGradient,
  matmul: matmulGradient,
  max: maxGradient,
  maxPool: maxPoolGradient,
  mean: meanGradient,
  multiply: multiplyGradient,
  negate: negateGradient,
  quantize: quantizeGradient,
  relu: reluGradient,
  reshape: reshapeGradient,
  scale: scaleGradient,
  sigmoid: sigmoidGradient,
  sign: signGradient,
  slice: sliceGradient,
  softCrossEntropy: softCrossEntropyGradient,
  softmax: softmaxGradient,
  sqrt: sqrtGradient,
  square: squareGradient,
  subtract: subtractGradient,
  sum: sumGradient,
  tanh: tanhGradient,
  transpose: transposeGradient,
};
